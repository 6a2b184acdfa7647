import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { UserConfig } from '../../src/model/config.ts';
import type { RunEvent } from '../../src/model/event.ts';
import { statusesOf } from '../rig/cli.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { runHere } from '../rig/run.ts';

const HANG = 'node -e "setInterval(() => {}, 1000)"';

function configure(gates: UserConfig['gates']): UserConfig {
  return { teams: { api: ['api/**'], web: ['web/**'] }, gates };
}

function twoTeams(more: Record<string, string> = {}): Promise<Project> {
  return makeProject({ 'api/a.js': 'export const a = 1;\n', 'web/b.js': 'export const b = 2;\n', ...more });
}

test('a command in place of a gate: exit code decides, places in its output are findings', async () => {
  await using project = await twoTeams();
  const report = await runHere(project, {
    gates: ['type_verification', 'lint_enforcement'],
    config: configure({
      lint_enforcement: { command: `node -e "console.log('web/b.js:1:14: error no constants, please'); process.exit(1)"` },
      type_verification: { command: 'node -e 0' },
    }),
  });
  expect(report.ok).toBe(false);
  expect(statusesOf(report, 'api')).toEqual({ type_verification: 'passed', lint_enforcement: 'passed' });
  expect(statusesOf(report, 'web')).toEqual({ type_verification: 'passed', lint_enforcement: 'failed' });
  expect(report.teams.web?.gates.lint_enforcement?.findings).toEqual([
    { gate: 'lint_enforcement', rule: 'command', message: 'no constants, please', file: 'web/b.js', line: 1, column: 14, severity: 'error' },
  ]);
});

test('a command that only warns about places and still fails has a finding of its own', async () => {
  await using project = await twoTeams();
  const report = await runHere(project, {
    gates: ['lint_enforcement'],
    config: configure({ lint_enforcement: { command: `node -e "console.log('web/b.js(1,14): warning W1: hm'); process.exit(1)"` } }),
  });
  expect(report.teams.web?.gates.lint_enforcement?.findings.map((finding) => [finding.message, finding.severity])).toEqual([['W1: hm', 'warning']]);
  expect(report.teams.workspace?.gates.lint_enforcement?.findings.map((finding) => finding.severity)).toEqual(['error']);
});

test('a failure that names no place blocks every team', async () => {
  await using project = await twoTeams();
  const report = await runHere(project, {
    gates: ['lint_enforcement'],
    config: configure({ lint_enforcement: { command: 'node -e "console.error(process.argv[1]); process.exit(4)" "all is lost"' } }),
  });
  expect(statusesOf(report, 'api')).toEqual({ lint_enforcement: 'failed' });
  expect(statusesOf(report, 'workspace')).toEqual({ lint_enforcement: 'failed' });
  expect(report.teams.workspace?.gates.lint_enforcement?.findings[0]?.message).toBe('the command exited with 4\nall is lost');
});

test('a command that is not there is an error, never a failure or a pass', async () => {
  await using project = await twoTeams();
  const report = await runHere(project, { gates: ['lint_enforcement'], config: configure({ lint_enforcement: { command: 'no-such-program-anywhere' } }) });
  expect(report.ok).toBe(false);
  expect(statusesOf(report, 'api')).toEqual({ lint_enforcement: 'error' });
});

test('errors that only warn do not fail the run', async () => {
  await using project = await twoTeams();
  const gates = { lint_enforcement: { command: 'no-such-program-anywhere' } };
  const report = await runHere(project, { gates: ['lint_enforcement', 'syntax_validation'], config: { ...configure(gates), errors: 'warn' } });
  expect(report.ok).toBe(true);
  expect(statusesOf(report, 'api')).toEqual({ syntax_validation: 'passed', lint_enforcement: 'error' });
});

test('a check that hangs is stopped at its time limit, and the rest is unharmed', async () => {
  await using project = await twoTeams();
  const report = await runHere(project, {
    gates: ['lint_enforcement', 'type_verification', 'syntax_validation'],
    config: configure({ lint_enforcement: { command: `${HANG} & ${HANG}`, timeLimitMs: 300 }, type_verification: { command: 'node -e 0' } }),
  });
  expect(statusesOf(report, 'api')).toEqual({ syntax_validation: 'passed', type_verification: 'passed', lint_enforcement: 'error' });
  expect(report.teams.api?.gates.lint_enforcement?.reason).toBe('stopped after its time limit of 300 ms; raise timeLimitMs of this gate if it needs longer');
});

test('bail stops what still runs', async () => {
  await using project = await twoTeams({ 'api/bad.json': '{' });
  const report = await runHere(project, {
    bail: true,
    jobs: 3,
    gates: ['syntax_validation', 'lint_enforcement', 'type_verification', 'documentation_check'],
    config: configure({ lint_enforcement: { command: HANG }, type_verification: { command: HANG }, documentation_check: { level: 'off' } }),
  });
  expect(statusesOf(report, 'api')).toEqual({ syntax_validation: 'failed', type_verification: 'error', lint_enforcement: 'error', documentation_check: 'skipped' });
  expect(report.teams.api?.gates.lint_enforcement?.reason).toBe('stopped: an earlier gate failed and --bail was given');
  expect(report.cancelled).toBe(true);
});

