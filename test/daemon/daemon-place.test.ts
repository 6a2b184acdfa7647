import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { askDaemon } from '../../src/daemon/client.ts';
import { frame, FrameReader } from '../../src/daemon/frames.ts';
import { recordOutput } from '../reporters/events.ts';
import { makeDaemonHome, plainFacts, until, untilGone } from '../rig/daemon.ts';
import { makeProject, REPOSITORY } from '../rig/project.ts';
import { rounds } from '../rig/rounds.ts';
import { makeWaiting, startsOf, SYNTAX, WAITING } from './waiting.ts';

describe('what lies in its place', () => {
  test('a socket that nobody listens to', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeProject({ 'a.json': '{}' }, { git: true });
    await mkdir(home.address.folder, { recursive: true, mode: 0o700 });
    const dead = spawn(process.execPath, ['-e', `require('node:net').createServer().listen(${JSON.stringify(home.address.socket)}, () => console.log('up'))`], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(dead.stdout, 'data');
    dead.kill('SIGKILL');
    await once(dead, 'exit');
    expect(existsSync(home.address.socket)).toBe(true);
    expect((await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root })).exitCode).toBe(0);
    expect((await home.status()).requests).toBe(1);
  });

  test('a daemon of another version, which is asked to end', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeProject({ 'a.json': '{}' }, { git: true });
    await mkdir(home.address.folder, { recursive: true, mode: 0o700 });
    const asked: unknown[] = [];
    const other = createServer((socket) => {
      const reader = new FrameReader(1e6);
      socket.on('data', (chunk) => {
        for (const message of (reader.push(chunk) ?? []) as { type: string }[]) {
          asked.push(message.type);
          socket.end(frame(message.type === 'stop' ? { type: 'stopping' } : { type: 'refused', reason: 'other-version' }));
          if (message.type === 'stop') other.close();
        }
      });
    });
    other.listen(home.address.socket);
    await once(other, 'listening');
    expect((await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root })).exitCode).toBe(0);
    expect(asked).toEqual(['run', 'status', 'stop']);
    expect((await home.status()).requests).toBe(1);
  });

  test('a folder that others may enter: nothing is sent there', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeProject({ 'a.json': '{}' }, { git: true });
    await mkdir(home.address.folder, { recursive: true });
    await chmod(home.address.folder, 0o777);
    expect((await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root })).exitCode).toBe(0);
    expect(await readdir(home.address.folder)).toEqual([]);
    const { folder } = home.address;
    const hint = `${folder} must be a folder of yours that nobody else may enter: chmod 700 '${folder}', or remove it where it is not yours\n`;
    expect(await home.cli(['daemon', 'start'], { cwd: project.root })).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: the daemon does not start; ${hint}` });
    for (const words of [['status'], ['status', '--json'], ['stop']]) {
      expect(await home.cli(['daemon', ...words], { cwd: project.root })).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: the daemon cannot be asked; ${hint}` });
    }
    await chmod(home.address.folder, 0o700);
  });

  test('nonsense on the socket is hung up on, and harms nobody', async () => {
    await using home = await makeDaemonHome();
    await home.cli(['daemon', 'start'], { cwd: REPOSITORY });
    for (const bytes of ['{"type":"run"}\n', 'GET / HTTP/1.1\r\n\r\n', '\0\u0001\n', '[]\n'.repeat(1000)]) {
      const socket = connect(home.address.socket);
      socket.on('error', () => undefined);
      socket.write(bytes);
      await once(socket, 'close');
    }
    expect(await home.status()).toMatchObject({ isRunning: true, requests: 0 });
  });
});

const MANY = rounds(80, 200);

describe('many', () => {
  test('clients that start it at once get one', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeProject({ 'a.json': '{' }, { git: true });
    const results = await Promise.all(Array.from({ length: 4 }, () => home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root })));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 1, 1, 1]);
    expect((await home.log()).filter((line) => line.includes('daemon started')).length).toBe(1);
    expect((await home.status()).requests).toBe(4);
  });

  test('requests at once of three roots, more than can be under way, are all answered', { timeout: 300_000 }, async () => {
    await using home = await makeDaemonHome();
    await using good = await makeProject({ 'a.json': '{}' }, { git: true });
    await using bad = await makeProject({ 'a.json': '{' }, { git: true });
    await using empty = await makeProject({ 'a.json': '{}' }, { git: true });
    await home.cli(['daemon', 'start'], { cwd: good.root });
    const identity = await home.identity();
    const facts = plainFacts();
    const roots = [good.root, bad.root, empty.root];
    const answers = await Promise.all(Array.from({ length: MANY }, async (_, index) => {
      const { options, written } = recordOutput();
      const never = new AbortController().signal;
      const args = index % 20 < 2 ? ['run', ...SYNTAX, '--reporter', 'json'] : ['plan', ...SYNTAX, '--json'];
      const request = { type: 'run' as const, identity, ...facts, environment: { ...facts.environment, ...home.environment }, args, cwd: roots[index % 3] ?? '' };
      const answer = await askDaemon({ address: home.address, program: path.join(REPOSITORY, 'dist/src/cli.js'), request, stdout: options.stdout, stderr: options.stderr, signal: never, force: never });
      return { answer, root: (JSON.parse(written.stdout) as { workspace: { root: string } }).workspace.root };
    }));
    expect(answers).toEqual(answers.map((_, index) => ({ answer: { kind: 'done', exitCode: index % 20 < 2 && index % 3 === 1 ? 1 : 0 }, root: roots[index % 3] })));
    const status = await home.status();
    expect({ requests: status.requests, hosts: status.hosts.length, waiting: status.hosts.map(({ waiting }) => waiting) }).toEqual({ requests: MANY, hosts: 3, waiting: [0, 0, 0] });
  });
});

describe('its end', () => {
  test('comes by itself when nobody asks', async () => {
    await using home = await makeDaemonHome({ SPARK_GATES_DAEMON_IDLE_MS: '200' });
    await using project = await makeProject({ 'a.json': '{}' }, { git: true });
    await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root });
    const pids = (await home.log()).flatMap((line) => /started, pid (\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(pids.length).toBe(2);
    for (const pid of pids) await untilGone(pid);
    expect(existsSync(home.address.socket)).toBe(false);
  });

  test('waits for runs under way, and new requests find another', async () => {
    await using home = await makeDaemonHome();
    await using project = await makeWaiting();
    const running = home.cli(['run', '--daemon', ...WAITING], { cwd: project.root });
    await until('the tool runs', async () => (await startsOf(project)).length === 1);
    const { pid } = await home.status();
    const stopping = home.cli(['daemon', 'stop'], { cwd: project.root });
    await until('its place is free', () => !existsSync(home.address.socket));
    await project.write({ '.git/go': '' });
    expect((await running).exitCode).toBe(1);
    expect(await stopping).toEqual({ exitCode: 0, stdout: 'the daemon has ended\n', stderr: '' });
    await untilGone(pid);
    expect((await startsOf(project)).length).toBe(1);
  });
});
