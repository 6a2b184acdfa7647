import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { askDaemon, open } from '../../src/daemon/client.ts';
import { frame } from '../../src/daemon/frames.ts';
import { isProcessAlive } from '../../src/system/process-tree.ts';
import { recordOutput } from '../reporters/events.ts';
import { makeDaemonHome, plainFacts, until, untilGone, type DaemonHome } from '../rig/daemon.ts';
import { makeProject, REPOSITORY, type Project } from '../rig/project.ts';
import { expected, makeWaiting, startsOf, SYNTAX, timeless, WAITING } from './waiting.ts';

const FORMS: readonly (readonly string[])[] = [
  ['run', '--no-cache', ...SYNTAX],
  ['run', '--no-cache', ...SYNTAX, '--reporter', 'json'],
  ['run', '--no-cache', ...SYNTAX, '--reporter', 'ndjson'],
  ['run', '--gate', 'lnit_enforcement'],
  ['run', '--cwd', 'nowhere'],
  ['run', '--help'],
];

describe('a run by the daemon is the run', () => {
  test('in every form, the first time and the next', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeProject({ 'api/a.js': 'export const a = 1;\n', 'web/bad.json': '{', 'spark-gates.config.json': '{ "teams": { "api": "api", "web": "web" } }' }, { git: true });
    const plain = async (args: readonly string[]): Promise<object> => {
      const { exitCode, stdout, stderr } = await home.cli(args, { cwd: project.root });
      return { args: args.filter((word) => word !== '--daemon'), exitCode, stdout: timeless(stdout), stderr };
    };
    for (const args of FORMS) {
      const without = await plain(args);
      expect([await plain([...args, '--daemon']), await plain([...args, '--daemon'])]).toEqual([without, without]);
    }
    expect((await home.status()).requests).toBe(2 * FORMS.length);
  });

  test('with the environment, the folder and the prints of its own', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeProject({
      'sub/a.js': 'export const a = 1;\n',
      'spark-gates.config.mjs': 'console.log("configured for", process.env.WHOM, process.cwd());\nexport default { gates: { lint_enforcement: { command: `node -e "require(\'node:fs\').appendFileSync(\'.git/said\', process.env.WHOM + process.cwd())"` } } };\n',
    }, { git: true });
    const run = (whom: string, flags: readonly string[]): ReturnType<DaemonHome['cli']> => home.cli(['run', '--no-cache', '--gate', 'lint_enforcement', '--reporter', 'json', ...flags], { cwd: path.join(project.root, 'sub'), environment: { WHOM: whom } });
    const without = await run('me', []);
    expect(without).toMatchObject({ exitCode: 0, stderr: `configured for me ${path.join(project.root, 'sub')}\n` });
    for (const whom of ['me', 'you']) {
      const result = await run(whom, ['--daemon']);
      expect({ ...result, stdout: timeless(result.stdout) }).toEqual({ exitCode: 0, stdout: timeless(without.stdout), stderr: `configured for ${whom} ${path.join(project.root, 'sub')}\n` });
    }
    expect(await readFile(path.join(project.root, '.git/said'), 'utf8')).toBe(['me', 'me', 'you'].map((whom) => `${whom}${project.root}`).join(''));
  });

  test('in CI only when it is asked for', async () => {
    await using home = await makeDaemonHome({ SPARK_GATES_DAEMON: '1', CI: '1' });
    await using project = await makeProject({ 'a.json': '{}' }, { git: true });
    const run = (...flags: string[]): ReturnType<DaemonHome['cli']> => home.cli(['run', ...SYNTAX, ...flags], { cwd: project.root });
    expect((await run()).exitCode).toBe(0);
    expect((await home.status()).isRunning).toBe(false);
    expect((await run('--daemon')).exitCode).toBe(0);
    expect((await home.status()).requests).toBe(1);
  });
});

