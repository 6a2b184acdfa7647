import { symlink, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ImportGraph } from '../../src/model/import-graph.ts';
import { discoverWorkspace } from '../../src/workspace/discover.ts';
import { buildImportGraph } from '../../src/workspace/import-graph.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';

async function graphOf(project: Project): Promise<ImportGraph> {
  return buildImportGraph(await discoverWorkspace({ cwd: project.root, base: 'HEAD', exclude: [], environment: systemTestEnvironment() }));
}

const lost = (graph: ImportGraph): string[] => graph.unresolved.map(({ file, specifier, line, column }) => `${file}:${String(line)}:${String(column)} ${specifier}`);

describe('edges', () => {
  test('every way to name a module', async () => {
    await using project = await makeProject({
      'main.ts': [
        "import './a';", "import b from './b.js';", "import type { C } from './c.ts';", "export * from './d/';", "export type { E } from './e.mjs';",
        "const f = await import('./f.tsx');", 'const g = import(`./g.cjs`);', "type H = import('./h').H;", "import i = require('./i');", "const data = await import('./j.json');",
        "new Worker(new URL('./k.ts', import.meta.url));", "import text from './l.css?raw';", "// import './not-me';", '/*', " * require('./not-me')", '*/', '/// <reference path="m.d.ts" />',
      ].join('\n'),
      'old.cjs': "const a = require('./a.ts'); require.resolve('./b');",
      'a.ts': '', 'b.ts': '', 'c.ts': '', 'd/index.ts': '', 'e.mts': '', 'f.tsx': '', 'g.cts': '', 'h.d.ts': '', 'i.js': '', 'j.json': '{}', 'k.ts': '', 'l.css': '', 'm.d.ts': '', 'not-me.ts': '',
    });
    const graph = await graphOf(project);
    expect(graph.importsOf('main.ts')).toEqual(['a.ts', 'b.ts', 'c.ts', 'd/index.ts', 'e.mts', 'f.tsx', 'g.cts', 'h.d.ts', 'i.js', 'j.json', 'k.ts', 'l.css', 'm.d.ts']);
    expect(graph.importsOf('old.cjs')).toEqual(['a.ts', 'b.ts']);
    expect(graph.importsOf('l.css')).toEqual([]);
    expect(graph.runtimeEdges.filter(([from]) => from === 'main.ts').map(([, to]) => to)).toEqual(['a.ts', 'b.ts', 'd/index.ts', 'f.tsx', 'g.cts', 'i.js', 'j.json', 'l.css']);
    expect(graph.edges).toEqual([...graph.importsOf('main.ts').map((to) => ['main.ts', to]), ['old.cjs', 'a.ts'], ['old.cjs', 'b.ts']]);
    expect(lost(graph)).toEqual([]);
  });

  test('components of Vue, Svelte and Astro', async () => {
    await using project = await makeProject({
      'a.vue': '<template><p>import "./no"</p></template>\n<script setup lang="ts">\nimport { x } from "./x";\nimport gone from "./gone";\n</script>',
      'b.svelte': '<script module>\n  import A from "./a.vue";\n</script>\n<p/>', 'c.astro': '---\nimport B from "./b.svelte";\n---\n<B/>', 'x.ts': '',
    });
    const graph = await graphOf(project);
    expect(graph.edges).toEqual([['a.vue', 'x.ts'], ['b.svelte', 'a.vue'], ['c.astro', 'b.svelte']]);
    expect(lost(graph)).toEqual(['a.vue:4:18 ./gone']);
  });

  test('names with blanks, umlauts, dashes and brackets', async () => {
    await using project = await makeProject({ 'src/héllo wörld.ts': "import './-dash';\nimport '../app/[id]/page.js';", 'src/-dash.ts': '', 'app/[id]/page.tsx': '' }, { name: 'über project', git: true });
    const graph = await graphOf(project);
    expect(graph.edges).toEqual([['src/héllo wörld.ts', 'app/[id]/page.tsx'], ['src/héllo wörld.ts', 'src/-dash.ts']]);
    expect(lost(graph)).toEqual([]);
  });

  test('a file that does not parse keeps the edges that can be seen', async () => {
    await using project = await makeProject({ 'broken.ts': "import { a from './a';\nconst x = = require('./b');", 'a.ts': '', 'b.ts': '' });
    expect((await graphOf(project)).importsOf('broken.ts')).toEqual(['a.ts', 'b.ts']);
  });

  test('an augmentation depends on the module that it adds to', async () => {
    await using project = await makeProject({ 'package.json': '{"name":"lib","exports":"./index.ts"}', 'index.ts': '', 'a.ts': '', 'more.ts': "declare module './a' { interface A {} }\ndeclare module 'lib' { interface B {} }\ndeclare module 'nothing' {}\n" });
    const graph = await graphOf(project);
    expect([graph.edges, graph.runtimeEdges, lost(graph)]).toEqual([[['more.ts', 'a.ts'], ['more.ts', 'index.ts']], [], []]);
  });

  test('closure and dependents, through cycles and chains of any length', async () => {
    const chain = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`n${String(index)}.ts`, `import './n${String((index + 1) % 1000)}';`]));
    await using project = await makeProject({ ...chain, 'leaf.ts': "import './n0';", 'alone.ts': '' });
    const graph = await graphOf(project);
    expect(graph.closureOf('leaf.ts').size).toBe(1001);
    expect(graph.closureOf('n500.ts').size).toBe(1000);
    expect([...graph.closureOf('alone.ts')]).toEqual(['alone.ts']);
    expect(graph.dependentsOf(['n7.ts']).size).toBe(1001);
    expect([...graph.dependentsOf(['leaf.ts', 'alone.ts'])].sort()).toEqual(['alone.ts', 'leaf.ts']);
  });
});