test('cancelling ends what runs and what waits', async () => {
  await using project = await twoTeams();
  const events: RunEvent['type'][] = [];
  const report = await runHere(project, {
    jobs: 1,
    gates: ['lint_enforcement', 'type_verification'],
    config: configure({ lint_enforcement: { command: HANG }, type_verification: { command: HANG } }),
    onEvent: (event, cancel) => {
      events.push(event.type);
      if (event.type === 'check-started') cancel.abort();
    },
  });
  expect(statusesOf(report, 'web')).toEqual({ type_verification: 'error', lint_enforcement: 'error' });
  expect(report.teams.web?.gates.type_verification?.reason).toBe('cancelled');
  expect(events).toEqual(['run-started', 'check-started', 'check-finished', 'verdict', 'verdict', 'check-finished', 'verdict', 'verdict', 'run-finished']);
});

test('level warn shows and does not block; level off skips', async () => {
  await using project = await twoTeams({ 'api/bad.json': '{' });
  const report = await runHere(project, {
    gates: ['syntax_validation', 'lint_enforcement'],
    config: configure({ syntax_validation: { level: 'warn' }, lint_enforcement: { level: 'off' } }),
  });
  expect(report.ok).toBe(true);
  expect(statusesOf(report, 'api')).toEqual({ syntax_validation: 'failed', lint_enforcement: 'skipped' });
});

test('a run that inspected nothing is not ok', async () => {
  await using project = await twoTeams();
  expect((await runHere(project, { gates: ['lint_enforcement'], config: configure({ lint_enforcement: { level: 'off' } }) })).ok).toBe(false);
});

test('durations are remembered for the order of the next run, and broken ones are no trouble', async () => {
  await using project = await twoTeams();
  const environment = { XDG_CACHE_HOME: path.join(path.dirname(project.root), 'cache') };
  const folder = path.join(environment.XDG_CACHE_HOME, 'spark-gates', 'durations');
  await runHere(project, { gates: ['syntax_validation'], config: configure({}), environment });
  const [name = ''] = await readdir(folder);
  expect(JSON.parse(await readFile(path.join(folder, name), 'utf8'))).toEqual({
    version: 1,
    ms: { 'syntax_validation:parse:1': expect.any(Number) as number },
    megabytes: { 'syntax_validation:parse:1': expect.any(Number) as number },
  });
  await project.write({ [path.join('../cache/spark-gates/durations', name)]: '{"version":1,"ms":{"a":"half' });
  expect((await runHere(project, { gates: ['syntax_validation'], environment })).ok).toBe(true);
  expect((await readdir(folder)).length).toBe(1);
});

test('two suites that fail with the same words fail both teams', async () => {
  const member = (name: string): Record<string, string> => ({
    [`packages/${name}/package.json`]: JSON.stringify({ name, private: true, scripts: { test: 'node check.js' } }),
    [`packages/${name}/check.js`]: "console.log('1 check failed'); process.exitCode = 1;\n",
  });
  await using project = await makeProject({ 'package.json': '{"private":true,"workspaces":["packages/*"]}', ...member('a'), ...member('b') });
  const report = await runHere(project, { gates: ['test_coverage'], config: { teams: { a: 'packages/a', b: 'packages/b' } } });
  expect([statusesOf(report, 'a'), statusesOf(report, 'b')]).toEqual([{ test_coverage: 'failed' }, { test_coverage: 'failed' }]);
});

test('a check over a file that no team owns is everyone\'s: its error is not lost', async () => {
  await using project = await twoTeams();
  const report = await runHere(project, { gates: ['performance_check'], config: configure({ performance_check: { bundles: [{ entry: 'api/typo.js', maxBytes: 100 }] } }) });
  expect([statusesOf(report, 'api'), statusesOf(report, 'web')]).toEqual([{ performance_check: 'error' }, { performance_check: 'error' }]);
  expect(report.ok).toBe(false);
});

test('errors that only warn are no evidence: a run of nothing else is not ok', async () => {
  await using project = await twoTeams();
  const report = await runHere(project, { gates: ['lint_enforcement'], config: { ...configure({ lint_enforcement: { command: 'no-such-program-anywhere' } }), errors: 'warn' } });
  expect(report.ok).toBe(false);
});

test('a plugin that would break in a thread which is not its own runs as under its own command line', async () => {
  // What web-worker does when it is imported, and a thread that such a plugin starts after all.
  const plugin = `import threads, { isMainThread } from 'node:worker_threads';
if (!isMainThread) threads.workerData.mod.toString();
const own = new threads.Worker("require('node:worker_threads').parentPort.postMessage(require('node:worker_threads').isMainThread)", { eval: true });
if (await new Promise((resolve) => own.once('message', resolve))) throw new Error('its thread takes itself for the main one');
export default [{ files: ['**/*.js'], rules: { 'no-var': 'error' } }];
`;
  await using project = await makeProject({ 'eslint.config.mjs': plugin, 'a.js': 'var a = 1;\nexport { a };\n' }, { packages: { eslint: 'eslint' } });
  const report = await runHere(project, { gates: ['lint_enforcement'] });
  expect(report.teams.workspace?.gates.lint_enforcement).toMatchObject({ status: 'failed', findings: [{ rule: 'no-var', file: 'a.js', line: 1 }] });
});