describe('a daemon that is lost', () => {
  test.each(['daemon', 'host'] as const)('killed in the middle of a run (%s): the client goes on alone, and the verdict is the same', async (victim) => {
    await using home = await makeDaemonHome();
    await using project = await makeWaiting();
    const running = home.cli(['run', '--daemon', ...WAITING], { cwd: project.root });
    await until('the tool runs', async () => (await startsOf(project)).length === 1);
    const { pid, hosts } = await home.status();
    const host = hosts[0]?.pid ?? 0;
    process.kill(victim === 'daemon' ? pid : host, 'SIGKILL');
    const [orphan = 0] = await startsOf(project);
    await untilGone(orphan);
    await until('the tool runs again', async () => (await startsOf(project)).length === 2, 100_000);
    await project.write({ '.git/go': '' });
    const { exitCode, stdout, stderr } = await running;
    expect({ exitCode, stdout: timeless(stdout), stderr }).toEqual({ ...(await expected(project, home)), stderr: '' });
    await untilGone(host);
    expect((await home.cli(['run', '--daemon', ...WAITING], { cwd: project.root })).exitCode).toBe(1);
  });

  test('stopped: the client waits no longer than it must; the next one finds another, and the old one ends when it wakes up', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeProject({ 'a.json': '{' }, { git: true });
    await home.cli(['daemon', 'start'], { cwd: project.root });
    const { pid } = await home.status();
    process.kill(pid, 'SIGSTOP');
    try {
      expect((await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root })).exitCode).toBe(1);
      await until('another daemon answers', async () => (await home.status()).isRunning);
      expect((await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root })).exitCode).toBe(1);
      const other = await home.status();
      expect({ isOther: other.pid !== pid, requests: other.requests }).toEqual({ isOther: true, requests: 1 });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await untilGone(pid);
    expect((await home.status()).isRunning).toBe(true);
  });

  test('stopped in the middle of a run', { timeout: 200_000 }, async () => {
    await using home = await makeDaemonHome();
    await using project = await makeWaiting();
    const running = home.cli(['run', '--daemon', ...WAITING], { cwd: project.root });
    await until('the tool runs', async () => (await startsOf(project)).length === 1);
    const { pid } = await home.status();
    process.kill(pid, 'SIGSTOP');
    try {
      await until('the tool runs again', async () => (await startsOf(project)).length === 2, 100_000);
      await project.write({ '.git/go': '' });
      expect((await running).exitCode).toBe(1);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});

describe('a client that goes', () => {
  async function interrupt(home: DaemonHome, project: Project, signal: NodeJS.Signals): Promise<{ exitCode: number | null; stdout: string; tool: number }> {
    let client: ChildProcess | undefined;
    const running = home.cli(['run', '--daemon', '--reporter', 'ndjson', '--gate', 'lint_enforcement'], { cwd: project.root, onStart: (child) => { client = child; } });
    await until('the tool runs', async () => (await startsOf(project)).length === 1);
    client?.kill(signal);
    const { exitCode, stdout } = await running;
    const [tool = 0] = await startsOf(project);
    return { exitCode, stdout, tool };
  }

  test.each([['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const)('%s ends the run and its tools, and reports what it has', async (signal, code) => {
    await using home = await makeDaemonHome();
    await using project = await makeWaiting();
    const { exitCode, stdout, tool } = await interrupt(home, project, signal);
    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { type: string; report: { ok: boolean; cancelled: boolean } };
    expect({ exitCode, type: last.type, ok: last.report.ok, cancelled: last.report.cancelled }).toEqual({ exitCode: code, type: 'run-finished', ok: false, cancelled: true });
    await untilGone(tool);
    expect((await home.status()).hosts.map(({ isBusy }) => isBusy)).toEqual([false]);
  });

  test('killed: its run is ended, too', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeWaiting();
    const { exitCode, tool } = await interrupt(home, project, 'SIGKILL');
    expect(exitCode).toBe(null);
    await untilGone(tool);
    await until('the host is free', async () => (await home.status()).hosts.every(({ isBusy }) => !isBusy));
  });

  test('gone from what is to be done all the same: it is done to its end', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeWaiting();
    await home.cli(['daemon', 'start'], { cwd: project.root });
    const request = { type: 'run' as const, identity: await home.identity(), ...plainFacts(), args: ['run', ...WAITING], cwd: project.root, goesOn: true };
    const socket = await open(home.address.socket);
    if (typeof socket === 'string') throw new Error(socket);
    socket.write(frame(request));
    await until('the tool runs', async () => (await startsOf(project)).length === 1);
    socket.destroy();
    const [tool = 0] = await startsOf(project);
    await delay(500);
    expect({ isAlive: isProcessAlive(tool), hosts: (await home.status()).hosts.map(({ isBusy }) => isBusy) }).toEqual({ isAlive: true, hosts: [true] });
    await project.write({ '.git/go': '' });
    await untilGone(tool);
    await until('the host is free', async () => (await home.status()).hosts.every(({ isBusy }) => !isBusy));
  });

  test('from a folder that is gone: it is told, and its host lives', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeProject({ 'a.json': '{}' }, { git: true });
    await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root });
    const { options } = recordOutput();
    const never = new AbortController().signal;
    const request = { type: 'run' as const, identity: await home.identity(), ...plainFacts(), args: ['run', ...SYNTAX], cwd: path.join(project.root, 'gone') };
    expect(await askDaemon({ address: home.address, program: '', request, stdout: options.stdout, stderr: options.stderr, signal: never, force: never })).toMatchObject({ kind: 'unavailable' });
    expect((await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root })).exitCode).toBe(0);
  });
});

test('a plugin that ends the process costs its run and nothing else', async () => {
  await using home = await makeDaemonHome();
  await using project = await makeProject({ 'package.json': '{ "name": "shop", "private": true, "type": "module", "devDependencies": { "eslint": "*" } }', 'a.js': 'export const a = 1;\n', 'eslint.config.js': 'process.exit(3);\n' }, { git: true, packages: { eslint: 'eslint' } });
  const args = ['run', '--gate', 'lint_enforcement', '--reporter', 'json'];
  const without = await home.cli(args, { cwd: project.root });
  const by = await home.cli([...args, '--daemon'], { cwd: project.root });
  expect({ ...by, stdout: timeless(by.stdout) }).toEqual({ ...without, stdout: timeless(without.stdout) });
  expect(without.exitCode).toBe(1);
  await project.write({ 'eslint.config.js': "export default [{ files: ['a.js'], rules: { 'no-var': 'error' } }];\n" });
  expect((await home.cli([...args, '--daemon'], { cwd: project.root })).exitCode).toBe(0);
  expect((await home.status()).hosts.length).toBe(1);
});

test('the client loads nothing but Node until it has to', async () => {
  const text = await readFile(path.join(REPOSITORY, 'dist/src/cli.js'), 'utf8');
  const loaded = [...text.matchAll(/^(?:import|export)\b[^;]*?["']([^"']+)["'];/gm)].map(([, name = '']) => name);
  expect(loaded.length).toBeGreaterThan(3);
  expect(loaded.filter((name) => !name.startsWith('node:'))).toEqual([]);
  expect(text.length).toBeLessThan(192 * 1024);
});
