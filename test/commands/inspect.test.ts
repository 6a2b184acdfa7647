import { expect, test } from 'vitest';
import { GATE_IDS } from '../../src/model/gate.ts';
import type { RunReport } from '../../src/model/report.ts';
import { makeProject } from '../rig/project.ts';
import { runLine } from './run-program.ts';

interface Diagnosis {
  readonly ok: boolean;
  readonly found: Readonly<Record<string, string>>;
  readonly blocking: readonly string[];
  readonly advice: readonly string[];
}

test('gates lists the eight with the engines here', async () => {
  await using project = await makeProject({ 'package.json': '{}', 'tsconfig.json': '{}', 'a.ts': 'export {};\n' }, { packages: { typescript: 'typescript5' }, git: true });
  const { exitCode, stdout } = await runLine(project.root, 'gates', '--json');
  const { gates } = JSON.parse(stdout) as { gates: { id: string; engines: { name: string; version: string; origin: string }[] }[] };
  expect(exitCode).toBe(0);
  expect(gates.map((gate) => gate.id)).toEqual(GATE_IDS);
  expect(gates[1]?.engines).toEqual([{ name: 'typescript', version: expect.stringMatching(/^5\.9\./) as string, origin: 'project' }]);
});

test('gates lists them even where the configuration is broken, and says so', async () => {
  await using project = await makeProject({ 'a.js': '', 'spark-gates.config.json': '{ "presets": "spark" }' });
  const { exitCode, stdout, stderr } = await runLine(project.root, 'gates');
  expect(exitCode).toBe(2);
  expect(stdout.match(/^\w+$/gm)).toEqual([...GATE_IDS]);
  expect(stderr).toMatch(/^spark-gates: the engines here cannot be told: .*presets/);
});

test('doctor names what is missing and what to do', async () => {
  await using project = await makeProject({ 'package.json': '{ "devDependencies": { "typescript": "*" } }', 'tsconfig.json': '{}', 'a.ts': 'export {};\n' }, { git: true });
  const { exitCode, stdout } = await runLine(project.root, 'doctor', '--json');
  const diagnosis = JSON.parse(stdout) as Diagnosis;
  expect(exitCode).toBe(1);
  expect(diagnosis.ok).toBe(false);
  expect(diagnosis.blocking[0]).toBe('node_modules is missing: run npm install');
  expect(diagnosis.found.root).toBe(project.root);
  expect(diagnosis.advice).toContain('no lockfile: installs are not repeatable; run npm install and commit package-lock.json');
});

test('doctor and plan name what will keep a check from running, as the run would', async () => {
  await using project = await makeProject({ 'package.json': '{ "private": true, "scripts": { "test": "mocha" }, "eslintConfig": { "root": true } }', 'a.js': '' }, { packages: { eslint: 'eslint' }, git: true });
  const { exitCode, stdout } = await runLine(project.root, 'doctor', '--json');
  const expected = [expect.stringMatching(/^lint_enforcement: package\.json: ESLint 10\.\d+\.\d+ no longer reads it: migrate to eslint\.config\.js$/), 'test_coverage: Mocha is not installed: run npm install --save-dev mocha'];
  expect([exitCode, (JSON.parse(stdout) as Diagnosis).blocking]).toEqual([1, expected]);
  const planned = await runLine(project.root, 'plan', '--gate', 'test_coverage');
  expect(planned.stdout).toContain('\n       cannot run: Mocha is not installed: run npm install --save-dev mocha\n');
  const run = await runLine(project.root, 'run', '--gate', 'lint_enforcement,test_coverage', '--reporter', 'json');
  const report = JSON.parse(run.stdout) as RunReport;
  expect([run.exitCode, Object.entries(report.teams.workspace?.gates ?? {}).map(([gate, verdict]) => `${gate}: ${verdict.reason ?? ''}`)]).toEqual([1, expected]);
});

test('doctor shows a broken configuration, and still what was found', async () => {
  await using project = await makeProject({ 'a.js': '', 'spark-gates.config.json': '{ "presets": "spark" }' });
  const { exitCode, stdout } = await runLine(project.root, 'doctor');
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^ {2}files +2$/m);
  expect(stdout).toMatch(/^ {2}✗ .*presets/m);
  expect(stdout).toContain('not a git repository: what changed cannot be told; run git init');
});
