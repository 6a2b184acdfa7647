import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createLockTable, ThreadLocks, type LockTable } from '../../src/locks/thread-locks.ts';

const MAIN = 1;

function start(table: LockTable, shared: SharedArrayBuffer, data: { holder: number; scenario: string; rounds?: number }): Worker {
  return new Worker(new URL('./lock-thread.mjs', import.meta.url), { workerData: { table, shared, rounds: 1, ...data } });
}

async function message(worker: Worker): Promise<unknown> {
  const [value] = (await once(worker, 'message')) as [unknown];
  return value;
}

/** Until `count` threads stand in line for the only lock of the table: its tail word is four words in. */
async function untilInLine(table: LockTable, count: number): Promise<void> {
  const words = new Int32Array(table.buffer);
  while (Atomics.load(words, 3) - Atomics.load(words, 2) < count) await delay(1);
}

test.each([
  { permits: 1, threads: 4, rounds: 1_000 },
  { permits: 3, threads: 6, rounds: 500 },
])('never lets more than $permits of $threads threads in, and loses no wake-up', async ({ permits, threads, rounds }) => {
  const table = createLockTable({ file: permits });
  const shared = new SharedArrayBuffer(16);
  const workers = Array.from({ length: threads }, (_, index) => start(table, shared, { holder: index + 2, scenario: 'count', rounds }));
  expect(await Promise.all(workers.map(message))).toEqual(workers.map(() => 'done'));
  await Promise.all(workers.map((worker) => worker.terminate()));
  const words = new Int32Array(shared);
  expect(words[0]).toBe(0);
  expect(words[1]).toBeLessThanOrEqual(permits);
  if (permits === 1) expect(words[2]).toBe(threads * rounds);
  expect(new ThreadLocks(table, MAIN).free('file')).toBe(permits);
});

test('serves waiters first come, first served', async () => {
  const table = createLockTable({ file: 1 });
  const shared = new SharedArrayBuffer(16);
  const held = holdOnMain(table);
  const turns: Promise<number>[] = [];
  for (let index = 0; index < 4; index++) {
    const worker = start(table, shared, { holder: index + 2, scenario: 'queue' });
    turns.push(turnOf(worker));
    await untilInLine(table, index + 1);
  }
  held.release();
  expect(await Promise.all(turns)).toEqual([0, 1, 2, 3]);
});

test('a waiter whose check is cancelled leaves the line, and the permit goes to the one behind it', async () => {
  const table = createLockTable({ file: 1 });
  const cancelFlag = new SharedArrayBuffer(16);
  const held = holdOnMain(table);
  const cancelled = start(table, cancelFlag, { holder: 2, scenario: 'cancel' });
  await message(cancelled);
  await untilInLine(table, 1);
  const behind = start(table, new SharedArrayBuffer(16), { holder: 3, scenario: 'queue' });
  const turn = turnOf(behind);
  await untilInLine(table, 2);
  const answer = message(cancelled);
  Atomics.store(new Int32Array(cancelFlag), 0, 1);
  expect(await answer).toEqual({ ok: false, reason: 'cancelled' });
  held.release();
  expect(await turn).toBe(0);
  expect(new ThreadLocks(table, MAIN).free('file')).toBe(1);
});

test('what a dead thread held, and its place in the line, are given back', async () => {
  const table = createLockTable({ file: 1 });
  const main = new ThreadLocks(table, MAIN);
  const holder = start(table, new SharedArrayBuffer(16), { holder: 2, scenario: 'hold' });
  expect(await message(holder)).toBe('holding');
  const deadWaiter = start(table, new SharedArrayBuffer(16), { holder: 3, scenario: 'queue' });
  await untilInLine(table, 1);
  const waiter = start(table, new SharedArrayBuffer(16), { holder: 4, scenario: 'queue' });
  const turn = turnOf(waiter);
  await untilInLine(table, 2);
  await Promise.all([holder.terminate(), deadWaiter.terminate()]);
  main.reclaim(3);
  main.reclaim(2);
  expect(await turn).toBe(0);
  expect(main.free('file')).toBe(1);
});

test('a free permit is not taken past those who wait, and a double release is a bug that shows', () => {
  const table = createLockTable({ file: 1 });
  const main = new ThreadLocks(table, MAIN);
  const held = holdOnMain(table);
  expect(main.tryAcquire('file')).toBe(null);
  held.release();
  expect(() => { held.release(); }).toThrow('a thread lock was released twice');
  expect(() => main.free('folder')).toThrow('no lock named folder; there are file');
  expect(() => new ThreadLocks(table, 0)).toThrow(RangeError);
});

test('the main thread waits without standing still, in the same line as the others', async () => {
  const table = createLockTable({ file: 1 });
  const main = new ThreadLocks(table, MAIN);
  const holder = holdOnMain(table);
  const waiting = main.acquireAsync('file', { isCancelled: () => false, timeoutMs: 60_000 });
  await untilInLine(table, 1);
  const behind = start(table, new SharedArrayBuffer(16), { holder: 2, scenario: 'queue' });
  const turn = turnOf(behind);
  await untilInLine(table, 2);
  holder.release();
  const got = await waiting;
  expect(got.ok).toBe(true);
  expect(main.free('file')).toBe(0);
  if (got.ok) got.release();
  expect(await turn).toBe(0);
  expect(main.free('file')).toBe(1);
});

test('the main thread gives up waiting when it is cancelled or its time is over', async () => {
  const table = createLockTable({ file: 1 });
  const main = new ThreadLocks(table, MAIN);
  const holder = holdOnMain(table);
  expect(await main.acquireAsync('file', { isCancelled: () => true, timeoutMs: 60_000 })).toEqual({ ok: false, reason: 'cancelled' });
  expect(await main.acquireAsync('file', { isCancelled: () => false, timeoutMs: 0 })).toEqual({ ok: false, reason: 'timeout' });
  holder.release();
  expect((await main.acquireAsync('file', { isCancelled: () => false, timeoutMs: 0 })).ok).toBe(true);
});

function holdOnMain(table: LockTable): { release(): void } {
  const held = new ThreadLocks(table, MAIN).tryAcquire('file');
  if (held?.ok !== true) throw new Error('the lock was not free');
  return held;
}

function turnOf(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (value: unknown) => {
      if (typeof value === 'object' && value !== null && 'turn' in value && typeof value.turn === 'number') resolve(value.turn);
    });
  });
}
