import { describe, expect, test } from 'vitest';
import { prepareRun, type PreparedRun, type RunRequest } from '../../src/runner/index.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';

const FILES = {
  'package.json': '{ "name": "shop", "private": true, "type": "module" }\n',
  'tsconfig.json': '{ "extends": "./base.json", "include": ["src"] }\n',
  'base.json': '{ "compilerOptions": { "strict": true } }\n',
  'src/page.ts': "import './list.ts';\nexport {};\n",
  'src/list.ts': "import './price.ts';\nexport {};\n",
  'src/price.ts': 'export const price = 1;\n',
  'src/alone.ts': 'export {};\n',
  'src/globals.d.ts': 'declare const VERSION: string;\n',
  'src/more.ts': "declare module './price.ts' { export const tax: number; }\nimport './alone.ts';\n",
  'README.md': '# Shop\n',
};

async function prepare(project: Project, request: Partial<RunRequest>): Promise<PreparedRun | string> {
  const result = await prepareRun({ cwd: project.root, config: null, preset: null, teams: null, paths: [], gates: null, environment: systemTestEnvironment(), ...request });
  return result.ok ? result.prepared : result.problem;
}

async function filesOf(project: Project, ...files: string[]): Promise<readonly string[] | string> {
  const prepared = await prepare(project, { scope: { kind: 'files', files } });
  return typeof prepared === 'string' ? prepared : prepared.teams.flatMap((team) => team.files);
}

const ALL = ['.gitignore', ...Object.keys(FILES)].sort();

describe('files', () => {
  test.each([
    [['src/list.ts'], ['src/list.ts', 'src/page.ts']],
    [['src/page.ts', 'README.md'], ['README.md', 'src/page.ts']],
    // Who augments price.ts acts on all that import it.
    [['src/alone.ts'], ['src/alone.ts', 'src/list.ts', 'src/more.ts', 'src/page.ts', 'src/price.ts']],
    [['src/globals.d.ts'], ALL],
    [['base.json'], ALL],
    [['package.json'], ALL],
    [['src'], ALL],
  ])('%j', async (files, expected) => {
    await using project = await makeProject(FILES, { git: true });
    expect(await filesOf(project, ...files)).toEqual(expected);
  });

  test('one that git ignores is left out and told of; one that is not there ends the run', async () => {
    await using project = await makeProject(FILES, { git: true });
    await project.write({ 'node_modules/x.js': '' });
    const prepared = await prepare(project, { scope: { kind: 'files', files: ['node_modules/x.js'] } });
    expect(typeof prepared === 'string' ? prepared : { notes: prepared.notes, gates: prepared.plan.gates, checks: prepared.plan.checks, why: prepared.plan.cells.map(({ notes }) => notes.map(({ reason }) => reason)) }).toEqual({
      notes: ['left out, because git ignores it or the configuration excludes it: node_modules/x.js'],
      gates: ['syntax_validation', 'type_verification', 'lint_enforcement', 'security_analysis', 'documentation_check'],
      checks: [],
      why: Array.from({ length: 5 }, () => ['none of the given files is its, nor does it depend on one']),
    });
    expect(await filesOf(project, 'nowhere.ts')).toBe(`nowhere.ts does not exist in ${project.root}`);
    expect(await filesOf(project, '..')).toBe(`.. is outside the root ${project.root}; give paths inside it, or another --cwd`);
  });

  test('beside paths they are refused: nothing is left of files that lie elsewhere', async () => {
    await using project = await makeProject(FILES, { git: true });
    expect(await prepare(project, { scope: { kind: 'files', files: ['src/list.ts'] }, paths: ['src/alone.ts'] })).toBe('--files names the files already, and src/alone.ts stands beside it; name all of them behind --files, or none');
  });

  test('one that is gone is known by who imports it', async () => {
    await using project = await makeProject(FILES, { git: true });
    await project.remove('src/list.ts');
    expect(await filesOf(project, 'src/list.ts')).toEqual(['src/page.ts']);
  });
});

