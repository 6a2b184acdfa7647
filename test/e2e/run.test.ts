import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventOf, runCli, runReport, statusesOf } from '../rig/cli.ts';
import { makeProject, type Project } from '../rig/project.ts';

const TWO_TEAMS = { teams: { api: ['api/**'], web: ['web/**'] } };
const HANG = 'node -e "setInterval(() => {}, 1000)"';

function config(gates: Record<string, unknown>, more: Record<string, unknown> = TWO_TEAMS): string {
  return JSON.stringify({ ...more, gates });
}

function twoTeams(gates: Record<string, unknown>, more: Record<string, string> = {}): Promise<Project> {
  return makeProject({ 'api/a.js': 'export const a = 1;\n', 'web/b.js': 'export const b = 2;\n', 'spark-gates.config.json': config(gates), ...more });
}

/** A folder for temporary files of its own, so that what a run leaves behind is seen. */
async function emptyTemp(project: Project): Promise<{ environment: { TMPDIR: string }; left(): Promise<string[]> }> {
  const folder = path.join(path.dirname(project.root), 'temp');
  await project.write({ '../temp/.keep': '' });
  return { environment: { TMPDIR: folder }, left: async () => (await readdir(folder)).filter((name) => name !== '.keep') };
}

test('a command in place of a gate: exit code decides, places in its output are findings', async () => {
  await using project = await twoTeams({
    lint_enforcement: { command: `node -e "console.log('web/b.js:1:14: error no constants, please'); process.exit(1)"` },
    type_verification: { command: 'node -e 0' },
  });
  const { report, exitCode } = await runReport(['--gate', 'lint_enforcement', 'type_verification'], { cwd: project.root });
  expect(exitCode).toBe(1);
  expect(statusesOf(report, 'api')).toEqual({ type_verification: 'passed', lint_enforcement: 'passed' });
  expect(statusesOf(report, 'web')).toEqual({ type_verification: 'passed', lint_enforcement: 'failed' });
  expect(report.teams.web?.gates.lint_enforcement?.findings).toEqual([
    { gate: 'lint_enforcement', rule: 'command', message: 'no constants, please', file: 'web/b.js', line: 1, column: 14, severity: 'error' },
  ]);
});

test('a failure that names no place blocks every team', async () => {
  await using project = await twoTeams({ lint_enforcement: { command: 'node -e "console.error(process.argv[1]); process.exit(4)" "all is lost"' } });
  const { report } = await runReport(['--gate', 'lint_enforcement'], { cwd: project.root });
  expect(statusesOf(report, 'api')).toEqual({ lint_enforcement: 'failed' });
  expect(statusesOf(report, 'workspace')).toEqual({ lint_enforcement: 'failed' });
  expect(report.teams.workspace?.gates.lint_enforcement?.findings[0]?.message).toBe('the command exited with 4\nall is lost');
});

test('a command that is not there is an error, never a failure or a pass', async () => {
  await using project = await twoTeams({ lint_enforcement: { command: 'no-such-program-anywhere' } });
  const { report, exitCode } = await runReport(['--gate', 'lint_enforcement'], { cwd: project.root });
  expect(exitCode).toBe(1);
  expect(statusesOf(report, 'api')).toEqual({ lint_enforcement: 'error' });
});

test('a check that hangs is stopped at its time limit, with its children, and the rest is unharmed', async () => {
  await using project = await twoTeams({
    lint_enforcement: { command: `${HANG} & ${HANG}`, timeLimitMs: 300 },
    type_verification: { command: 'node -e 0' },
  });
  const temp = await emptyTemp(project);
  const { report } = await runReport(['--gate', 'lint_enforcement', 'type_verification', 'syntax_validation'], { cwd: project.root, environment: temp.environment });
  expect(statusesOf(report, 'api')).toEqual({ syntax_validation: 'passed', type_verification: 'passed', lint_enforcement: 'error' });
  expect(report.teams.api?.gates.lint_enforcement?.reason).toBe('stopped after its time limit of 300 ms; raise timeLimitMs of this gate if it needs longer');
  expect(await temp.left()).toEqual([]);
});

test('--bail stops what has not ended', async () => {
  await using project = await twoTeams({ lint_enforcement: { command: HANG } }, { 'api/bad.json': '{' });
  const { report, exitCode } = await runReport(['--bail', '--gate', 'syntax_validation', 'lint_enforcement'], { cwd: project.root });
  expect(exitCode).toBe(1);
  expect(statusesOf(report, 'api')).toEqual({ syntax_validation: 'failed', lint_enforcement: 'error' });
  expect(report.teams.api?.gates.lint_enforcement?.reason).toBe('stopped: an earlier gate failed and --bail was given');
});

test('level warn shows and does not block; level off skips', async () => {
  await using project = await twoTeams({ syntax_validation: { level: 'warn' }, lint_enforcement: { level: 'off' } }, { 'api/bad.json': '{' });
  const { report, exitCode } = await runReport(['--gate', 'syntax_validation', 'lint_enforcement'], { cwd: project.root });
  expect(exitCode).toBe(0);
  expect(statusesOf(report, 'api')).toEqual({ syntax_validation: 'failed', lint_enforcement: 'skipped' });
});

test('a run that inspected nothing is not ok', async () => {
  await using project = await twoTeams({ lint_enforcement: { level: 'off' } });
  expect((await runReport(['--gate', 'lint_enforcement'], { cwd: project.root })).exitCode).toBe(1);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the tools, the workers and the temporary folders', async (signal) => {
  const pidFile = 'pid.txt';
  const tool = `node -e "require('fs').writeFileSync('${pidFile}', String(process.pid)); setInterval(() => {}, 1000)"`;
  await using project = await twoTeams({ lint_enforcement: { command: tool } });
  const temp = await emptyTemp(project);
  const result = await runCli(['run', '--reporter', 'ndjson', '--gate', 'lint_enforcement'], {
    cwd: project.root,
    environment: temp.environment,
    onLine: (line, child) => {
      if (eventOf(line).type !== 'check-started') return;
      void untilThere(path.join(project.root, pidFile)).then(() => child.kill(signal));
    },
  });
  expect(result.exitCode).toBe(signal === 'SIGINT' ? 130 : 143);
  expect(await temp.left()).toEqual([]);
  expect(() => process.kill(toolPid, 0)).toThrow('ESRCH');

  async function untilThere(file: string): Promise<void> {
    for (;;) {
      const text = await readFile(file, 'utf8').catch(() => '');
      toolPid = Number(text);
      if (toolPid > 0) return;
      await delay(5);
    }
  }
});

let toolPid = 0;

test('a report is the same from run to run but for the times', async () => {
  await using project = await twoTeams({}, { 'api/bad.json': '{', 'web/also bad.json': '[1,' });
  const run = async (): Promise<string> => {
    const { report } = await runReport(['--gate', 'syntax_validation'], { cwd: project.root });
    return JSON.stringify(report, (key, value: unknown) => (key === 'durationMs' ? 0 : value));
  };
  expect(await run()).toBe(await run());
});
