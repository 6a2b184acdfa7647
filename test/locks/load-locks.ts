import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LockResult } from '../../src/model/lock-refusal.ts';
import type { Lease } from '../../src/model/lease.ts';
import { Leases } from '../../src/locks/leases.ts';
import { systemClock } from '../../src/system/clock.ts';
import type { Disk } from '../../src/system/disk.ts';
import { isMissing } from '../../src/system/read-text.ts';
import type { Outcome } from './history.ts';

/** What the load asks of a lock manager. Tokens are null where there are none. */
export interface LoadLocks {
  acquire(file: string, team: string, durationMs: number): Promise<Outcome>;
  wait(file: string, team: string, durationMs: number, limitMs: number): Promise<Outcome>;
  renew(file: string, team: string, token: number | null, durationMs: number): Promise<Outcome>;
  release(file: string, team: string, token: number | null): Promise<Outcome>;
  check(file: string, team: string, token: number | null): Promise<Outcome>;
  write(file: string, team: string, token: number | null, content: string): Promise<Outcome>;
}

export function ourLocks(root: string, disk: Disk): LoadLocks {
  const leases = new Leases({ folder: path.join(root, '.claude', 'workflows'), roots: [root], clock: systemClock, disk });
  return {
    acquire: async (file, team, durationMs) => toOutcome(await leases.acquireLock(file, team, { durationMs })),
    wait: async (file, team, durationMs, timeoutMs) => toOutcome(await leases.waitForLock(file, team, { durationMs, timeoutMs, critical: team.endsWith('0') })),
    renew: async (file, team, token, durationMs) => toOutcome(await leases.renewLock(file, team, token, durationMs)),
    release: async (file, team, token) => toOutcome(await leases.releaseLock(file, team, token)),
    check: async (file, team, token) => toOutcome(await leases.checkToken(file, team, token ?? 0)),
    write: async (file, team, token, content) => toOutcome(await leases.writeUnderLease(file, team, token ?? 0, content, { durable: false })),
  };
}

function toOutcome(result: LockResult<Lease>): Outcome {
  const [fault] = result.faults;
  if (fault !== undefined) throw new Error(`the table was damaged: ${fault.detail}`);
  return result.ok ? { ok: true, token: result.value.token, reason: null } : { ok: false, token: null, reason: result.refusal.reason };
}

/**
 * The specification's `FileLockManager`, line by line, with its `_load_locks` and `_save_locks` as its users wrote them: an open file is
 * emptied and filled, and what cannot be read is an empty table. It has no tokens, and nothing that keeps a loser from writing.
 */
export function specificationLocks(root: string): LoadLocks {
  const lockFile = path.join(root, '.claude', 'workflows', 'file_locks.json');
  const given: Outcome = { ok: true, token: null, reason: null };
  const refused = (reason: string): Outcome => ({ ok: false, token: null, reason });
  const acquire = async (file: string, team: string): Promise<boolean> => {
    const locks = loadLocks(lockFile);
    // What the interpreter does between two calls, at least.
    await Promise.resolve();
    const lock = locks[file];
    if (lock !== undefined && Date.now() - Date.parse(lock.timestamp) <= lock.duration_ms) return false;
    locks[file] = { locked_by: team, timestamp: new Date().toISOString(), duration_ms: 30_000 };
    saveLocks(lockFile, locks);
    return true;
  };
  return {
    acquire: async (file, team) => ((await acquire(file, team)) ? given : refused('held')),
    async wait(file, team, _durationMs, limitMs) {
      const startedMs = performance.now();
      for (let waitMs = 100; performance.now() - startedMs < limitMs; waitMs = Math.min(waitMs * 2, 5_000)) {
        if (await acquire(file, team)) return given;
        await delay(waitMs);
      }
      return refused('timeout');
    },
    renew: () => Promise.resolve(given),
    release(file, team) {
      const locks = loadLocks(lockFile);
      if (locks[file]?.locked_by !== team) return Promise.resolve(refused('not-held'));
      saveLocks(lockFile, Object.fromEntries(Object.entries(locks).filter(([other]) => other !== file)));
      return Promise.resolve(given);
    },
    check: () => Promise.resolve(given),
    write(file, _team, _token, content) {
      writeFileSync(path.join(root, file), content);
      return Promise.resolve(given);
    },
  };
}

type SpecificationTable = Record<string, { locked_by: string; timestamp: string; duration_ms: number }>;

function loadLocks(lockFile: string): SpecificationTable {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')) as SpecificationTable;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return {};
    throw error;
  }
}

function saveLocks(lockFile: string, locks: SpecificationTable): void {
  mkdirSync(path.dirname(lockFile), { recursive: true });
  writeFileSync(lockFile, JSON.stringify(locks, null, 2));
}
