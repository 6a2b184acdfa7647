import { expect, test } from 'vitest';
import { makeProject } from '../../../rig/project.ts';
import { rounds } from '../../../rig/rounds.ts';
import { chooseSeed, seededRandom } from '../../../rig/seeded-random.ts';
import { RandomModules } from './random-modules.ts';
import { LIB, OPTIONS, Watch } from './watch-types.ts';

const EDITS = rounds(60, 2_000);

test('modules that take anything from each other in any way: after each edit the same diagnostics and the same types as anew', async () => {
  // Not a fresh one: in one edit of some thousands the compiler meets a circle of names, of which it says what depends on where it begins, or in which it overflows.
  const seed = chooseSeed(14);
  const modules = new RandomModules(seededRandom(seed), 6);
  await using project = await makeProject({ 'package.json': '{ "type": "module" }', 'tsconfig.json': JSON.stringify({ compilerOptions: OPTIONS, include: ['src'] }), 'src/lib.d.ts': LIB, ...modules.files });
  const watch = new Watch(project);
  watch.look(`seed ${String(seed)}`);
  for (let edit = 1; edit <= EDITS; edit++) {
    const { file, text } = modules.edit();
    await project.write({ [file]: text });
    watch.look(`seed ${String(seed)}, edit ${String(edit)} of ${file}`);
  }
  // Else nothing was kept, and nothing has been tried.
  expect(watch.unaffected).toBeGreaterThan(EDITS);
}, 300_000 + EDITS * 1_000);
