import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runCli, runReport, statusesOf, type CliResult } from '../rig/cli.ts';
import { NOTHING, watchLeftovers } from '../rig/leftovers.ts';
import { makeProject, type Project } from '../rig/project.ts';

const SOURCES = { 'api/a.js': 'export const a = 1;\n', 'web/b.js': 'export const b = 2;\n' };
const GATES = 'syntax_validation, type_verification, lint_enforcement, security_analysis, test_coverage, performance_check, documentation_check, integration_test';
const config = (text: string, end = 'ts'): Record<string, string> => ({ [`spark-gates.config.${end}`]: text });

interface NoStart {
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** `<root>` and `<parent>` stand for the project's root and the folder that it is in. */
  readonly says: string;
}

const NO_START: Readonly<Record<string, NoStart>> = {
  'a configuration that is no JSON': { files: config('{"gates": {', 'json'), says: 'spark-gates.config.json: is not valid JSON (CloseBraceExpected at line 1, column 12)' },
  'a configuration that does not parse': { files: config('export default {;'), says: 'spark-gates.config.ts: could not be loaded: ParseError: Unexpected token <root>/spark-gates.config.ts:1:16' },
  'a configuration that throws': { files: config('throw new Error("no luck\\ntoday");'), says: 'spark-gates.config.ts: could not be loaded: no luck today' },
  'a configuration that ends the process': { files: config('process.exit(0);'), says: 'spark-gates.config.ts: could not be loaded: it ends the process with exit code 0; it must only export the configuration' },
  'a configuration that waits for ever': { files: config('await new Promise(() => {}); export default {};', 'mjs'), says: 'spark-gates.config.mjs: could not be loaded: it waits for something that never comes; it must only export the configuration' },
  'a configuration that imports what is not there': { files: config('import "gone"; export default {};'), says: "spark-gates.config.ts: could not be loaded: Cannot find module 'gone'" },
  'an unknown key': { files: config('{"preste": "spark"}', 'json'), says: 'spark-gates.config.json: preste is not a setting; did you mean preset?' },
  'a value of the wrong type': { files: config('{"gates": {"lint_enforcement": {"maxWarnings": "none"}}}', 'json'), says: 'spark-gates.config.json: gates.lint_enforcement.maxWarnings is "none"; expected a number' },
  'an unknown gate in the configuration': { files: config('{"gates": {"lint": {}}}', 'json'), says: 'spark-gates.config.json: gates.lint is not a gate' },
  'a configuration that is not there': { args: ['--config', 'gone.json'], says: '<root>/gone.json: there is no such file' },
  'a configuration that is a folder': { args: ['--config', 'api'], says: '<root>/api: this is not a file; give the path of a configuration file' },
  'an unknown gate': { args: ['--gate', 'linter'], says: `option '--gate <id...>' argument 'linter' is invalid. There is no gate "linter". Did you mean lint? The gates are ${GATES}.` },
  'an unknown flag': { args: ['--tema', 'api=api'], says: "unknown option '--tema'. Did you mean --team?" },
  'a team without globs': { args: ['--team', 'api='], says: "option '--team <name=glob[,glob]>' argument 'api=' is invalid. Write it as NAME=GLOB[,GLOB], for example --team api='src/api/**'." },
  'a team of a reserved name': { args: ['--team', 'workspace=api'], says: 'the team name "workspace" is reserved for what no team owns (command line); choose another' },
  'a glob that matches nothing': { args: ['--team', 'api=ipa/**'], says: 'team "api": "ipa/**" matches no file of <root>; correct the glob' },
  'a glob outside the root': { args: ['--team', 'api=../**'], says: 'team "api": "../**" is outside the root <root>; globs are relative to the root' },
  'teams that overlap': { args: ['--team', 'one=api', '--team', 'two=**/*.js'], says: 'teams "one" and "two" both own api/a.js; a file has one owner, so narrow the globs of one of them' },
  'a path outside the root': { args: ['../elsewhere.js'], says: '../elsewhere.js is outside the root <root>; give paths inside it, or another --cwd' },
  'a path that is not there': { args: ['api/gone.js'], says: 'api/gone.js does not exist in <root>' },
  'a file in place of the folder': { args: ['--cwd', 'api/a.js'], says: '<root>/api/a.js is a file; give the folder of the repository to check' },
  'a folder that is not there': { args: ['--cwd', '../gone'], says: '<parent>/gone: there is no such folder; give the folder of the repository to check' },
  'an empty folder': { args: ['--cwd', '../empty'], says: '<parent>/empty: there are no files to check; add some, or give another folder' },
};

