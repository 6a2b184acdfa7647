import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { KeptRuns } from '../../src/runner/kept-runs.ts';
import { prepareRun, type PrepareResult, type RunRequest } from '../../src/runner/index.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { rounds } from '../rig/rounds.ts';
import { chooseSeed, seededRandom } from '../rig/seeded-random.ts';

const EDITS = rounds(12, 500);

const FILES = {
  'package.json': JSON.stringify({ name: 'shop', private: true, type: 'module', workspaces: ['packages/*'], scripts: { test: 'node --test' } }),
  'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { '@lib/*': ['./src/lib/*'] } }, include: ['src', 'packages'] }),
  'eslint.config.js': 'export default [];\n',
  'src/index.ts': "import { one } from './one.ts';\nimport { two } from '@lib/two';\nimport { kit } from '@shop/kit';\nexport const all = [one, two, kit];\n",
  'src/one.ts': 'export const one = 1;\n',
  'src/lib/two.ts': "import missing from './missing.ts';\nexport const two = missing;\n",
  'src/lib/three.ts': "export const three = await import('./two.ts');\n",
  'packages/kit/package.json': JSON.stringify({ name: '@shop/kit', exports: './src/kit.ts' }),
  'packages/kit/src/kit.ts': "export * from './deep.ts';\n",
  'packages/kit/src/deep.ts': 'export const kit = 3;\n',
  'test/one.test.ts': "import '../src/one.ts';\n",
  'README.md': '# Shop\n',
};

/** Everything of a preparation that can be compared, the graph included. */
function shapeOf(result: PrepareResult): unknown {
  if (!result.ok) return result;
  const { edges, runtimeEdges, unresolved, open, starters, effects } = result.prepared.graph();
  return { ...result.prepared, graph: { edges, runtimeEdges, unresolved, open: [...open].sort(), starters: [...starters].sort(), effects: [...effects] } };
}

type Edit = (project: Project, pick: (count: number) => number) => Promise<string>;

const sources = Object.keys(FILES).filter((file) => file.endsWith('.ts'));

async function textOf(project: Project, file: string): Promise<string> {
  return readFile(path.join(project.root, file), 'utf8').catch(() => '');
}

const EDIT_KINDS: readonly Edit[] = [
  async (project, pick) => {
    const file = sources[pick(sources.length)] ?? '';
    await project.write({ [file]: `${await textOf(project, file)}// ${pick(1e6)}\n` });
    return `a comment in ${file}`;
  },
  async (project, pick) => {
    const [file = '', other = ''] = [sources[pick(sources.length)], sources[pick(sources.length)]];
    const to = path.posix.relative(path.posix.dirname(file), other);
    await project.write({ [file]: `import '${to.startsWith('.') ? to : `./${to}`}';\n${await textOf(project, file)}` });
    return `${file} imports ${other}`;
  },
  async (project, pick) => {
    const file = sources[pick(sources.length)] ?? '';
    const before = await textOf(project, file);
    // The same length, and written at once: nothing but the content tells.
    await project.write({ [file]: before.replaceAll('one', 'eno') });
    await project.write({ [file]: before.replaceAll('one', 'neo') });
    return `letters of ${file}`;
  },
  async (project, pick) => {
    const file = `src/new-${pick(5)}.ts`;
    await project.write({ [file]: "import './one.ts';\n" });
    return `new ${file}`;
  },
  async (project, pick) => {
    const file = sources[pick(sources.length)] ?? '';
    if (await textOf(project, file) !== '') await project.remove(file);
    return `${file} is gone`;
  },
  async (project, pick) => {
    const file = sources[pick(sources.length)] ?? '';
    if (await textOf(project, file) !== '') await rename(path.join(project.root, file), path.join(project.root, `src/moved-${pick(3)}.ts`));
    return `${file} is moved`;
  },
  async (project, pick) => {
    await project.write({ 'src/lib/missing.ts': `export default ${pick(9)};\n` });
    return 'what was missing is there';
  },
  async (project, pick) => {
    await project.write({ 'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { '@lib/*': [pick(2) === 0 ? './src/lib/*' : './packages/kit/src/*'] } }, include: pick(2) === 0 ? ['src'] : ['src', 'packages'] }) });
    return 'paths of tsconfig.json';
  },
  async (project, pick) => {
    await project.write({ 'packages/kit/package.json': JSON.stringify({ name: pick(2) === 0 ? '@shop/kit' : '@shop/tools', exports: pick(2) === 0 ? './src/kit.ts' : './src/deep.ts' }) });
    return 'packages/kit/package.json';
  },
  async (project, pick) => {
    await project.write({ [`node_modules/dep-${pick(2)}/package.json`]: '{ "name": "dep", "main": "index.js" }', [`node_modules/dep-${pick(2)}/index.js`]: '' });
    return 'an installed package';
  },
  async (project, pick) => {
    await project.write({ 'spark-gates.config.mjs': `export default { ${pick(2) === 0 ? "exclude: ['test/**']" : "teams: { kit: 'packages/**' }"} };\n` });
    return 'the configuration';
  },
  async (project) => {
    await project.git('add', '--all');
    await project.git('commit', '--quiet', '--allow-empty', '--message', 'More');
    return 'a commit';
  },
  async (project, pick) => {
    await project.write({ '.gitignore': `node_modules/\n${pick(2) === 0 ? 'src/new-*\n' : ''}` });
    return '.gitignore';
  },
];

test('what a host prepares is what anybody would, after any edits', async () => {
  const seed = chooseSeed();
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const pick = (count: number): number => Math.floor(random() * count);
  await using project = await makeProject(FILES, { git: true });
  const kept = new KeptRuns();
  const requests: readonly Partial<RunRequest>[] = [{}, { gates: ['syntax_validation'] }, { scope: { kind: 'changed' } }];
  const done: string[] = [];
  for (let edit = 0; edit < EDITS; edit += 1) {
    const request: RunRequest = { cwd: project.root, config: null, preset: null, teams: null, paths: [], gates: null, environment: systemTestEnvironment(), ...requests[pick(requests.length)] };
    const [mine, fresh] = [shapeOf(await kept.prepare(request)), shapeOf(await prepareRun(request))];
    expect({ seed, done, mine }).toEqual({ seed, done, mine: fresh });
    done.push(await EDIT_KINDS[pick(EDIT_KINDS.length)]?.(project, pick) ?? '');
  }
  await kept.close();
}, 300_000 + EDITS * 2_000);
