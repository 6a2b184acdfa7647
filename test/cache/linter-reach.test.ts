import { expect, test } from 'vitest';
import { mayLoadAny } from '../../src/cache/linter-reach.ts';
import { makeProject } from '../rig/project.ts';

const ASKS = 'tools/git/version.js';

interface Case {
  readonly how: string;
  readonly files: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly asks?: string;
}

async function mayLoad({ files, links = {}, asks = ASKS }: Case): Promise<boolean> {
  await using project = await makeProject({ [asks]: 'git', ...files }, { git: false });
  return mayLoadAny(new Set([asks]), { root: project.root, files: new Map([asks, ...Object.keys(files)].map((file) => [file, 'content'])), links: new Map(Object.entries(links)) });
}

test.each<Case>([
  { how: 'it is a configuration', files: {}, asks: 'vite.config.ts' },
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
  { how: 'by the name of a member', files: { 'eslint.config.js': "import house from '@house/lint';" }, links: { 'node_modules/@house/lint': 'tools' } },
  { how: 'by the name of the package itself', files: { 'tools/package.json': '{ "name": "house" }', 'tools/eslint.config.js': "import 'house/version';" } },
  { how: 'by what is listed', files: { 'eslint.config.js': 'const rules = readdirSync(here);' } },
  { how: 'by the configuration of ours', files: { 'spark-gates.config.json': '{ "configFile": "lint/strict.mjs" }', 'lint/strict.mjs': "import '../tools/git/version.js';" } },
  { how: 'from the root', files: { 'eslint.config.js': "await import('./' + name);" } },
  { how: 'it lies outside', files: {}, asks: '../shared/version.js' },
])('a linter may load what asks git: $how', async (one) => {
  expect(await mayLoad(one)).toBe(true);
});

test.each<Case>([
  { how: 'nothing names it', files: { 'eslint.config.js': "import './lint/index.js';", 'lint/index.js': '', 'src/index.ts': "import '../tools/git/version.js';" } },
  { how: 'a script of a manifest does', files: { 'package.json': '{ "scripts": { "release": "node tools/git/version.js" } }', 'eslint.config.js': '' } },
  { how: 'a pattern says that it is linted', files: { 'eslint.config.js': "export default [{ files: ['tools/**/*.js'], languageOptions: { parserOptions: { tsconfigRootDir: '.' } } }];" } },
  { how: 'an installed package has the name of its folder', files: { 'eslint.config.js': "import house from '@house/lint';" }, links: { 'node_modules/@house/lint': 'node_modules/.store/lint' } },
])('a linter does not load what asks git: $how', async (one) => {
  expect(await mayLoad(one)).toBe(false);
});
