import { describe, expect, test } from 'vitest';
import type { Workspace } from '../../src/model/workspace.ts';
import { discoverWorkspace } from '../../src/workspace/discover.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject } from '../rig/project.ts';

function discover(cwd: string): Promise<Workspace> {
  return discoverWorkspace({ cwd, base: 'HEAD', exclude: [], environment: systemTestEnvironment() });
}

const brief = ({ typescriptProjects }: Workspace): unknown[] => typescriptProjects.map(({ config, files, references }) => [config, files, references]);

test('one tsconfig with comments, extends and outputs beside the sources', async () => {
  await using project = await makeProject({
    'tsconfig.base.json': '{"compilerOptions":{"strict":true,"outDir":"dist"},"exclude":["src/old"]}',
    'tsconfig.json': '{ /* all */ "extends": "./tsconfig.base", "include": ["src"], }',
    'src/a.ts': '', 'src/a.js': '', 'src/b.tsx': '', 'src/c.d.ts': '', 'src/b.d.ts': '', 'src/old/d.ts': '', 'dist/a.d.ts': '', 'other.ts': '', 'src/plain.js': '',
  }, { git: true, packages: { typescript: 'typescript' } });
  const workspace = await discover(project.root);
  expect(brief(workspace)).toEqual([['tsconfig.json', ['src/a.ts', 'src/b.tsx', 'src/c.d.ts'], []]]);
  expect(workspace.typescriptProjects[0]?.typescript?.name).toBe('typescript');
  expect(workspace.faults).toEqual([]);
});

test('allowJs takes JavaScript, but not what TypeScript made of a source', async () => {
  await using project = await makeProject({ 'tsconfig.json': '{"compilerOptions":{"allowJs":true}}', 'a.ts': '', 'a.js': '', 'b.js': '', 'c.mjs': '', 'c.mts': '' });
  expect(brief(await discover(project.root))).toEqual([['tsconfig.json', ['a.ts', 'b.js', 'c.mts'], []]]);
});

test('a solution is represented by what it references, ignored and generated ones too', async () => {
  await using project = await makeProject({
    'tsconfig.json': '{"files":[],"references":[{"path":"./tsconfig.app.json"},{"path":"packages/core"},{"path":".generated/tsconfig.json"}]}',
    'tsconfig.app.json': '{"include":["app"],"references":[{"path":"packages/core"}]}',
    'packages/core/tsconfig.json': '{"references":[{"path":"../../tsconfig.json"}]}',
    'app/main.ts': '', 'packages/core/index.ts': '',
  }, { git: true });
  await project.write({ '.gitignore': '.generated/\n', '.generated/tsconfig.json': '{"include":["../app/**/*"]}' });
  const workspace = await discover(project.root);
  expect(brief(workspace)).toEqual([
    ['.generated/tsconfig.json', ['app/main.ts'], []],
    ['packages/core/tsconfig.json', ['packages/core/index.ts'], ['tsconfig.json']],
    ['tsconfig.app.json', ['app/main.ts'], ['packages/core/tsconfig.json']],
  ]);
  expect(workspace.faults).toEqual([]);
});

test('each package has its own; none and JavaScript only is none', async () => {
  await using project = await makeProject({ 'package.json': '{"workspaces":["p/*"]}', 'p/a/package.json': '{}', 'p/a/tsconfig.json': '{}', 'p/a/x.ts': '', 'p/b/package.json': '{}', 'p/b/y.js': '', 'q/tsconfig.json': '{}' });
  expect(brief(await discover(project.root))).toEqual([['p/a/tsconfig.json', ['p/a/x.ts'], []]]);
  await using plain = await makeProject({ 'package.json': '{}', 'a.js': '' });
  expect((await discover(plain.root)).typescriptProjects).toEqual([]);
});

test('a conventional other name counts where there is no tsconfig.json', async () => {
  await using project = await makeProject({ 'tsconfig.build.json': '{}', 'tsconfig.base.json': '{}', 'a.ts': '' });
  expect(brief(await discover(project.root))).toEqual([['tsconfig.build.json', ['a.ts'], []]]);
});

test.each([
  ['{"extends":"./missing.json"}', 'extends missing.json, which does not exist; create it or correct "extends"'],
  ['{"extends":["./base.json"]}', 'extends base.json, which is not valid JSON (CommaExpected at line 2, column 4); correct it'],
  ['{"extends":"@company/tsconfig"}', "cannot be used: File '@company/tsconfig' not found."],
  ['{"include": ', 'is not valid JSON (ValueExpected at line 1, column 13); correct it'],
  ['[]', 'is not a JSON object; correct it'],
])('%s is a fault, and the project is still listed', async (tsconfig, message) => {
  await using project = await makeProject({ 'tsconfig.json': tsconfig, 'base.json': '{"a":1\n   "b":2}', 'a.ts': '' });
  const workspace = await discover(project.root);
  expect(workspace.faults).toEqual([{ file: 'tsconfig.json', message }]);
  expect(brief(workspace)).toEqual([['tsconfig.json', [], []]]);
});

test('a reference to nothing is a fault of who references', async () => {
  await using project = await makeProject({ 'tsconfig.json': '{"references":[{"path":"./core"}]}', 'a.ts': '' });
  const workspace = await discover(project.root);
  expect(workspace.faults).toEqual([{ file: 'tsconfig.json', message: 'references "./core", but there is no core/tsconfig.json' }]);
  expect(brief(workspace)).toEqual([['tsconfig.json', ['a.ts'], []]]);
});