describe('aliases and packages', () => {
  test('paths and baseUrl of the project that includes the file, also under a solution', async () => {
    await using project = await makeProject({
      'tsconfig.json': '{"files":[],"references":[{"path":"./tsconfig.app.json"}]}',
      'tsconfig.app.json': '{"extends":"./tsconfig.paths.json","include":["src"]}',
      'tsconfig.paths.json': '{"compilerOptions":{"baseUrl":".","paths":{"@/*":["./src/*"],"config":["./src/config/index.ts"]}}}',
      'src/main.ts': "import '@/lib/a';\nimport 'config';\nimport 'src/lib/b';\nimport '@/lib/nope';\nimport '~/bundler';\n",
      'src/lib/a.ts': '', 'src/lib/b.tsx': '', 'src/config/index.ts': '',
    });
    const graph = await graphOf(project);
    expect(graph.importsOf('src/main.ts')).toEqual(['src/config/index.ts', 'src/lib/a.ts', 'src/lib/b.tsx']);
    expect(lost(graph)).toEqual(['src/main.ts:4:8 @/lib/nope']);
  });

  test('a file that no project includes has the aliases of its folder', async () => {
    await using project = await makeProject({ 'tsconfig.json': '{"compilerOptions":{"paths":{"#app/*":["./src/*"]}},"include":["src"]}', 'src/a.ts': '', 'test/a.test.ts': "import '#app/a';" });
    expect((await graphOf(project)).edges).toEqual([['test/a.test.ts', 'src/a.ts']]);
  });

  test('a broken tsconfig takes nobody else down', async () => {
    await using project = await makeProject({ 'tsconfig.json': '{"extends":"./missing.json"}', 'a.ts': "import './b';", 'b.ts': '' });
    expect((await graphOf(project)).edges).toEqual([['a.ts', 'b.ts']]);
  });

  test('self-imports and `#imports` lead to the sources, also those of a build that is not there', async () => {
    await using project = await makeProject({
      'package.json': JSON.stringify({ name: 'lib', exports: { '.': './dist/index.js', './*': { types: './dist/*.d.ts', default: './dist/*.js' } }, imports: { '#deep/*': './src/deep/*.ts', '#built': './dist/deep/x.js', '#gone/*': './src/gone/*.ts' } }),
      '.gitignore': 'dist/\n', 'src/index.ts': '', 'src/feature.ts': '', 'src/deep/x.ts': '',
      'test/a.test.ts': "import 'lib';\nimport 'lib/feature';\nimport '#deep/x';\nimport '../dist/index.js';\n", 'test/b.test.ts': "import '#built';\nimport '#gone/y';\nimport '#never';\n",
    });
    const graph = await graphOf(project);
    expect(graph.importsOf('test/a.test.ts')).toEqual(['src/deep/x.ts', 'src/feature.ts', 'src/index.ts']);
    expect(graph.importsOf('test/b.test.ts')).toEqual(['src/deep/x.ts']);
    expect(lost(graph)).toEqual(['test/b.test.ts:2:8 #gone/y', 'test/b.test.ts:3:8 #never']);
  });

  test('packages of the workspace: their source, or all of them where that cannot be told', async () => {
    await using project = await makeProject({
      'package.json': '{"workspaces":["packages/*"]}', '.gitignore': 'dist/\nnode_modules/\n',
      'packages/core/package.json': '{"name":"@m/core","exports":{".":{"types":"./dist/index.d.ts","development":"./src/index.ts"}}}', 'packages/core/src/index.ts': '', 'packages/core/src/other.ts': '',
      'packages/odd/package.json': '{"name":"odd","main":"dist/bundle.js"}', 'packages/odd/one.ts': '', 'packages/odd/two.ts': "import 'odd';",
      'packages/app/package.json': '{"name":"app","dependencies":{"@m/core":"*"}}', 'packages/app/main.ts': "import '@m/core';\nimport 'odd';\n",
      'packages/core/dist/index.d.ts': 'export {};',
    });
    await mkdir(path.join(project.root, 'node_modules/@m'), { recursive: true });
    await symlink('../../packages/core', path.join(project.root, 'node_modules/@m/core'));
    const graph = await graphOf(project);
    expect(graph.importsOf('packages/app/main.ts')).toEqual(['packages/core/src/index.ts', 'packages/odd/one.ts', 'packages/odd/package.json', 'packages/odd/two.ts']);
    expect(graph.importsOf('packages/odd/two.ts')).toEqual(['packages/odd/one.ts', 'packages/odd/package.json']);
    expect([...graph.dependentsOf(['packages/odd/one.ts'])].sort()).toEqual(['packages/app/main.ts', 'packages/odd/one.ts', 'packages/odd/two.ts']);
    expect(graph.closureOf('packages/app/main.ts').size).toBe(5);
    expect(graph.runtimeEdges).toEqual([['packages/app/main.ts', 'packages/core/src/index.ts']]);
    expect(lost(graph)).toEqual([]);
  });
});

