import { expect, test } from 'vitest';
import { mayLoadAny } from '../../src/cache/linter-reach.ts';
import { makeProject } from '../rig/project.ts';

const ASKS = 'tools/git/version.js';

interface Case {
  readonly how: string;
  readonly files: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  /** Links within the tree, and what they say. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly asks?: string;
}

async function mayLoad({ files, links = {}, aliases = {}, asks = ASKS }: Case): Promise<boolean> {
  const all = { [asks]: 'git', ...files };
  await using project = await makeProject(all, { git: false });
  const known = [...Object.keys(all).map((file) => [file, 'content'] as const), ...Object.entries(aliases).map(([file, target]) => [file, `folder -> ${target}`] as const)];
  return mayLoadAny(new Set([asks]), { root: project.root, files: new Map(known), links: new Map(Object.entries(links)) });
}

/** As many files alike, by a name with a number in it. */
function many(count: number, name: (at: number) => string, text: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), text]));
}

test.each<Case>([
  { how: 'it is a configuration', files: {}, asks: 'eslint.config.ts' },
  { how: 'it is one in the old way', files: {}, asks: 'packages/web/.eslintrc.cjs' },
  { how: 'a configuration names it', files: { 'eslint.config.js': "import './tools/git/version.js';" } },
  { how: 'without its ending', files: { 'eslint.config.ts': "import { version } from './tools/git/version';" } },
  { how: 'by its folder', files: { 'eslint.config.js': "for (const name of names) await import('./tools/' + name);" } },
  { how: 'in parts', files: { 'eslint.config.js': "require(path.join(__dirname, 'tools', 'git', 'version.js'));" } },
  { how: 'in parts, upward', files: { 'packages/web/eslint.config.js': "require(path.join(__dirname, '..', '..', 'tools', name));" } },
  { how: 'over two others', files: { 'eslint.config.js': "import './lint/index.js';", 'lint/index.js': "export * from './rules';", 'lint/rules.ts': "import '../tools/git/version.js';" } },
  { how: 'in YAML', files: { '.eslintrc.yml': 'extends: ./lint/base.yml\n', 'lint/base.yml': 'plugins:\n  - ../tools/git/version.js\n' } },
  { how: 'in the manifest', files: { 'package.json': '{ "eslintConfig": { "extends": "./tools/git/version.js" } }' } },
  { how: 'by an import of the manifest', files: { 'eslint.config.js': "import '#version';", 'package.json': '{ "imports": { "#version": "./tools/git/version.js" } }' } },
  { how: 'by the name of a member', files: { 'eslint.config.js': "import house from '@house/lint';" }, links: { 'node_modules/@house/lint': '<root>/tools' } },
  { how: 'by the name of the package itself', files: { 'tools/package.json': '{ "name": "house" }', 'tools/eslint.config.js': "import 'house/version';" } },
  { how: 'by what is listed', files: { 'eslint.config.js': 'const rules = readdirSync(here);' } },
  { how: 'by the configuration of ours', files: { 'spark-gates.config.json': '{ "configFile": "lint/strict.mjs" }', 'lint/strict.mjs': "import '../tools/git/version.js';" } },
  { how: 'from the root', files: { 'eslint.config.js': "await import('./' + name);" } },
  { how: 'it lies outside', files: {}, asks: '../shared/version.js' },
])('a linter may load what asks git: $how', async (one) => {
  expect(await mayLoad(one)).toBe(true);
});