describe('what acts on all by its name or by what it was', () => {
  const BASE = {
    ...FILES,
    'spark-gates.config.json': '{ "gates": { "lint_enforcement": { "configFile": "./tools/lint.mjs" }, "type_verification": { "projects": ["configs/strict.json"] } } }\n',
    'tools/lint.mjs': 'export default [];\n',
    'configs/strict.json': '{ "extends": "./loose.json" }\n',
    'configs/loose.json': '{}\n',
    'src/jsx-runtime.ts': 'export const jsx = 1;\n',
    'src/setup.ts': 'declare global { const SHELF: string }\nexport {};\n',
    'src/names.ts': "import './alone.ts';\nconst everywhere = 1;\n",
    'packages/tsconfig/web.json': '{}\n',
    '.prettierrc': '{}\n',
    '.eslintrc.js': "module.exports = { extends: ['house', './lint/base'] };\n",
    'packages/eslint-config-house/index.js': 'module.exports = {};\n',
    'lint/base.js': 'module.exports = {};\n',
    'types/api.d.ts': 'declare namespace Api {\n  export interface User { id: string }\n}\n',
    'types/sdk.d.ts': 'export as namespace Sdk;\nexport const version: string;\n',
    'src/prices.json': '{}\n',
    'src/reads.ts': "import prices from './prices.json';\nexport default prices;\n",
    '.github/workflows/ci.yml': 'on: push\n',
    'src/main.js': 'console.log(1);\n',
    'node_modules/matchers/package.json': '{ "name": "matchers" }',
    'src/first.ts': "import 'matchers';\nimport './effects.ts';\nexport {};\n",
    'src/effects.ts': 'export {};\n',
  };
  const changed = async (project: Project): Promise<readonly string[]> => {
    const prepared = await prepare(project, { scope: { kind: 'changed' } });
    return typeof prepared === 'string' ? [prepared] : prepared.notes.filter((note) => note.includes('everything'));
  };
  const because = (reason: string): string[] => [`everything is checked, because ${reason}`];
  const wide = (file: string): string[] => because(`${file} may act on any file`);

  test.each(['tools/lint.mjs', 'configs/strict.json', 'configs/loose.json', 'src/jsx-runtime.ts', 'packages/tsconfig/web.json', '.prettierrc', 'packages/eslint-config-house/index.js', 'lint/base.js', 'types/api.d.ts', 'types/sdk.d.ts'])('%s', async (file) => {
    await using project = await makeProject(BASE, { git: true });
    await project.write({ [file]: `${BASE[file as keyof typeof BASE]} \n` });
    expect(await changed(project)).toEqual(wide(file));
  });

  test.each(['src/prices.json', '.github/workflows/ci.yml', 'src/main.js'])('not %s', async (file) => {
    await using project = await makeProject(BASE, { git: true });
    await project.write({ [file]: `${BASE[file as keyof typeof BASE]} \n` });
    expect(await changed(project)).toEqual([]);
  });

  test('a declaration for all that is gone, or said no longer, since any base', async () => {
    await using project = await makeProject(BASE, { git: true });
    await project.remove('src/globals.d.ts');
    expect(await changed(project)).toEqual(because('src/globals.d.ts has declared names for all'));
    await project.git('checkout', '--', '.');
    expect(await changed(project)).toEqual([]);
    await project.write({ 'src/setup.ts': 'export {};\n' });
    expect(await changed(project)).toEqual(because('src/setup.ts has declared names for all'));
    await project.git('commit', '--quiet', '--all', '--message', 'Say no longer');
    expect(await changed(project)).toEqual([]);
    const since = await prepare(project, { scope: { kind: 'changed' }, base: 'HEAD~1' });
    expect(typeof since === 'string' ? since : since.notes).toContain(because('src/setup.ts has declared names for all')[0]);
    await project.write({ 'src/more.ts': "import './alone.ts';\n" });
    expect(await changed(project)).toEqual(because('src/more.ts has augmented "./price.ts"'));
  });

  test('not a file that does not parse, a part of another language, or a test that has the name of a rule', async () => {
    await using project = await makeProject({ ...BASE, '.eslintrc.js': "module.exports = { rules: { 'array-callback-return': 'error' } };\n", 'src/array.test.js': 'require("./main.js");\n', 'ios/App.swift': 'let a = 1\n', 'src/lost.ts': "import './alone.ts';\nexport const a = 1;\n" }, { git: true });
    await project.write({ 'src/array.test.js': 'require("./main.js");\n\n', 'ios/App.swift': 'let a = 2\n', 'src/lost.ts': "import './alone.ts';\nexport function a() {\n" });
    expect(await changed(project)).toEqual([]);
  });

  test('a name with a blank is looked up at the base like any other', async () => {
    await using project = await makeProject({ ...BASE, 'my parts/more globals.ts': 'declare global { const PARTS: number }\nexport {};\n' }, { git: true });
    await project.write({ 'my parts/new.ts': 'export {};\n', 'src/page.ts': 'export {};\n' });
    expect(await changed(project)).toEqual([]);
    await project.write({ 'my parts/more globals.ts': 'export {};\n' });
    expect(await changed(project)).toEqual(because('my parts/more globals.ts has declared names for all'));
  });

  test('what brings names into the program, and is the first or the last to', async () => {
    await using project = await makeProject(BASE, { git: true });
    await project.write({ 'src/first.ts': "import './effects.ts';\nexport {};\n" });
    expect(await changed(project)).toEqual(because('src/first.ts was the last to have matchers, which may declare names for all'));
    await project.write({ 'src/moved.ts': "import 'matchers';\nexport {};\n" });
    expect(await changed(project)).toEqual([]);
    await project.remove('src/moved.ts');
    await project.write({ 'src/first.ts': BASE['src/first.ts'], 'src/alone.ts': "import 'matchers';\nexport {};\n" });
    expect(await changed(project)).toEqual([]);
    await project.write({ 'src/alone.ts': 'export {};\n', 'src/page.ts': '/// <reference types="vite/client" />\nimport \'./list.ts\';\nimport \'@/alias\';\nexport {};\n' });
    expect(await changed(project)).toEqual(because('src/page.ts is the first to have reference types vite/client, which may declare names for all'));
    await project.write({ 'src/page.ts': "import './list.ts';\nimport '@/alias';\nexport {};\n", 'src/first.ts': "import 'matchers';\nexport {};\n" });
    expect(await changed(project)).toEqual([]);
    await project.write({ 'src/first.ts': "import 'matchers';\nimport './setup.ts';\nexport {};\n" });
    expect(await changed(project)).toEqual(because('src/first.ts is the first to have ./setup.ts, which may declare names for all'));
  });

  test('not what has always been for itself', async () => {
    await using project = await makeProject(BASE, { git: true });
    await project.write({ 'src/names.ts': "import './alone.ts';\nconst somewhere = 2;\n" });
    await project.remove('src/page.ts');
    expect(await changed(project)).toEqual([]);
  });
});