describe('what may be taken in place of a file is an edge, and nothing at run time', () => {
  const runtimeOf = (graph: ImportGraph, file: string): string[] => graph.runtimeEdges.filter(([from]) => from === file).map(([, to]) => to);

  test('all targets of `paths` that are there, and what a project without such an alias makes of it', async () => {
    const config = (name: string, paths: object): Record<string, string> => ({ [`tsconfig.${name}.json`]: JSON.stringify({ compilerOptions: { paths }, include: ['src/app'] }) });
    await using project = await makeProject({
      'package.json': '{"name":"lib","exports":"./src/index.ts"}', '.gitignore': 'made/\n', 'tsconfig.json': '{"files":[],"references":[{"path":"./tsconfig.native.json"},{"path":"./tsconfig.web.json"}]}',
      ...config('native', { '@platform/*': ['./src/native/*'], 'lib': ['./src/mock.ts'], '~/*': ['./src/*', './types/*', './made/*'] }), ...config('web', { '@platform/*': ['./src/web/*'], '~/*': ['./src/*', './types/*', './made/*'] }),
      'src/app/a.ts': "import '@platform/x';\nimport '@platform/y';\nimport '@platform/nope';\n", 'src/app/b.ts': "import 'lib';", 'src/app/c.ts': "import '~/z';\nimport '~/one';\n", 'src/other.ts': '',
      'src/native/x.ts': '', 'src/web/x.ts': '', 'src/web/y.ts': '', 'src/mock.ts': '', 'src/index.ts': '', 'src/z.js': '', 'types/z.d.ts': '', 'src/one.ts': '',
    });
    const graph = await graphOf(project);
    expect(['a', 'b', 'c'].map((name) => graph.importsOf(`src/app/${name}.ts`))).toEqual([['src/native/x.ts', 'src/web/x.ts', 'src/web/y.ts'], ['src/index.ts', 'src/mock.ts'], ['src/one.ts', 'src/z.js', 'types/z.d.ts']]);
    expect(['a', 'b', 'c'].map((name) => runtimeOf(graph, `src/app/${name}.ts`))).toEqual([['src/native/x.ts', 'src/web/y.ts'], ['src/mock.ts'], ['src/one.ts', 'src/z.js']]);
    expect(lost(graph)).toEqual(['src/app/a.ts:3:8 @platform/nope']);
  });

  test('variants of a file for a platform, or by `moduleSuffixes`', async () => {
    await using project = await makeProject({
      'tsconfig.json': '{"compilerOptions":{"moduleSuffixes":["-lite",""]}}', 'a.ts': ["import './x';", "import './y.js';", "import './z';", "import './only';", "import './gone.js';", "import './plain';"].join('\n'),
      'x.ts': '', 'x.native.ts': '', 'x.ios.tsx': '', 'y.ts': '', 'y-lite.d.ts': '', 'z/index.ts': '', 'z.web.js': '', 'z/index.web.ts': '', 'only.android.ts': '', 'gone.web.js': '', 'plain.ts': '', 'plain.test.ts': '', 'explain.native.ts': '',
    });
    const graph = await graphOf(project);
    expect(graph.importsOf('a.ts')).toEqual(['gone.web.js', 'only.android.ts', 'plain.ts', 'x.ios.tsx', 'x.native.ts', 'x.ts', 'y-lite.d.ts', 'y.ts', 'z.web.js', 'z/index.ts', 'z/index.web.ts']);
    expect([runtimeOf(graph, 'a.ts'), lost(graph)]).toEqual([['only.android.ts', 'plain.ts', 'x.ts', 'y.ts', 'z/index.ts'], ['a.ts:5:8 ./gone.js']]);
  });

  test('the other `rootDirs`', async () => {
    await using project = await makeProject({
      'app/tsconfig.json': '{"extends":"../base.json"}', 'base.json': '{"compilerOptions":{"rootDirs":["${configDir}/src","./typed"]}}', 'package.json': '{"workspaces":["app"]}', 'app/package.json': '{}',
      'app/src/in/a.ts': "import './b';\nimport './own.js';\nimport './style.css';\nimport '../../out';\nimport './nope';\n", 'app/test/in/t.ts': "import './b';",
      'typed/in/b.ts': '', 'app/src/in/own.js': '', 'typed/in/own.d.ts': '', 'app/src/in/style.css': '', 'typed/in/style.d.css.ts': '', 'app/out.ts': '', 'typed/out.ts': '',
    });
    const graph = await graphOf(project);
    expect(graph.importsOf('app/src/in/a.ts')).toEqual(['app/out.ts', 'app/src/in/own.js', 'app/src/in/style.css', 'typed/in/b.ts', 'typed/in/own.d.ts', 'typed/in/style.d.css.ts']);
    expect(runtimeOf(graph, 'app/src/in/a.ts')).toEqual(['app/out.ts', 'app/src/in/own.js', 'app/src/in/style.css', 'typed/in/b.ts']);
    expect(lost(graph)).toEqual(['app/src/in/a.ts:5:8 ./nope', 'app/test/in/t.ts:1:8 ./b']);
  });

  test('declarations of what is no TypeScript, and all of these where they are gone', async () => {
    const gone = { 'src/x.native.ts': '', 'src/s.module.d.scss.ts': 'export {};', 'typed/b.ts': '' };
    await using project = await makeProject({
      'tsconfig.json': '{"compilerOptions":{"rootDirs":["src","typed"]}}', 'src/a.ts': "import './s.module.scss';\nimport './v.svg?url';\nimport './j.json';\nimport './x';\nimport './b';\n", ...gone,
      'src/s.module.scss': '', 'src/s.module.scss.d.ts': 'export {};', 'src/v.svg': '', 'src/v.svg.ts': '', 'src/j.json': '{}', 'src/j.d.json.ts': 'export {};', 'src/x.ts': '', 'src/s.ts': '',
    }, { git: true });
    for (const file of Object.keys(gone)) await project.remove(file);
    const graph = await graphOf(project);
    expect(graph.importsOf('src/a.ts')).toEqual(['src/j.d.json.ts', 'src/j.json', 'src/s.module.d.scss.ts', 'src/s.module.scss', 'src/s.module.scss.d.ts', 'src/v.svg', 'src/v.svg.ts', 'src/x.native.ts', 'src/x.ts', 'typed/b.ts']);
    expect([runtimeOf(graph, 'src/a.ts'), lost(graph)]).toEqual([['src/j.json', 'src/s.module.scss', 'src/v.svg', 'src/x.ts'], ['src/a.ts:5:8 ./b']]);
  });
});