test.each<Case>([
  { how: 'a template', files: { 'eslint.config.js': 'await import(`./tools/git/${name}.mjs`);' } },
  { how: 'a template with a product', files: { 'eslint.config.js': 'await import(`./tools/git/rule${at*2}.mjs`);' } },
  { how: 'a template of its own folder', files: { 'tools/git/eslint.config.js': 'await import(`./${name}.js`);' } },
  { how: 'a sum', files: { 'eslint.config.js': "const rules = names.map((name) => load('./tools/git/ver' + name));" } },
  { how: 'a folder with a place for the name', files: { 'eslint.config.js': "load('./tools/git/%s.js');" } },
  { how: 'a folder from which more is named', files: { 'eslint.config.js': "load('tools/git/rules/' + name);" } },
  { how: 'a variable', files: { 'eslint.config.js': 'export default await Promise.all(names.map((name) => import(name)));' } },
  { how: 'a variable, at the beginning of a template', files: { 'eslint.config.js': 'await import(`${folder}/${name}.js`);' } },
  { how: 'a variable, below a folder above', files: { 'lint/eslint.config.js': "const plugins = names.map((name) => path.join(here, '..', name));" } },
  { how: 'a variable, beside it', files: { 'eslint.config.js': 'load(`${import.meta.dirname}/${name}`);' } },
  { how: 'a member by a part of its name', files: { 'eslint.config.js': 'load(`@house/${name}`);' }, links: { 'node_modules/@house/lint': '<root>/tools' } },
  { how: 'the folder itself', files: { 'tools/git/eslint/index.js': "require('..');" } },
])('a linter may load what asks git by a name that is worked out: $how', async (one) => {
  expect(await mayLoad(one)).toBe(true);
});

test.each<Case>([
  { how: 'another beginning of the name', files: { 'eslint.config.js': "await import('./tools/git/rule-' + name);", 'tools/git/rule-one.js': '' } },
  { how: 'a path of which nothing is there', files: { 'eslint.config.js': "await import('./built/rules/index.js'); await import('./missing.js');" } },
  { how: 'the folder above, by which only the root is told', files: { 'lint/eslint.config.js': "const root = new URL('..', import.meta.url); const other = path.resolve(here, '..'); const tsconfigRootDir = './';" } },
  { how: 'what lies beside it, by a template', files: { 'lint/eslint.config.js': 'await import(`${import.meta.dirname}/rules/index.js`);', 'lint/rules/index.js': '' } },
  { how: 'what lies beside another file', files: { 'lint/eslint.config.js': "import './tools/git/version.js';" } },
])('a linter does not load what asks git: $how', async (one) => {
  expect(await mayLoad(one)).toBe(false);
});

test.each<Case>([
  { how: 'for another in between', files: { 'eslint.config.js': "import './lint/rules.js';", 'lint/rules.ts': "import '../tools/git/version.js';" } },
  { how: 'for its own', files: { 'eslint.config.js': "import './tools/git/version.js';" }, asks: 'tools/git/version.ts' },
  { how: 'of a module', files: { 'eslint.config.js': "import './tools/git/version.mjs';" }, asks: 'tools/git/version.mts' },
])('a script is named by the ending that it is built to: $how', async (one) => {
  expect(await mayLoad(one)).toBe(true);
});

test('tests beside what is loaded are not loaded with it', async () => {
  expect(await mayLoad({ how: '', files: { 'eslint.config.js': "import './lint/rules.js';", 'lint/rules.ts': '', 'lint/rules.test.ts': "import '../tools/git/version.js';" } })).toBe(false);
});

test.each([
  "glob.sync('rules/*.js')", "fg.sync('rules/*.js')", "fg('rules/*.js')", "globbySync('rules/*.js')", "import { glob } from 'tinyglobby';", "import find from 'fast-glob';", "import.meta.glob('./rules/*.js')",
  'for await (const entry of opendir(here)) load(entry);', "require.context('./rules')", "require('requireindex')(__dirname)", 'new fdir().crawl(here)',
])('what lists files may load any: %s', async (text) => {
  expect(await mayLoad({ how: '', files: { 'eslint.config.js': text } })).toBe(true);
});

test.each([
  "import globals from 'globals'; export default { languageOptions: { globals: globals.node } };",
  "export default [globalIgnores(['tools/', 'dist/']), { files: ['tools/**/*.js', '**/*.ts'], rules: { 'no-restricted-globals': 'error' } }];",
  "export default [{ ignores: [\n// not ours\n'tools/git', \"dist\"], languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['tools/git/version.js'] } } } }];",
  "export default [{ name: 'all', rules: { 'tools/**': patterns } }, ...tools, tools.git];",
])('what says what is linted loads nothing: %s', async (text) => {
  expect(await mayLoad({ how: '', files: { 'eslint.config.js': text } })).toBe(false);
});

