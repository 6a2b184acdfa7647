import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { RunReport } from '../../src/model/report.ts';
import { makeProject } from '../rig/project.ts';
import { start } from './start.ts';

const FILES = {
  'package.json': '{ "name": "shop", "private": true, "type": "module" }\n',
  'tsconfig.json': '{ "compilerOptions": { "noEmit": true, "strict": true, "types": [] }, "include": ["src"] }\n',
  'src/api/price.ts': 'export const price: number = 1;\n',
  'src/web/page.ts': 'export const page: number = 2;\n',
};
const FAST = ['--gate', 'syntax_validation', 'type_verification', '--team', 'api=src/api/**', '--team', 'web=src/web/**'];

/** A report without what is different in every run. */
function timeless(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => (key === 'durationMs' ? 0 : value));
}

test('a fault in one team fails that gate for that team; json is alone on stdout and the same twice', async () => {
  await using project = await makeProject({ ...FILES, 'src/api/price.ts': 'export const price: number = "1";\n' }, { packages: { typescript: 'typescript' }, git: true, name: 'a shop' });
  const [first, second] = [await start(project.root, ['run', '--no-cache', '--reporter', 'json', ...FAST]).ended, await start(project.root, ['run', '--no-cache', '--reporter', 'json', ...FAST]).ended];
  expect({ exitCode: first.exitCode, stderr: first.stderr }).toEqual({ exitCode: 1, stderr: '' });
  const report = JSON.parse(first.stdout) as RunReport;
  const statuses = Object.fromEntries(Object.entries(report.teams).map(([team, { gates }]) => [team, Object.values(gates).map((verdict) => verdict.status)]));
  expect(statuses).toEqual({ api: ['passed', 'failed'], web: ['passed', 'passed'] });
  expect(report.teams.api?.gates.type_verification?.findings).toEqual([
    { gate: 'type_verification', rule: 'TS2322', message: "Type 'string' is not assignable to type 'number'.", file: 'src/api/price.ts', line: 1, column: 14, severity: 'error' },
  ]);
  expect(timeless(second.stdout)).toEqual(timeless(first.stdout));
});

test('all passed is exit code 0, and the last line says so', async () => {
  await using project = await makeProject(FILES, { packages: { typescript: 'typescript' }, git: true });
  const { exitCode, stdout, stderr } = await start(project.root, ['run', ...FAST]).ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^spark-gates: passed in \d+\.\d s · api: passed · web: passed · 2 checks for 4 cells$/);
});

test('a reader that goes away changes nothing of the exit code', async () => {
  await using project = await makeProject({ ...FILES, 'src/api/price.ts': 'export const price: number = "1";\n' }, { packages: { typescript: 'typescript' }, git: true });
  const { ended } = start(project.root, ['run', ...FAST], (_line, child) => child.stdout?.destroy());
  expect(await ended).toMatchObject({ exitCode: 1, signal: null, stderr: '' });
});

test.each([['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const)('%s ends the tools too, reports what it has, and exits with %i', async (signal, exitCode) => {
  await using project = await makeProject({
    'package.json': '{ "name": "shop", "private": true, "scripts": { "test": "node hang.js" } }\n',
    // Says that it runs by a connection that closes when it ends.
    'hang.js': "require('node:fs').writeFileSync('pid', String(process.pid));\nsetInterval(() => {}, 1000);\n",
    'src/a.js': 'module.exports = 1;\n',
  }, { git: true });
  const pidFile = path.join(project.root, 'pid');
  let waiting: NodeJS.Timeout | undefined;
  const { child, ended } = start(project.root, ['run', '--reporter', 'ndjson', '--gate', 'test_coverage'], (line) => {
    if ((JSON.parse(line) as { type: string }).type !== 'check-started') return;
    waiting = setInterval(() => {
      if (readPid(pidFile) === null) return;
      clearInterval(waiting);
      child.kill(signal);
    }, 20);
  });
  const { stdout, ...rest } = await ended;
  expect(rest).toEqual({ exitCode, signal: null, stderr: '' });
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { type: string; report: RunReport };
  expect({ type: last.type, ok: last.report.ok, cancelled: last.report.cancelled }).toEqual({ type: 'run-finished', ok: false, cancelled: true });
  const pid = readPid(pidFile);
  expect(pid).not.toBeNull();
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
});

function readPid(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return pid > 0 ? pid : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
