import path from 'node:path';
import { Leases } from '../../src/locks/leases.ts';
import type { LockResult } from '../../src/model/lock-refusal.ts';
import type { Disk } from '../../src/system/disk.ts';

/** A table in which team1 has one file, and team2 waits for another of team3's. Instants are fixed, so that a text can be compared. */
export const CRASH_NOW_MS = Date.parse('2026-01-05T10:00:00Z');
export const TOKEN = 7;
const NOW = '2026-01-05T10:00:00.000Z';

export const TABLE = JSON.stringify({
  '/': { schema_version: 1, revision: 3, next_token: 20 },
  'mine.ts': { locked_by: 'team1', timestamp: NOW, duration_ms: 30_000, token: TOKEN },
  'theirs.ts': { locked_by: 'team3', timestamp: NOW, duration_ms: 30_000, token: 8, waiters: [{ team: 'team2', since: NOW, seen: NOW, critical: false }] },
});

/** Everything that writes: by name, on what table (null: none yet). */
export const CRASH_OPERATIONS: Readonly<Record<string, { readonly table: string | null; run(leases: Leases): Promise<LockResult<unknown>> }>> = {
  'acquire without a table': { table: null, run: (leases) => leases.acquireLock('new.ts', 'team1') },
  'acquire of several': { table: TABLE, run: (leases) => leases.acquireAll(['new.ts', 'other.ts'], 'team1') },
  'acquire with a broken table': { table: '{ "mine.ts": ', run: (leases) => leases.acquireLock('new.ts', 'team1') },
  renew: { table: TABLE, run: (leases) => leases.renewLock('mine.ts', 'team1', TOKEN, 60_000) },
  release: { table: TABLE, run: (leases) => leases.releaseLock('mine.ts', 'team1', TOKEN) },
  'wait and give up': { table: TABLE, run: (leases) => leases.waitForLock('theirs.ts', 'team1', { timeoutMs: 0 }) },
  'release of all': { table: TABLE, run: (leases) => leases.releaseAll('team3') },
  override: { table: TABLE, run: (leases) => leases.forceRelease('theirs.ts', { by: 'ann', reason: 'stuck' }) },
  'write under a lease': { table: TABLE, run: (leases) => leases.writeUnderLease('mine.ts', 'team1', TOKEN, 'a new text of several words') },
};

export function leasesAt(root: string, disk: Disk): Leases {
  const clock = { now: () => CRASH_NOW_MS, monotonicMs: () => performance.now() };
  return new Leases({ folder: path.join(root, '.claude', 'workflows'), roots: [root], clock, disk });
}