test('lists in YAML end where the next key begins', async () => {
  expect(await mayLoad({ how: '', files: { '.eslintrc.yml': 'ignorePatterns:\n  - dist\n  - tools\nrules: {}\n' } })).toBe(false);
  expect(await mayLoad({ how: '', files: { '.eslintrc.yml': 'overrides:\n- files:\n  - src\n- extends: ./tools/git/version.js\n' } })).toBe(true);
});

test.each<Case>([
  { how: 'blanks', files: { 'eslint.config.js': "import './our tools/ask git.js';" }, asks: 'our tools/ask git.js' },
  { how: 'blanks, in JSON', files: { '.eslintrc.json': '{ "extends": ["./our tools/ask git.js"] }' }, asks: 'our tools/ask git.js' },
  { how: 'signs', files: { 'eslint.config.js': 'load("tools+/[git]/(all)/~version,1.js");' }, asks: 'tools+/[git]/(all)/~version,1.js' },
  { how: 'signs, in YAML', files: { '.eslintrc.yml': 'extends: ./tools+/~1/[git].js\n' }, asks: 'tools+/~1/[git].js' },
  { how: 'letters of other languages', files: { '.eslintrc.yml': 'extends: [./Werkzeuge/größe.js]\n' }, asks: 'Werkzeuge/größe.js' },
])('a path may hold $how', async (one) => {
  expect(await mayLoad(one)).toBe(true);
});

test('a word of a program that stands in no quotes is no path', async () => {
  expect(await mayLoad({ how: '', files: { 'eslint.config.js': "import plugin from 'plugin'; const tools = { git: plugin }; export default tools;" } })).toBe(false);
});

test.each<Case>([
  { how: 'our key', files: { 'package.json': '{ "spark-gates": { "gates": { "lint_enforcement": { "configFile": "tools/git/version.js" } } } }' } },
  { how: 'the key of secretlint', files: { 'package.json': '{ "secretlint": { "rules": [{ "id": "./tools/git/version.js" }] } }' } },
  { how: 'the key of Prettier', files: { 'packages/web/package.json': '{ "prettier": "../../tools/git/version.js" }' } },
  { how: 'rules in a folder of their own', files: { '.eslintplugin/index.js': "require('../tools/git/version');" } },
  { how: 'local rules', files: { 'eslint-local-rules.js': "require('./tools/git/version');" } },
  { how: 'local rules in a folder', files: { 'eslint-local-rules/index.js': "require('../tools/git/version');" } },
  { how: 'secretlint', files: { '.secretlintrc.json': '{ "rules": [{ "id": "house" }] }' }, links: { 'node_modules/secretlint-rule-house': '<root>/tools' } },
  { how: 'secretlint, in a scope', files: { '.secretlintrc.yml': 'rules:\n  - id: "@house/strict"\n' }, links: { 'node_modules/@house/secretlint-rule-strict': '<root>/tools' } },
  { how: 'a plugin', files: { '.eslintrc.json': '{ "plugins": ["acme"] }' }, links: { 'node_modules/eslint-plugin-acme': '<root>/tools' } },
  { how: 'a configuration', files: { '.eslintrc.yml': 'extends: custom\n' }, links: { 'node_modules/eslint-config-custom': '<root>/tools' } },
  { how: 'a configuration of a plugin', files: { '.eslintrc.json': '{ "extends": ["plugin:acme/recommended"] }' }, links: { 'node_modules/eslint-plugin-acme': '<root>/tools' } },
  { how: 'a plugin of a scope', files: { '.eslintrc.json': '{ "plugins": ["@acme"] }' }, links: { 'node_modules/@acme/eslint-plugin': '<root>/tools' } },
  { how: 'a configuration of a scope', files: { '.eslintrc.json': '{ "extends": "@acme" }' }, links: { 'node_modules/@acme/eslint-config': '<root>/tools' } },
  { how: 'a plugin in a scope', files: { '.eslintrc.json': '{ "plugins": ["@acme/x"] }' }, links: { 'node_modules/@acme/eslint-plugin-x': '<root>/tools' } },
  { how: 'a configuration in a scope', files: { '.eslintrc.json': '{ "extends": "@acme/x" }' }, links: { 'packages/web/node_modules/@acme/eslint-config-x': '<root>/tools' } },
  { how: 'a member that is not linked', files: { '.eslintrc.json': '{ "plugins": ["acme"] }', 'tools/package.json': '{ "name": "eslint-plugin-acme" }' } },
  { how: 'a resolver', files: { '.eslintrc.json': '{ "settings": { "import/resolver": { "house": {} } } }' }, links: { 'node_modules/eslint-import-resolver-house': '<root>/tools' } },
  { how: 'a member whose entry lies elsewhere', files: { 'eslint.config.js': "import 'house';", 'lint/package.json': '{ "main": "../tools/git/version.js" }' }, links: { 'node_modules/house': '<root>/lint' } },
  { how: 'a pattern of imports', files: { 'eslint.config.js': "import '#tools/version.js';", 'package.json': '{ "imports": { "#tools/*": { "node": "./tools/git/*", "default": null } } }' } },
  { how: 'a link of the tree', files: { 'eslint.config.js': "import './lint/version.js';" }, aliases: { lint: 'tools/git' } },
  { how: 'a link to a file', files: { 'eslint.config.js': "import './lint.js';" }, aliases: { 'lint.js': './tools/git/version.js' } },
  { how: 'a link from the root', files: { 'packages/web/eslint.config.js': "import './lint/version.js';" }, aliases: { 'packages/web/lint': '<root>/tools/git/' } },
])('a linter finds what asks git by $how', async (one) => {
  expect(await mayLoad(one)).toBe(true);
});

