import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeProject, type Project } from '../rig/project.ts';

export function installed(name: string, version: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { [`node_modules/${name}/package.json`]: JSON.stringify({ name, version, main: 'index.js' }), [`node_modules/${name}/index.js`]: `exports.version = '${version}';\n`, ...more };
}

export const FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'library', private: true, type: 'module', scripts: { test: 'vitest run' }, devDependencies: { typescript: '5.9.2', eslint: '9.0.0', vitest: '4.0.0', 'eslint-plugin-order': '1.0.0' } }),
  'package-lock.json': JSON.stringify({ name: 'library', lockfileVersion: 3, packages: {} }),
  'README.md': '# Library\n\nSee [the catalogue](src/catalogue.ts).\n',
  'tsconfig.json': JSON.stringify({ extends: ['./config/tsconfig.base.json', '../shared/tsconfig.json'], include: ['src'] }),
  'config/tsconfig.base.json': JSON.stringify({ compilerOptions: { strict: true, noEmit: true } }),
  'config/tsconfig.paths.json': JSON.stringify({ compilerOptions: { paths: { '@series/*': ['../../series/src/*'], '@editions/*': ['../../edition-*/src'] } } }),
  'eslint.config.js': 'export default [{ languageOptions: { parserOptions: { projectService: true } } }];\n',
  'vitest.config.ts': "export default { test: { include: ['src/**/*.test.ts'], env: { SHELF: process.env.SHELF } } };\n",
  'scripts/branch.js': "const { opening } = process.env;\nexport const nameOf = (key) => `${process.env[`BRANCH_${key}`]} ${opening}`;\n",
  'spark-gates.config.json': JSON.stringify({ gates: { security_analysis: { audit: 'off' } } }),
  'src/catalogue.ts': "import { shelf } from './shelf.ts';\nexport const catalogue = [shelf];\n",
  'src/shelf.ts': "import { book } from './book.ts';\nimport type { Author } from './author.ts';\nexport const shelf: { book: string; author: Author } = { book, author: { name: 'A' } };\n",
  'src/book.ts': "export const book = 'b';\n",
  'src/author.ts': 'export interface Author { readonly name: string }\n',
  'src/catalogue.test.ts': "import { expect, test } from 'vitest';\nimport { catalogue } from './catalogue.ts';\ntest('has a shelf', () => { expect(catalogue.length).toBe(1); });\n",
  'scripts/check.sh': '#!/bin/sh\nexit 0\n',
  'bin/open': '#!/bin/sh\n[ "$DOORS" = wide ] && [ "${lamps}" = lit ] && stamp-books\n',
  'scripts/room.js': "export const roomOf = (key) => process.env[`room_${key}`];\n",
  'data/titles.txt': 'one\n',
  'data/names.txt': 'one\n',
  ...installed('typescript', '5.9.2'),
  ...installed('eslint', '9.0.0'),
  ...installed('vitest', '4.0.0'),
  ...installed('eslint-plugin-order', '1.0.0', { 'node_modules/eslint-plugin-order/lib/rules/first.js': 'module.exports = {};\n' }),
};

/** Beside it lies a folder that its files name, and that a link of it leads to. */
export async function library(): Promise<Project> {
  const project = await makeProject(FILES, { git: true });
  const shared = path.join(path.dirname(project.root), 'shared');
  await mkdir(path.join(shared, 'lib'), { recursive: true });
  await writeFile(path.join(shared, 'tsconfig.json'), '{}');
  await writeFile(path.join(shared, 'lib/tool.ts'), 'export const tool = 1;\n');
  await mkdir(path.join(shared, '../series/src'), { recursive: true });
  await mkdir(path.join(shared, '../edition-one/src'), { recursive: true });
  await mkdir(path.join(shared, '../rules'));
  await writeFile(path.join(shared, '../series/src/volume.ts'), 'export const volume = 1;\n');
  await writeFile(path.join(shared, '../edition-one/src/index.ts'), 'export const edition = 1;\n');
  await writeFile(path.join(shared, '../rules/linter.json'), '{ "extends": "./strict.json" }\n');
  await writeFile(path.join(shared, '../rules/strict.json'), '{}\n');
  await writeFile(path.join(shared, '../absolute.json'), '{}\n');
  await symlink('../rules/linter.json', path.join(project.root, 'linter.json'));
  await project.write({ 'config/house.json': JSON.stringify({ extends: path.join(shared, '../absolute.json') }) });
  await symlink('data/titles.txt', path.join(project.root, 'titles'));
  await symlink('../shared', path.join(project.root, 'vendor'));
  await project.write({ '.gitignore': 'node_modules/\ngenerated/\ncoverage/\n*.tsbuildinfo\n' });
  await project.git('add', '--all');
  await project.git('commit', '--quiet', '--message', 'Add links');
  await project.write({ 'generated/index.ts': 'export const generated = 1;\n', 'generated/logs/index.ts': 'export const log = 1;\n', 'coverage/index.html': 'one' });
  return project;
}

export const look = (project: Project) => ({ cwd: project.root, cacheHome: path.join(path.dirname(project.root), 'cache') });

/** Checks by what they depend on. */
export const FILES_ONLY = ['integration_test:imports', 'rules:1', 'security_analysis:secrets', 'syntax_validation:parse:1'];
export const PACKAGES = ['integration_test:installed', 'security_analysis:lockfile'];
export const CODE = ['documentation_check:readme', 'lint_enforcement:eslint:eslint.config.js', 'lint_enforcement:eslint:eslint.config.js:tsconfig.json', 'type_verification:types:tsconfig.json'];
export const ALL = ['documentation_check:markdown', 'test_coverage:tests:unit:vitest::test'];
