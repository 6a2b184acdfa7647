import { expect, test } from 'vitest';
import { KeptResults } from '../../../gates/engines/kept-results.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import { FileStates } from '../../../src/system/file-states.ts';
import { runGate } from '../../rig/gate.ts';
import { makeProject } from '../../rig/project.ts';

const PLUGIN = `const rule = { create: () => ({}) };
export default { meta: { name: 'eslint-plugin-jest' }, rules: { 'valid-mock-module-path': rule, 'no-focused-tests': rule } };
`;

test.each([['no-focused-tests', []], ['valid-mock-module-path', ['tree']]])('%s: what a thread has found may have to be forgotten by any change', async (rule, expected) => {
  await using project = await makeProject({
    'package.json': '{ "type": "module" }', 'node_modules/eslint-plugin-jest/package.json': '{ "type": "module", "exports": "./index.js" }', 'node_modules/eslint-plugin-jest/index.js': PLUGIN,
    'eslint.config.js': `import jest from 'eslint-plugin-jest';\nexport default [{ files: ['src/*.js'], plugins: { jest }, rules: { 'jest/${rule}': 'error' } }];\n`,
    'src/beds.js': 'export const beds = 3;\n',
  }, { packages: { eslint: 'eslint' } });
  const guarded: string[] = [];
  const thread = { guard: (name: string) => { guarded.push(name); }, watch: () => undefined };
  await runGate(project, 'lint_enforcement', { warm: { lane: new Map(), kept: { run: 1, tree: { settings: '', all: '' }, files: new FileStates(), thread } } });
  expect(guarded.filter((name) => name === 'tree')).toEqual(expected);
});

test('a run that looks at a few files forgets nothing of the others, and only what is gone', async () => {
  await using project = await makeProject({ 'a.js': '', 'b.js': '', 'c.js': '' });
  const lane = new Map<string, unknown>();
  const files = new FileStates();
  const look = (there: readonly string[], ...asked: string[]): string[] => {
    const context = { lane, kept: { files }, workspace: { root: project.root, files: there } } as unknown as RunContext;
    const results = new KeptResults<string>(context, 'test', '');
    const lookedAt: string[] = [];
    for (const file of asked) results.of(file, () => String(lookedAt.push(file)));
    return lookedAt;
  };
  const all = ['a.js', 'b.js', 'c.js'];
  expect(look(all, ...all)).toEqual(all);
  expect(look(all, 'b.js')).toEqual([]);
  expect(look(['a.js', 'b.js'], 'a.js')).toEqual([]);
  expect(look(all, ...all)).toEqual(['c.js']);
});