test.each<Case>([
  { how: 'nothing names it', files: { 'eslint.config.js': "import './lint/index.js';", 'lint/index.js': '', 'src/index.ts': "import '../tools/git/version.js';" } },
  { how: 'a script of a manifest does', files: { 'package.json': '{ "scripts": { "release": "node tools/git/version.js" } }', 'eslint.config.js': '' } },
  { how: 'a script of a manifest with settings does', files: { 'package.json': '{ "name": "tools", "main": "tools/index.js", "scripts": { "release": "node tools/git/version.js" }, "eslintConfig": { "root": true } }' } },
  { how: 'a manifest with our package does', files: { 'package.json': '{ "scripts": { "release": "node tools/git/version.js" }, "devDependencies": { "spark-gates": "^1.0.0", "prettier": "latest" } }' } },
  { how: 'a manifest that is read does', files: { 'eslint.config.js': "import manifest from './package.json' with { type: 'json' };", 'package.json': '{ "main": "tools/index.js", "scripts": { "release": "node tools/git/version.js" } }' } },
  { how: 'a manifest itself asks, in a script', files: { 'package.json': '{ "scripts": { "changed": "git diff" }, "eslintConfig": { "root": true } }' }, asks: 'package.json' },
  { how: 'an import of the manifest is used by others', files: { 'eslint.config.js': "import '#lint';", 'package.json': '{ "imports": { "#version": "./tools/git/version.js", "#lint": "./lint.js" } }' } },
  { how: 'a pattern says that it is linted', files: { 'eslint.config.js': "export default [{ files: ['tools/**/*.js'], languageOptions: { parserOptions: { tsconfigRootDir: '.' } } }];" } },
  { how: 'a compiler reads it', files: { 'eslint.config.js': "export default [{ languageOptions: { parserOptions: { project: './tsconfig.json' } } }];", 'tsconfig.json': '{ "include": ["tools"], "references": [{ "path": "tools/git" }] }' } },
  { how: 'it is left out', files: { '.eslintignore': 'tools/git\n', '.eslintrc.json': '{ "ignorePatterns": ["tools", "dist"], "env": { "tools": true } }' } },
  { how: 'a team has the name of its folder', files: { 'spark-gates.config.json': '{ "teams": { "tools": "tools/**" }, "gates": { "test_coverage": { "command": "node tools/git/version.js" } } }' } },
  { how: 'an installed package has the name of its folder', files: { 'eslint.config.js': "import house from '@house/lint';" }, links: { 'node_modules/@house/lint': 'node_modules/.store/lint' } },
  { how: 'a plugin that is installed is called like one that is not', files: { '.eslintrc.json': '{ "plugins": ["acme"] }' }, links: { 'node_modules/eslint-plugin-acme': '<root>/node_modules/.store/acme', 'node_modules/eslint-plugin-other': '<root>/tools' } },
])('a linter does not load what asks git: $how', async (one) => {
  expect(await mayLoad(one)).toBe(false);
});