describe('unresolved', () => {
  test('what follows a comment on its line is none', async () => {
    await using project = await makeProject({
      'a.js': ["/** @type {T} */ const x = require('./x');", '/*', " * require('./no') */ const y = require('./y'); // */", "const n = 2 /* two */ * require('./n');", "/* one */ // require('./no')", "// src/*/ require('./no')", "/* a */ /* require('./no') */", "/** @type {import('./t').A} */ /** @type {import('./u').B} */ let t;", "/** None. */ require('./nope');"].join('\n'),
      'x.js': '', 'y.js': '', 'n.js': '', 't.ts': '', 'u.ts': '', 'no.js': '',
    });
    const graph = await graphOf(project);
    expect([graph.importsOf('a.js'), graph.runtimeEdges.map(([, to]) => to), lost(graph)]).toEqual([['n.js', 't.ts', 'u.ts', 'x.js', 'y.js'], ['n.js', 'x.js', 'y.js'], ['a.js:9:22 ./nope']]);
  });

  test('types that JSDoc takes, and the script beside a declaration', async () => {
    await using project = await makeProject({
      'a.js': "/** @type {import('./types').Foo} */\nlet a;\n/**\n * @import { Bar,\n *   Baz } from './more.js'\n */\n// import('./not-me')\nimport './old.js';\n", 'c.ts': "/** Doc. */ export type T = import('./last').T;\n",
      'types.ts': '', 'more.ts': '', 'last.ts': '', 'not-me.ts': '', 'old.js': '', 'old.d.ts': '', 'older.mjs': '', 'older.d.mts': '', 'b.ts': "import './older.mjs';",
    });
    const graph = await graphOf(project);
    expect(graph.importsOf('a.js')).toEqual(['more.ts', 'old.d.ts', 'old.js', 'types.ts']);
    expect(graph.importsOf('c.ts')).toEqual(['last.ts']);
    expect(graph.importsOf('b.ts')).toEqual(['older.d.mts', 'older.mjs']);
    expect(lost(graph)).toEqual([]);
  });

  test('what truly leads nowhere, at its place', async () => {
    await using project = await makeProject({
      'package.json': '{"dependencies":{"real":"*"}}', 'node_modules/real/package.json': '{"name":"real","version":"1.0.0","exports":"./index.js"}', 'node_modules/real/index.js': '',
      'src/a.ts': "// 😀 ü\nimport x from './nope';  export * from \"missing-package\";\nimport 'real';\n  import 'real/sub';\nrequire('./required'); type T = import('./typed').T;\n",
      'readme.md': "import './x'",
    });
    expect(lost(await graphOf(project))).toEqual(['src/a.ts:2:15 ./nope', 'src/a.ts:2:40 missing-package', 'src/a.ts:4:10 real/sub', 'src/a.ts:5:9 ./required', 'src/a.ts:5:40 ./typed']);
  });

  test('what need not be there is not reported', async () => {
    await using project = await makeProject({
      'package.json': JSON.stringify({ dependencies: { real: '*' }, optionalDependencies: { opt: '*' }, peerDependencies: { peer: '*' }, peerDependenciesMeta: { peer: { optional: true } } }),
      'node_modules/real/package.json': '{"name":"real","version":"1.0.0"}', 'node_modules/@types/estree/package.json': '{"name":"@types/estree","version":"1.0.0"}', 'node_modules/@types/estree/index.d.ts': '',
      '.gitignore': 'generated/\nnode_modules/\n',
      'a.ts': ["import fs from 'node:fs/promises';", "import path from 'path';", "import 'virtual:pwa';", "import 'https://esm.sh/x';", "import type { Node } from 'estree';", "import opt from 'opt';", "import 'peer/sub';",
        "try { require('not-there'); await import('nor-this'); } catch { }", "import('maybe').catch(() => null);", "import './generated/client';", "import 'ambient';", "import './icon.svg?url';", "const text = `require('./text')`;"].join('\n'),
      'types.d.ts': "declare module 'ambient';", 'icon.svg': '', 'test/fixtures/bad.ts': "import './nope';", 'examples/x/package.json': '{}', 'examples/x/index.js': "import 'react';",
    });
    expect(lost(await graphOf(project))).toEqual([]);
  });

  test('without node_modules only relative imports are', async () => {
    await using project = await makeProject({ 'package.json': '{"dependencies":{"x":"*"}}', 'a.ts': "import 'x';\nimport './nope';" });
    expect(lost(await graphOf(project))).toEqual(['a.ts:2:8 ./nope']);
  });
});