test('what a script gives to tsc counts where it holds a file that no other does', async () => {
  await using project = await makeProject({
    'package.json': '{"scripts":{"build":"tsc -p tsconfig.build.json","types":"tsc --noEmit && tsc --noEmit -p tests/tsconfig.json"}}',
    'tsconfig.json': '{"include":["src"]}',
    'tsconfig.build.json': '{"extends":"./tsconfig.json","include":["src"]}',
    'tests/tsconfig.json': '{"include":["."]}',
    'src/a.ts': '', 'tests/a.ts': '',
  });
  expect(brief(await discover(project.root))).toEqual([['tests/tsconfig.json', ['tests/a.ts'], []], ['tsconfig.json', ['src/a.ts'], []]]);
});

describe('in folders that are no package', () => {
  test('each tsconfig.json is a project, the only one or beside others', async () => {
    await using project = await makeProject({ 'package.json': '{}', 'client/tsconfig.json': '{}', 'client/a.ts': '', 'server/tsconfig.json': '{}', 'server/b.ts': '' });
    expect(brief(await discover(project.root))).toEqual([['client/tsconfig.json', ['client/a.ts'], []], ['server/tsconfig.json', ['server/b.ts'], []]]);
    await project.write({ 'tsconfig.json': '{}' });
    expect(brief(await discover(project.root))).toEqual([['client/tsconfig.json', ['client/a.ts'], []], ['server/tsconfig.json', ['server/b.ts'], []], ['tsconfig.json', ['client/a.ts', 'server/b.ts'], []]]);
  });

  test('but one that others extend only, or that holds nothing', async () => {
    const files = { 'package.json': '{}', 'src/tsconfig.json': '{}', 'src/app/tsconfig.json': '{"extends":"../tsconfig"}', 'src/app/a.ts': '', 'config/tsconfig.json': '{}' };
    await using project = await makeProject(files);
    expect(brief(await discover(project.root))).toEqual([['src/app/tsconfig.json', ['src/app/a.ts'], []]]);
    await project.write({ 'src/b.ts': '' });
    expect(brief(await discover(project.root))).toEqual([['src/app/tsconfig.json', ['src/app/a.ts'], []], ['src/tsconfig.json', ['src/app/a.ts', 'src/b.ts'], []]]);
    await project.write({ 'package.json': '{"scripts":{"types":"tsc -p src"}}' });
    await project.remove('src/b.ts');
    expect(brief(await discover(project.root))).toEqual([['src/app/tsconfig.json', ['src/app/a.ts'], []], ['src/tsconfig.json', ['src/app/a.ts'], []]]);
  });

  test('fixtures, templates, examples and foreign packages are left out and listed, unless a script or a reference names them', async () => {
    const files = {
      'package.json': '{"scripts":{"types":"tsc --noEmit -p ./examples/named"}}', 'tsconfig.json': '{"include":["src"],"references":[{"path":"templates/referenced"}]}', 'src/a.ts': '',
      'test/fixtures/broken/tsconfig.json': '{', 'website/package.json': '{}', 'website/tsconfig.json': '{}', 'website/docs/tsconfig.json': '{}', 'website/docs/c.ts': '',
      'examples/named/tsconfig.json': '{}', 'examples/named/b.ts': '', 'examples/other/tsconfig.json': '{}', 'templates/referenced/tsconfig.json': '{}', 'templates/referenced/d.ts': '',
    };
    await using project = await makeProject(files);
    const workspace = await discover(project.root);
    expect(brief(workspace)).toEqual([
      ['examples/named/tsconfig.json', ['examples/named/b.ts'], []],
      ['templates/referenced/tsconfig.json', ['templates/referenced/d.ts'], []],
      ['tsconfig.json', ['src/a.ts'], ['templates/referenced/tsconfig.json']],
    ]);
    expect(workspace.otherTypeScriptConfigs).toEqual(['examples/other/tsconfig.json', 'test/fixtures/broken/tsconfig.json', 'website/docs/tsconfig.json', 'website/tsconfig.json']);
    expect(workspace.faults).toEqual([]);
  });

  test('a jsconfig.json counts where it has JavaScript checked and there is a compiler', async () => {
    const files = { 'package.json': '{}', 'jsconfig.json': '{"compilerOptions":{"checkJs":true},"exclude":["plain"]}', 'a.js': '', 'plain/jsconfig.json': '{}', 'plain/b.js': '' };
    await using project = await makeProject(files, { packages: { typescript: 'typescript' } });
    expect(brief(await discover(project.root))).toEqual([['jsconfig.json', ['a.js'], []]]);
    await using without = await makeProject(files);
    expect(brief(await discover(without.root))).toEqual([]);
  });
});

test('what a script builds counts with all that it references, and a broken one is a fault', async () => {
  await using project = await makeProject({
    'package.json': '{"scripts":{"build":"tsc -b all.json","types":"tsc -p broken.json"}}', 'all.json': '{"files":[],"references":[{"path":"one.json"}]}', 'one.json': '{"include":["one"]}', 'one/a.ts': '',
    'broken.json': '{"extends":"./gone.json"}', 'tsconfig.json': '{"include":["two"]}', 'two/b.ts': '',
  });
  const workspace = await discover(project.root);
  expect(brief(workspace)).toEqual([['broken.json', [], []], ['one.json', ['one/a.ts'], []], ['tsconfig.json', ['two/b.ts'], []]]);
  expect(workspace.faults).toEqual([{ file: 'broken.json', message: 'extends gone.json, which does not exist; create it or correct "extends"' }]);
});