test('a manifest asks git by its settings', async () => {
  expect(await mayLoad({ how: '', files: { 'package.json': '{ "eslintConfig": { "extends": ["plugin:diff/diff"] } }' }, asks: 'package.json' })).toBe(true);
});

const VITE = { 'vite.config.ts': "import { version } from './tools/git/version.js';" };
const WEBPACK = { 'webpack.config.js': "require('./tools/git/version.js');" };
const JEST = { 'jest.config.js': "module.exports = { globalSetup: './tools/git/version.js' };" };

test.each<Case>([
  { how: 'by its name', files: { 'eslint.config.js': "import vite from './vite.config.ts';", ...VITE } },
  { how: 'by a resolver', files: { '.eslintrc.json': '{ "settings": { "import/resolver": { "webpack": {} } } }', ...WEBPACK } },
  { how: 'by a resolver of another tool', files: { 'eslint.config.js': "export default { settings: { 'import/resolver': { node: true, jest: {} } } };", ...JEST } },
  { how: 'by a bare word', files: { 'packages/web/eslint.config.js': "export default { settings: { 'import/resolver': 'vite' } };", ...VITE } },
  { how: 'by its parser', files: { '.eslintrc.yml': "parser: '@babel/eslint-parser'\n", '.babelrc.js': "module.exports = require('./tools/git/version.js');" } },
  { how: 'by its plugin', files: { 'eslint.config.js': "import recommended from 'eslint-plugin-prettier/recommended';", '.prettierrc.mjs': "import './tools/git/version.js';" } },
])('the configuration of another tool is loaded where a linter names it: $how', async (one) => {
  expect(await mayLoad(one)).toBe(true);
});

test.each<Case>([
  { how: 'not at all', files: { 'eslint.config.js': '', 'tsup.config.ts': "import './tools/git/version.js';", ...VITE, ...WEBPACK } },
  { how: 'but in a longer word', files: { 'eslint.config.js': "import vitest from '@vitest/eslint-plugin'; export default [vitest.configs.all, refresh.configs.vite];", ...VITE } },
  { how: 'but as an environment', files: { '.eslintrc.json': '{ "env": { "jest": true }, "plugins": ["jest"] }', ...JEST } },
])('the configuration of another tool is not loaded where a linter does not name it: $how', async (one) => {
  expect(await mayLoad(one)).toBe(false);
});

test('packages with a configuration each are no reason to give up', async () => {
  expect(await mayLoad({ how: '', files: { ...many(600, (at) => `packages/web${at}/eslint.config.js`, "export { default } from '../../lint.js';"), 'lint.js': '' } })).toBe(false);
});

test('what leads to hundreds of files may lead to any', async () => {
  const sources = many(501, (at) => `src/page${at}.js`, '');
  expect(await mayLoad({ how: '', files: { ...sources, 'eslint.config.js': "import './vite.config.ts';", 'vite.config.ts': "export default { alias: './src' };" } })).toBe(true);
  expect(await mayLoad({ how: '', files: { ...sources, 'eslint.config.js': '', 'vite.config.ts': "export default { alias: './src' };" } })).toBe(false);
});