describe('aliases of bundlers and test runners', () => {
  const SOURCES = { 'src/one.js': '', 'src/two/index.ts': '', 'src/three.ts': '', 'lib/four.js': '' };
  const edgesOf = async (config: Readonly<Record<string, string>>, ...specifiers: string[]): Promise<unknown> => {
    const text = specifiers.map((specifier) => `import ${JSON.stringify(specifier)};`).join('\n');
    await using project = await makeProject({ 'package.json': '{}', ...SOURCES, ...config, 't.test.js': text });
    const graph = await graphOf(project);
    return { imports: graph.importsOf('t.test.js'), lost: lost(graph), open: [...graph.open].filter((file) => file.endsWith('.test.js')) };
  };

  test.each([
    ['an object and path.resolve', { 'vitest.config.js': "import path from 'node:path';\nexport default { resolve: { alias: { '@': path.resolve('src'), '~/': './lib/' } } };" }, ['@/one', '~/four']],
    ['a list, a pattern and URLs', { 'vite.config.ts': "import { fileURLToPath } from 'node:url';\nexport default defineConfig({ resolve: { alias: [{ find: '@', replacement: fileURLToPath(new URL('./src', import.meta.url)) }, { find: /^~(.*)$/, replacement: `${import.meta.dirname}/lib/$1` }] } });" }, ['@/one', '~four']],
    ['constants, spreads, helpers and test.alias', { 'vitest.config.mts': "const at = (name: string) => resolve(__dirname, name);\nconst shared = { '@': at('src') } as const;\nconst root = process.cwd();\nexport default { test: { alias: { ...shared, '~': root + '/lib' } } };" }, ['@/one', '~/four']],
    ["Jest's mapper in package.json, and its folders", { 'package.json': '{"jest":{"moduleNameMapper":{"^@app/(.*)$":"<rootDir>/src/$1"},"modulePaths":["<rootDir>/lib"]}}' }, ['@app/one', 'four']],
    ["Jest's folders upward, and several targets", { 'jest.config.ts': "export default { rootDir: '.', moduleNameMapper: { '^@/(.*)$': ['<rootDir>/nothing/$1', '<rootDir>/src/$1'] }, moduleDirectories: ['node_modules', 'lib'] };" }, ['@/one', 'four']],
    ['Babel', { '.babelrc': '{"plugins":[["module-resolver",{"alias":{"@":"./src","~":"./lib"}}]]}' }, ['@/one', '~/four']],
  ])('%s', async (_, config, specifiers) => {
    expect(await edgesOf(config, ...specifiers)).toEqual({ imports: ['lib/four.js', 'src/one.js'], lost: [], open: [] });
  });

  test("a bundler's root, and an alias for a folder", async () => {
    expect(await edgesOf({ 'vite.config.js': "export default { resolve: { alias: { two: './src/two' } } };" }, '/src/three', 'two')).toEqual({ imports: ['src/three.ts', 'src/two/index.ts'], lost: [], open: [] });
  });

  test('what cannot be told without running it may lead anywhere, and is no import that leads nowhere', async () => {
    const opaque = { 'vite.config.js': "export default { resolve: { alias: { lib: where() } } };" };
    expect(await edgesOf(opaque, 'lib/one')).toEqual({ imports: [], lost: [], open: ['t.test.js'] });
    expect(await edgesOf({ 'vite.config.js': 'export default { resolve: { alias: aliases() } };' }, '@/one')).toEqual({ imports: [], lost: [], open: ['t.test.js'] });
    expect(await edgesOf({}, 'virtual:routes')).toEqual({ imports: [], lost: [], open: ['t.test.js'] });
    expect(await edgesOf({}, 'not-installed')).toEqual({ imports: [], lost: ['t.test.js:1:8 not-installed'], open: ['t.test.js'] });
    expect(await edgesOf({}, 'node:fs', 'data:text/javascript,0', 'fs/promises')).toEqual({ imports: [], lost: [], open: [] });
  });
});

