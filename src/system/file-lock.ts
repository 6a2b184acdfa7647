import lockfile from 'proper-lockfile';
import { setTimeout as delay } from 'node:timers/promises';

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

/** Callers of this thread, one after another per file: they need not fight over the folder. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while no other process or thread that plays by the rules does, and releases whatever happens. The lock keeps
 * the peace; it is no guarantee: a holder paused for longer than `STALE_MS` loses it without knowing.
 */
export function withFileLock<T>(options: FileLockOptions, work: () => Promise<T>): Promise<FileLockOutcome<T>> {
  const before = queues.get(options.file) ?? Promise.resolve();
  const mine = before.then(() => acquireAndRun(options, work));
  const settled = mine.catch(() => undefined);
  queues.set(options.file, settled);
  void settled.then(() => { if (queues.get(options.file) === settled) queues.delete(options.file); });
  return mine;
}

async function acquireAndRun<T>(options: FileLockOptions, work: () => Promise<T>): Promise<FileLockOutcome<T>> {
  const release = await acquire(options);
  if (typeof release === 'string') return { ok: false, reason: release };
  try {
    return { ok: true, value: await work() };
  } finally {
    await release();
  }
}

async function acquire({ file, waitMs, signal }: FileLockOptions): Promise<(() => Promise<void>) | 'busy' | 'cancelled'> {
  const deadlineMs = performance.now() + waitMs;
  for (let pauseMs = RETRY_MS.first; ; pauseMs = Math.min(pauseMs * 2, RETRY_MS.most)) {
    if (signal?.aborted === true) return 'cancelled';
    const release = await tryAcquire(file);
    if (release !== null) return release;
    if (performance.now() >= deadlineMs) return 'busy';
    // Jitter, so that those who collided once do not collide for ever.
    await delay(pauseMs * (0.5 + Math.random()));
  }
}

async function tryAcquire(file: string): Promise<(() => Promise<void>) | null> {
  let release: () => Promise<void>;
  try {
    release = await lockfile.lock(file, { realpath: false, stale: STALE_MS, retries: 0, onCompromised: ignoreLoss });
  } catch (error) {
    if (hasCode(error, 'ELOCKED')) return null;
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
