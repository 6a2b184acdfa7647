import lockfile from 'proper-lockfile';
import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isMissing, statIfThere } from './read-text.ts';

export interface FileLockOptions {
  /** Absolute. The lock is the folder `<file>.lock` beside it; the file itself need not exist, its folder must. */
  readonly file: string;
  /** Gives up after this. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

export type FileLockOutcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: 'busy' | 'cancelled' };

/**
 * A holder that has not shown a sign of life for this long may be robbed: the least that proper-lockfile allows, since what is
 * held is held for milliseconds, and a robbed holder that wakes up can do no harm (see `updateFile`).
 */
const STALE_MS = 2_000;
const RETRY_MS = { first: 1, most: 50 };
/**
 * Age is told by the wall clock, and a clock that was set back would keep a dead holder's lock alive until it catches up. So a
 * lock that shows no sign of life for this long by the waiter's own watch is robbed, too: two of proper-lockfile's limits.
 */
const UNCHANGED_MS = 2 * STALE_MS;

/** Callers of this thread, one after another per file: they need not fight over the folder. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while no other process or thread that plays by the rules does, and releases whatever happens. The lock keeps
 * the peace; it is no guarantee: a holder paused for longer than `STALE_MS` loses it without knowing.
 */
export function withFileLock<T>(options: FileLockOptions, work: () => Promise<T>): Promise<FileLockOutcome<T>> {
  const deadlineMs = performance.now() + options.waitMs;
  const before = queues.get(options.file) ?? Promise.resolve();
  const mine = before.then(() => acquireAndRun(options, deadlineMs, work));
  const settled = mine.catch(() => undefined);
  queues.set(options.file, settled);
  void settled.then(() => { if (queues.get(options.file) === settled) queues.delete(options.file); });
  return mine;
}

async function acquireAndRun<T>(options: FileLockOptions, deadlineMs: number, work: () => Promise<T>): Promise<FileLockOutcome<T>> {
  const release = await acquire(options, deadlineMs);
  if (typeof release === 'string') return { ok: false, reason: release };
  try {
    return { ok: true, value: await work() };
  } finally {
    await release();
  }
}

async function acquire({ file, signal }: FileLockOptions, deadlineMs: number): Promise<(() => Promise<void>) | 'busy' | 'cancelled'> {
  const startedMs = performance.now();
  let sign: SignOfLife | null = null;
  for (let pauseMs = RETRY_MS.first; ; pauseMs = Math.min(pauseMs * 2, RETRY_MS.most)) {
    if (signal?.aborted === true) return 'cancelled';
    const release = await tryAcquire(file);
    if (release !== null) return release;
    const nowMs = performance.now();
    if (nowMs >= deadlineMs) return 'busy';
    if (nowMs - startedMs > STALE_MS) sign = await robIfLifeless(file, sign);
    // Jitter, so that those who collided once do not collide for ever.
    await delay(pauseMs * (0.5 + Math.random()));
  }
}

interface SignOfLife {
  readonly identity: string;
  readonly sinceMs: number;
}

/** What is known of the lock's holder by now; removes the lock when that is nothing new for too long. */
async function robIfLifeless(file: string, last: SignOfLife | null): Promise<SignOfLife | null> {
  const folder = `${file}.lock`;
  const stat = await statIfThere(folder);
  if (stat === null) return null;
  const identity = `${stat.ino} ${stat.mtimeMs}`;
  if (identity !== last?.identity) return { identity, sinceMs: performance.now() };
  if (performance.now() - last.sinceMs < UNCHANGED_MS) return last;
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return null;
}

async function tryAcquire(file: string): Promise<(() => Promise<void>) | null> {
  let release: () => Promise<void>;
  try {
    release = await lockfile.lock(file, { realpath: false, stale: STALE_MS, retries: 0, onCompromised: ignoreLoss });
  } catch (error) {
    if (hasCode(error, 'ELOCKED')) return null;
    // Removed between its making and the look at its time, by a holder that had been robbed and releases what it no longer has.
    if (hasCode(error, 'ENOENT') && (await statIfThere(path.dirname(file))) !== null) return null;
    throw error;
  }
  return async () => {
    try {
      await release();
    } catch (error) {
      // Lost while we held it: there is nothing left to give back.
      if (!hasCode(error, 'ENOTACQUIRED') && !hasCode(error, 'ERELEASED') && !hasCode(error, 'ECOMPROMISED')) throw error;
    }
  };
}

/** The commit of whoever lost the lock fails by itself; there is nobody to tell. */
function ignoreLoss(): void {}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
