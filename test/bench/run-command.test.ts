import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BENCH_VARIABLE, ProcessTable } from '../../bench/suite/measure/process-table.ts';
import { CommandRunner } from '../../bench/suite/measure/run-command.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject } from '../rig/project.ts';

const node = (script: string, cwd: string) => ({ file: process.execPath, args: ['-e', script], cwd });

/** Looks at the clock seldom: asking it is work of the system. */
const SPIN = (ms: number): string => `const end = process.cpuUsage().user + ${ms} * 1000; while (process.cpuUsage().user < end) for (let count = 0; count < 1e6; count += 1);`;

async function open() {
  const project = await makeProject({ 'a.txt': '' });
  const cancel = new AbortController();
  const marker = randomUUID();
  const runner = new CommandRunner({ environment: systemTestEnvironment(), marker, folder: path.join(project.root, 'out'), signal: cancel.signal });
  return { project, cancel, marker, runner, [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() };
}

test('a command has its exit code, its words and its CPU time, that of its children included', async () => {
  await using opened = await open();
  const { project, runner } = opened;
  const result = await runner.run(node(`const { spawnSync } = require('node:child_process'); spawnSync(process.execPath, ['-e', ${JSON.stringify(SPIN(400))}]); console.log('said'); console.error('aside'); process.exitCode = 3;`, project.root));
  expect({ exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }).toEqual({ exitCode: 3, stdout: 'said\n', stderr: 'aside\n' });
  expect(result.cpuMs).toBeGreaterThanOrEqual(400);
  expect(result.cpuMs).toBeLessThan(400 + 2_000);
});

test.runIf(process.platform === 'linux')('memory is that of all processes together, at its highest', async () => {
  await using opened = await open();
  const { project, runner } = opened;
  // They wait for each other, and then work for longer than lies between two samples.
  const hold = (megabytes: number, other: number): string => `const fs = require('node:fs'); const held = Buffer.alloc(${megabytes} * 1024 * 1024, 1); fs.writeFileSync('${megabytes}', ''); const wait = () => { if (!fs.existsSync('${other}')) return setTimeout(wait, 5); ${SPIN(1_500)} held.fill(2); }; wait();`;
  const { measurement } = await runner.measure([node(hold(200, 100), project.root), node(hold(100, 200), project.root)], 'at once');
  const megabytes = (measurement.peakBytes ?? 0) / 1024 / 1024;
  expect(megabytes).toBeGreaterThan(300);
  expect(megabytes).toBeLessThan(700);
  // Each has a shell that takes its time.
  expect(measurement.peakProcesses).toBe(4);
});

test.runIf(process.platform === 'linux')('the time of a daemon counts for the command that it worked for, and the daemon ends with the benchmark', async () => {
  await using opened = await open();
  const { project, runner, marker } = opened;
  const table = new ProcessTable(marker);
  // Works on every signal that it gets, and says so by a file; nobody waits for it.
  const daemon = `const { writeFileSync } = require('node:fs'); process.on('SIGUSR2', () => { ${SPIN(500)} writeFileSync('worked', ''); }); setInterval(() => {}, 1000); writeFileSync('pid', String(process.pid));`;
  const started = await runner.run(node(`const { spawn } = require('node:child_process'); const { existsSync } = require('node:fs'); spawn(process.execPath, ['-e', ${JSON.stringify(daemon)}], { detached: true, stdio: 'ignore' }).unref(); const wait = () => existsSync('pid') || setTimeout(wait, 5); wait();`, project.root));
  expect({ exitCode: started.exitCode, members: table.members().length }).toEqual({ exitCode: 0, members: 1 });
  const { measurement } = await runner.measure([node("const { readFileSync, existsSync } = require('node:fs'); process.kill(Number(readFileSync('pid', 'utf8')), 'SIGUSR2'); const wait = () => existsSync('worked') || setTimeout(wait, 5); wait();", project.root)], 'in turn');
  expect(measurement.cpuMs).toBeGreaterThanOrEqual(500);
  await runner.end();
  expect(table.members()).toEqual([]);
});

test.for(['before it is up', 'when it is up'])('a command cancelled %s ends, with all that it started, and the reason is thrown', async (when) => {
  await using opened = await open();
  const { project, cancel, runner, marker } = opened;
  const running = runner.run(node("require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']); setInterval(() => {}, 1000); require('node:fs').writeFileSync('up', '');", project.root));
  const refused = expect(running).rejects.toBe('stop');
  if (when === 'when it is up') await expect.poll(() => existsSync(path.join(project.root, 'up')), { timeout: 60_000 }).toBe(true);
  cancel.abort('stop');
  await refused;
  await runner.end();
  if (process.platform === 'linux') expect(new ProcessTable(marker).members()).toEqual([]);
});

test.runIf(process.platform === 'linux')('only what carries the marker is a process of the benchmark', () => {
  expect(new ProcessTable(randomUUID()).members()).toEqual([]);
  expect(process.env[BENCH_VARIABLE]).toBeUndefined();
});