describe('imports without a literal', () => {
  test.each([
    ["import.meta.glob('../src/*.js', { eager: true });", ['src/a.js'], false],
    ["import.meta.glob<Page>(['../src/**/*.js', '!**/b.js']);", ['src/a.js', 'src/deep/b.js'], false],
    ["import.meta.glob('/src/*.js');", ['src/a.js'], false],
    ["import.meta.glob('@/*.js');", [], true],
    ['import.meta.glob(patterns);', [], true],
    ["require.context('../src/deep', true, /\\.js$/);", ['src/deep/b.js'], false],
    ['require.context(folder);', [], true],
    ['await import(`../src/${name}.js`);', ['src/a.js', 'src/deep/b.js'], false],
    ["await import('../src/deep/' + name);", ['src/deep/b.js'], false],
    ['await import(name);', [], true],
    ['await import(`${name}`);', [], true],
    ['const a = require(name);', [], true],
    ['/** @type {Page} */ const a = require(name);', [], true],
    ['const a = require(`../src/deep/${name}`);', ['src/deep/b.js'], false],
    ["vi.mock('../src/a.js'); await vi.importActual<Page>('../src/deep/b.js');", ['src/a.js', 'src/deep/b.js'], false],
    ["// require(name)\nimport '../src/a.js'; await import('../src/deep/b.js'); await import(`../src/a.js`);", ['src/a.js', 'src/deep/b.js'], false],
  ])('%s', async (text, imports, isOpen) => {
    await using project = await makeProject({ 'package.json': '{}', 'src/a.js': '', 'src/deep/b.js': '', 'tests [1]/t.js': text });
    const graph = await graphOf(project);
    expect([graph.importsOf('tests [1]/t.js'), graph.open.has('tests [1]/t.js')]).toEqual([imports, isOpen]);
  });

  test('who starts programs is told', async () => {
    await using project = await makeProject({ 'a.js': "import { execFile } from 'node:child_process';", 'b.js': "const execa = require('execa');", 'c.js': "import 'node:fs';" });
    expect([...(await graphOf(project)).starters]).toEqual(['a.js', 'b.js']);
  });
});
