import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SIGNAL_EXIT_CODES } from '../../src/model/signals.ts';
import { eventOf, runCli, runReport } from '../rig/cli.ts';
import { makeProject, type Project } from '../rig/project.ts';

const TWO_TEAMS = { teams: { api: ['api/**'], web: ['web/**'] } };

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

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the tools, the workers and the temporary folders', async (signal) => {
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
  expect(result.exitCode).toBe(SIGNAL_EXIT_CODES[signal]);
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
