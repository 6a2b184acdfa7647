import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runReport, statusesOf } from '../rig/cli.ts';
import { NOTHING, watchLeftovers } from '../rig/leftovers.ts';
import { makeProject } from '../rig/project.ts';
import { makeShop } from '../rig/shop.ts';

/** Everything that a file system and git take for a name. */
const NAMES = ['two words', 'größe-数', '-x', '--help', 'it\'s "quoted"', 'a\nb', '[id]', '{a,b}', '$(touch gone)', '%41', '#', '*'];
/** Vite takes what follows a # for part of an address. */
const TESTED = NAMES.filter((name) => name !== '#');
const ALL_RAN = {
  syntax_validation: 'passed', type_verification: 'passed', lint_enforcement: 'passed', security_analysis: 'passed',
  test_coverage: 'passed', performance_check: 'passed', documentation_check: 'passed', integration_test: 'passed',
};

test('names that are hard to quote: each file is checked by every gate, and a fault is found in it', async () => {
  const testOf = (name: string): string => `import { expect, test } from 'vitest';\nimport { a } from ${JSON.stringify(`./${name}.ts`)};\ntest('a', () => { expect(a).toBe(1); });\n`;
  const sourceFiles = Object.fromEntries(NAMES.map((name) => [`src/${name}.ts`, 'export const a: number = 1;\n']));
  const testFiles = Object.fromEntries(TESTED.map((name) => [`src/${name}.test.ts`, testOf(name)]));
  const eslint = "import tseslint from 'typescript-eslint';\nexport default [{ files: ['**/*.ts'], languageOptions: { parser: tseslint.parser }, rules: { 'no-var': 'error' } }];\n";
  await using project = await makeProject({
    'package.json': JSON.stringify({ name: 'odd', private: true, type: 'module', scripts: { test: 'vitest run' } }),
    'README.md': '# Odd\n',
    'tsconfig.json': JSON.stringify({ compilerOptions: { noEmit: true, strict: true, types: [], module: 'nodenext', skipLibCheck: true, allowImportingTsExtensions: true }, include: ['src'], exclude: ['**/*.test.ts'] }),
    'eslint.config.js': eslint,
    'spark-gates.config.json': JSON.stringify({ gates: { security_analysis: { lockfile: false, audit: 'off' } } }),
    ...sourceFiles,
    ...testFiles,
  }, { git: true, name: 'a "repository" of ours', packages: { typescript: 'typescript', eslint: 'eslint', 'typescript-eslint': 'typescript-eslint', vitest: 'vitest', '@vitest/coverage-v8': '@vitest/coverage-v8' } });
  const good = await runReport([], { cwd: project.root });
  expect(Object.values(good.report.teams.workspace?.gates ?? {}).flatMap(({ findings }) => findings)).toEqual([]);
  expect(statusesOf(good.report, 'workspace')).toEqual(ALL_RAN);
  // ESLint lints its own configuration, too.
  const inspected = (gate: 'type_verification' | 'lint_enforcement'): number | undefined => good.report.teams.workspace?.gates[gate]?.inspected.files;
  expect({ types: inspected('type_verification'), lint: inspected('lint_enforcement'), tests: good.report.teams.workspace?.gates.test_coverage?.inspected.tests }).toEqual({ types: NAMES.length, lint: NAMES.length + TESTED.length + 1, tests: TESTED.length });

  const sources = NAMES.map((name) => `src/${name}.ts`).sort();
  await project.write(Object.fromEntries(sources.map((file) => [file, "export var a: number = 1;\nexport const b: number = 'b';\n"])));
  const bad = await runReport(['--gate', 'type_verification,lint_enforcement'], { cwd: project.root });
  const found = (gate: 'type_verification' | 'lint_enforcement', rule: string): string[] | undefined => bad.report.teams.workspace?.gates[gate]?.findings.filter((one) => one.rule === rule).map(({ file }) => file ?? '').sort();
  expect({ types: found('type_verification', 'TS2322'), lint: found('lint_enforcement', 'no-var') }).toEqual({ types: sources, lint: sources });
});

test('a thousand files, CRLF, a byte order mark, a loop of links and a team without files: no finding', async () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`src/f${String(index)}.ts`, `/** Number ${String(index)}. */\nexport const n${String(index)} = ${String(index)};\n`]));
  await using project = await makeProject({
    ...many,
    'src/crlf.ts': '/** Both. */\r\nexport const crlf = `a\r\nb`;\r\n',
    'src/bom.ts': '\u{feff}/** Marked. */\nexport const bom = 1;\n',
    'src/data.json': '\u{feff}{ "a": 1 }\r\n',
    'docs/guide.md': '\u{feff}# Guide\r\n\r\nSee [crlf](../src/crlf.ts).\r\n',
    'tsconfig.json': '\u{feff}{ "compilerOptions": { "noEmit": true, "strict": true, "types": [] },\r\n "include": ["src"] }\r\n',
  }, { packages: { typescript: 'typescript' } });
  await symlink('..', path.join(project.root, 'src', 'up'), 'dir');
  await symlink('self', path.join(project.root, 'src', 'self'));
  await symlink('gone', path.join(project.root, 'src', 'dangling.ts'));
  const { report, exitCode } = await runReport(['--team', 'code=src', '--team', 'docs=docs', 'src'], { cwd: project.root });
  expect(exitCode).toBe(0);
  expect(Object.values(report.teams.code?.gates ?? {}).flatMap(({ findings }) => findings)).toEqual([]);
  expect(report.teams.code?.gates.syntax_validation?.inspected.files).toBe(1_003);
  expect(report.teams.code?.gates.type_verification?.inspected.files).toBe(1_002);
  expect(new Set(Object.values(statusesOf(report, 'docs')))).toEqual(new Set(['skipped']));
  expect(new Set(Object.values(report.teams.docs?.gates ?? {}).map(({ reason }) => reason))).toEqual(new Set(['the team has no files here']));
});

test('a linked worktree, and the same from a folder inside: the same report', async () => {
  await using shop = await makeShop();
  const tree = path.join(path.dirname(shop.root), 'a linked tree');
  await shop.git('worktree', 'add', '--quiet', '-b', 'other', tree);
  await symlink(path.join(shop.root, 'node_modules'), path.join(tree, 'node_modules'), 'dir');
  await mkdir(path.join(tree, 'catalog', 'deep'));
  await writeFile(path.join(tree, 'catalog', 'src', 'total.ts'), '/** No sum. */\nexport function total(prices: readonly number[]): string {\n  return prices.length;\n}\n');
  const leftovers = await watchLeftovers(shop);
  const args = ['--no-cache', '--gate', 'syntax_validation,type_verification,lint_enforcement'];
  const whole = await runReport(args, { cwd: tree, environment: leftovers.environment });
  const inside = await runReport([...args, '--cwd', path.join('catalog', 'deep')], { cwd: tree, environment: leftovers.environment });
  expect({ root: whole.report.workspace.root, exitCode: whole.exitCode }).toEqual({ root: tree, exitCode: 1 });
  expect(statusesOf(whole.report, 'catalog')).toEqual({ syntax_validation: 'passed', type_verification: 'failed', lint_enforcement: 'passed' });
  expect(statusesOf(whole.report, 'billing')).toEqual({ syntax_validation: 'passed', type_verification: 'passed', lint_enforcement: 'passed' });
  const timeless = (report: unknown): unknown => JSON.parse(JSON.stringify(report, (key, value: unknown) => (key === 'durationMs' ? 0 : value)));
  expect(timeless(inside.report)).toEqual(timeless(whole.report));
  expect(await leftovers.find()).toEqual(NOTHING);
});