/** One sentence on stderr, nothing on stdout, exit code 2, nothing left. */
async function expectNoStart(project: Project, args: readonly string[], says: string): Promise<void> {
  const leftovers = await watchLeftovers(project);
  const result = await runCli(['run', '--reporter', 'json', ...args], { cwd: project.root, environment: leftovers.environment });
  const sentence = says.replaceAll('<root>', project.root).replaceAll('<parent>', path.dirname(project.root));
  expect(result).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${sentence}\n` } satisfies CliResult);
  expect(await leftovers.find()).toEqual(NOTHING);
}

test.each(Object.entries(NO_START))('%s', async (_name, { files = {}, args = [], says }) => {
  await using project = await makeProject({ 'package.json': '{}\n', ...SOURCES, ...files });
  await mkdir(path.join(path.dirname(project.root), 'empty'));
  await expectNoStart(project, args, says);
});

test('a base commit that git does not know', async () => {
  await using project = await makeProject({ ...SOURCES, ...config('{"base": "origin/gone"}', 'json') }, { git: true });
  await expectNoStart(project, [], 'base "origin/gone" is no commit of this repository; give a branch, tag or commit that was fetched');
});

test('a repository without a commit: without files it cannot start, with files it runs', async () => {
  await using project = await makeProject({});
  await project.git('init', '--quiet');
  await expectNoStart(project, [], '<root>: there are no files to check; add some, or give another folder');
  await project.write(SOURCES);
  const { report, exitCode } = await runReport([], { cwd: project.root });
  expect({ exitCode, head: report.workspace.head, files: report.teams.workspace?.files }).toEqual({ exitCode: 0, head: null, files: 2 });
});

test('a folder without git and package.json runs, and what a configuration prints stays out of the report', async () => {
  await using project = await makeProject({ ...SOURCES, ...config('console.log("hello"); export default { teams: { api: "api", web: "web" } };') });
  const leftovers = await watchLeftovers(project);
  const { report, exitCode, stderr } = await runReport([], { cwd: project.root, environment: leftovers.environment });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'hello\n' });
  for (const team of ['api', 'web']) expect(statusesOf(report, team)).toEqual(RAN);
  expect(await leftovers.find()).toEqual(NOTHING);
});

test('a package.json that does not parse: its team alone fails, and what depends on it does not look passed', async () => {
  await using project = await makeProject({ ...SOURCES, 'api/package.json': '{"name": ', 'package.json': '{"private": true, "workspaces": ["api", "web"]}', 'web/package.json': '{}', ...config('{"teams": {"api": "api", "web": "web"}}', 'json') });
  const { report, exitCode } = await runReport(['--gate', 'syntax_validation,test_coverage,integration_test'], { cwd: project.root });
  expect(exitCode).toBe(1);
  expect(statusesOf(report, 'api')).toEqual({ syntax_validation: 'failed', test_coverage: 'error', integration_test: 'error' });
  expect(statusesOf(report, 'web')).toEqual({ syntax_validation: 'passed', test_coverage: 'skipped', integration_test: 'passed' });
  expect(report.teams.api?.gates.test_coverage?.reason).toBe('api/package.json: is not valid JSON (Unexpected end of JSON input); correct it');
});

test('no node_modules is one sentence a gate, and what needs none still runs', async () => {
  const manifest = { private: true, scripts: { test: 'vitest run' }, devDependencies: { eslint: '^9.0.0', typescript: '^5.0.0', vitest: '^4.0.0' } };
  const sources = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`src/m${String(index)}.ts`, "import { z } from 'zod';\nexport const a = z;\n"]));
  await using project = await makeProject({
    ...sources,
    'README.md': '# Bare\n',
    'package.json': JSON.stringify(manifest),
    'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
    'tsconfig.json': '{"include": ["src"]}\n',
    'eslint.config.js': 'export default [];\n',
    'src/a.test.ts': "import { test } from 'vitest';\ntest('a', () => {});\n",
  });
  const { report, exitCode } = await runReport([], { cwd: project.root });
  expect(exitCode).toBe(1);
  const gates = report.teams.workspace?.gates ?? {};
  const setup = { status: 'error', reason: 'node_modules is missing: run pnpm install --frozen-lockfile', findings: 0 };
  const rows = Object.fromEntries(Object.entries(gates).map(([gate, { status, reason, findings }]) => [gate, { status, reason, findings: findings.length }]));
  const passed = { status: 'passed', reason: null, findings: 0 };
  expect(rows).toEqual({
    syntax_validation: passed, type_verification: setup, lint_enforcement: setup,
    // Without a registry, or without pnpm, nothing can be said of known vulnerabilities, and the pass says so.
    security_analysis: { ...passed, reason: expect.stringMatching(/^passed without: no audit: /) as string },
    test_coverage: setup, performance_check: passed, documentation_check: passed, integration_test: setup,
  });
});

const RAN = { syntax_validation: 'passed', type_verification: 'skipped', lint_enforcement: 'passed', security_analysis: 'passed', test_coverage: 'skipped', performance_check: 'passed', documentation_check: 'passed', integration_test: 'passed' };

test('a tsconfig that extends a missing file is named, once, and costs the type gate alone', async () => {
  await using project = await makeProject({ 'src/a.ts': 'export const a = 1;\n', 'tsconfig.json': '{"extends": "./gone.json", "include": ["src"]}\n' }, { packages: { typescript: 'typescript' } });
  const { report, exitCode } = await runReport([], { cwd: project.root });
  expect({ exitCode, statuses: statusesOf(report, 'workspace') }).toEqual({ exitCode: 1, statuses: { ...RAN, type_verification: 'failed' } });
  const findings = report.teams.workspace?.gates.type_verification?.findings.map(({ rule, file, message }) => ({ rule, file, message }));
  expect(findings).toEqual([{ rule: 'TS5083', file: 'tsconfig.json', message: "Cannot read file 'gone.json'." }]);
});

test('a binary and a file of 50 MB among the sources: named, not read, and only the binary source is a fault', async () => {
  await using project = await makeProject({
    ...SOURCES,
    'api/logo.png': Uint8Array.from({ length: 4096 }, (_, index) => index % 256),
    'api/program.ts': Uint8Array.of(0, 1, 2, 255, 254, 0),
    'web/big.js': `export const big = [\n${'  "0123456789abcdef",\n'.repeat(2_500_000)}];\n`,
    ...config('{"teams": {"api": "api", "web": "web"}}', 'json'),
  });
  const { report, exitCode } = await runReport([], { cwd: project.root });
  expect(exitCode).toBe(1);
  expect({ api: statusesOf(report, 'api'), web: statusesOf(report, 'web') }).toEqual({ api: { ...RAN, syntax_validation: 'failed', lint_enforcement: 'error' }, web: RAN });
  expect(report.teams.api?.gates.lint_enforcement?.reason).toBe('cannot run on what does not parse: api/program.ts');
  const about = Object.values(report.teams.web?.gates ?? {}).flatMap(({ findings }) => findings.map(({ file, message, severity }) => ({ file, message, severity })));
  expect(about).toEqual([{ file: 'web/big.js', message: '55000024 bytes: too large to be parsed', severity: 'warning' }]);
  expect(report.notes.slice(1).map((note) => note.replace(/^.*?: /, ''))).toEqual([
    '3 files not searched for secrets (binary, too large, or gone): api/logo.png, api/program.ts, web/big.js',
    'the bundled ESLint configuration ignores or does not cover 1 of 4 files',
    '2 files not linted (Flow, no UTF-8 text, too large, or gone): api/program.ts, web/big.js',
    '1 file above 5 MiB, not parsed: web/big.js',
    '1 file binary, not inspected: api/logo.png',
  ]);
});