test('what names a file that is gone, and what a change brings into a program', async () => {
  await using project = await makeProject({
    'package.json': '{ "private": true }\n', 'README.md': '# Shop\n\n[Setup](docs/setup.md)\n', 'docs/setup.md': '# Setup\n', 'docs/other.md': '# Other\n',
    'tsconfig.json': '{ "files": ["src/page.ts", "src/list.ts"] }\n', 'src/page.ts': 'export {};\n', 'src/list.ts': 'export {};\n', 'legacy/old.ts': "import './older.ts';\nexport {};\n", 'legacy/older.ts': 'export {};\n',
  }, { git: true });
  await project.remove('docs/setup.md');
  expect(await filesOf(project, 'docs/setup.md')).toEqual(['README.md']);
  await project.remove('src/list.ts');
  expect(await filesOf(project, 'src/list.ts')).toEqual(['tsconfig.json']);
  await project.write({ 'src/page.ts': "import '../legacy/old.ts';\nexport {};\n" });
  expect(await filesOf(project, 'src/page.ts')).toEqual(['legacy/old.ts', 'legacy/older.ts', 'src/page.ts']);
});

describe('changed', () => {
  test('since HEAD, untracked and removed ones too, for every team', async () => {
    await using project = await makeProject({ ...FILES, 'spark-gates.config.json': '{ "teams": { "pages": ["src/page.ts", "src/list.ts"], "others": ["!src/page.ts", "!src/list.ts"] } }' }, { git: true });
    await project.write({ 'src/price.ts': 'export const price = 2;\n', 'src/new.ts': 'export {};\n' });
    await project.remove('README.md');
    const prepared = await prepare(project, { scope: { kind: 'changed' } });
    expect(typeof prepared === 'string' ? prepared : prepared.teams.map(({ name, files, removed }) => [name, files, removed])).toEqual([
      ['pages', ['src/list.ts', 'src/page.ts'], []],
      // The README that a manifest has to have is gone.
      ['others', ['package.json', 'src/more.ts', 'src/new.ts', 'src/price.ts'], ['README.md']],
    ]);
  });

  test('since another commit', async () => {
    await using project = await makeProject(FILES, { git: true });
    await project.write({ 'src/alone.ts': 'export const alone = 1;\n' });
    await project.git('commit', '--quiet', '--all', '--message', 'More');
    const names = async (base: string): Promise<readonly string[]> => {
      const prepared = await prepare(project, { scope: { kind: 'changed' }, base });
      return typeof prepared === 'string' ? [prepared] : prepared.teams.flatMap(({ files }) => files);
    };
    expect(await names('HEAD')).toEqual([]);
    expect(await names('HEAD~1')).toEqual(['src/alone.ts', 'src/list.ts', 'src/more.ts', 'src/page.ts', 'src/price.ts']);
    expect(await names('nothing')).toEqual(['base "nothing" is no commit of this repository; give a branch, tag or commit that was fetched']);
  });

  test('outside git nobody can tell', async () => {
    await using project = await makeProject(FILES);
    expect(await prepare(project, { scope: { kind: 'changed' } })).toBe(`${project.root} is no git repository, so nobody can tell what has changed; name the files with --files`);
  });

  test('other gates run when they are named', async () => {
    await using project = await makeProject(FILES, { git: true });
    await project.write({ 'src/price.ts': '' });
    const prepared = await prepare(project, { scope: { kind: 'changed' }, gates: ['integration_test'] });
    expect(typeof prepared === 'string' ? prepared : prepared.plan.gates).toEqual(['integration_test']);
  });
});
