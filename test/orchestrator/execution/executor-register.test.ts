import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { ExecutorRegister, type Claim } from '../../../src/orchestrator/execution/executor-register.ts';
import { systemDisk, type Disk } from '../../../src/system/disk.ts';
import { describeProcess } from '../../../src/system/machine.ts';
import { processStart } from '../../../src/system/process-tree.ts';
import { makeProject, type Project } from '../../rig/project.ts';

const children: ChildProcess[] = [];
afterAll(() => { for (const child of children) child.kill('SIGKILL'); });

/** Some other process of this machine that lives on. */
async function other(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

async function register({ root }: Project, marker: string, options: { now?: number; disk?: Disk; pid?: number; started?: string | null; host?: string; watchMs?: number } = {}): Promise<ExecutorRegister> {
  const me = await describeProcess();
  const self = { host: options.host ?? me.host, pid: options.pid ?? me.pid, started: options.started === undefined ? me.started : options.started };
  return new ExecutorRegister({ relayFolder: root, disk: options.disk ?? systemDisk, clock: { now: () => options.now ?? 0, monotonicMs: () => 0 }, self, marker, watchMs: options.watchMs ?? 60_000, signal: new AbortController().signal });
}

async function holder(project: Project): Promise<string | null> {
  const { executor } = JSON.parse(await readFile(path.join(project.root, 'executor.json'), 'utf8')) as { executor: { marker: string } | null };
  return executor?.marker ?? null;
}

const silently = (): void => undefined;
const REFUSED: Partial<Claim> = { ok: false };

test('a live executor keeps its place, however far the clock jumps', async () => {
  await using project = await makeProject({});
  const pid = await other();
  await (await register(project, 'first', { pid, started: await processStart(pid) })).claim(silently);
  for (const now of [0, 10 * 365 * 24 * 3600_000, -3600_000]) expect(await (await register(project, 'second', { now })).claim(silently)).toMatchObject(REFUSED);
  expect(await holder(project)).toBe('first');
});

test('one that is dead, or whose number another process has by now, loses it and leaves its marker', async () => {
  await using project = await makeProject({});
  const pid = await other();
  await (await register(project, 'first', { pid, started: 'long ago' })).claim(silently);
  expect(await (await register(project, 'second')).claim(silently)).toEqual({ ok: true, orphans: ['first'] });
  const dead = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await once(dead, 'exit');
  const second = await register(project, 'second');
  await second.renew();
  await second.release();
  await (await register(project, 'third', { pid: dead.pid ?? 0, started: null })).claim(silently);
  expect(await (await register(project, 'fourth')).claim(silently)).toEqual({ ok: true, orphans: ['third'] });
});

test('of another machine, signs of life are all there is: they are waited for, whatever its clock says', async () => {
  await using project = await makeProject({});
  await (await register(project, 'far', { host: 'elsewhere', now: 10 * 365 * 24 * 3600_000 })).claim(silently);
  const watched: string[] = [];
  const near = await register(project, 'near', { watchMs: 200 });
  expect(await near.claim(({ host }) => { watched.push(host); })).toEqual({ ok: true, orphans: ['far'] });
  expect(watched).toEqual(['elsewhere']);
  await near.release();
  const alive = await register(project, 'alive', { host: 'elsewhere', now: 1 });
  await alive.claim(silently);
  const beat = await register(project, 'alive', { host: 'elsewhere', now: 2 });
  // It comes while the other waits.
  expect(await near.claim(() => { setImmediate(() => { void beat.renew(); }); })).toMatchObject({ ok: false, executor: { marker: 'alive' } });
});

test('what one left is known until it is ended, also when the next is killed before', async () => {
  await using project = await makeProject({});
  for (const marker of ['first', 'second']) await (await register(project, marker, { pid: await other(), started: 'long ago' })).claim(silently);
  const third = await register(project, 'third');
  expect(await third.claim(silently)).toEqual({ ok: true, orphans: ['first', 'second'] });
  await third.renew();
  await third.release();
  expect(await (await register(project, 'fourth')).claim(silently)).toEqual({ ok: true, orphans: [] });
});

test.runIf(process.platform === 'linux')('one that is dead, and whose parent has not noticed, loses its place', async () => {
  await using project = await makeProject({});
  // The shell becomes a program that knows of no child.
  const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(parent);
  const [said] = await once(parent.stdout, 'data') as [Buffer];
  const pid = Number(said.toString());
  await (await register(project, 'first', { pid, started: await processStart(pid) })).claim(silently);
  expect(await (await register(project, 'second')).claim(silently)).toMatchObject(REFUSED);
  await vi.waitUntil(async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z '), { timeout: 30_000 });
  expect(await (await register(project, 'second')).claim(silently)).toEqual({ ok: true, orphans: ['first'] });
});

test('who was taken for gone neither renews nor releases what another has now', async () => {
  await using project = await makeProject({});
  const first = await register(project, 'first', { started: 'long ago' });
  await first.claim(silently);
  await (await register(project, 'second')).claim(silently);
  await expect(first.renew()).rejects.toThrow(/^process \d+ on .+ has taken over this session: this one stops, let that one go on$/);
  await first.release();
  expect(await holder(project)).toBe('second');
});

test('where nothing can be written, one sentence says so', async () => {
  await using project = await makeProject({});
  const full: Disk = { ...systemDisk, create: () => Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })) };
  await expect((await register(project, 'first', { disk: full })).claim(silently)).rejects.toThrow(`${project.root}: the disk is full and nothing was written; free some space and try again`);
});
