import type { LeaseRow, Waiter } from '../model/documents.ts';
import type { FileLock } from '../model/lease.ts';
import { LEASE_LIMITS } from '../model/limits.ts';
import type { Holder } from '../model/lock-refusal.ts';

/** What a row says about itself at one moment; nothing here changes it. */

/** Who holds the file, or null when nobody does any more. */
export function holderOf(row: LeaseRow, nowMs: number): Holder | null {
  if (row.locked_by === null) return null;
  const untilMs = expiryOf(row, nowMs);
  return untilMs > nowMs ? { team: row.locked_by, token: row.token, until: toInstant(untilMs) } : null;
}

/**
 * When the lease ends. A time in the future (a clock that was set back, a slip of a hand) counts as now, and a missing or
 * excessive duration as the one that is allowed, so that no row holds for ever. `settle` makes both so in the row.
 */
export function expiryOf({ timestamp, duration_ms: durationMs }: LeaseRow, nowMs: number): number {
  return Math.min(timestamp === null ? nowMs : Date.parse(timestamp), nowMs) + Math.min(durationMs ?? LEASE_LIMITS.durationMs, LEASE_LIMITS.durationMsMax);
}

/** True for a waiter that is alive and has not been told to yield. */
export function isWaiting(waiter: Waiter, nowMs: number): boolean {
  return waiter.deadlock === null && isAlive(waiter, nowMs);
}

export function isAlive({ seen }: Waiter, nowMs: number): boolean {
  return nowMs - Date.parse(seen) <= LEASE_LIMITS.waiterAwayMs;
}

/**
 * Who is served next: those that were overtaken too often, then critical ones, then the others, each first come, first
 * served. Null when nobody waits.
 */
export function nextInLine(waiters: readonly Waiter[], nowMs: number): Waiter | null {
  const waiting = waiters.filter((waiter) => isWaiting(waiter, nowMs));
  return waiting.find(isOvertakenEnough) ?? waiting.find(({ critical }) => critical) ?? waiting[0] ?? null;
}

/** Whether `team`, which need not be in line, would be served before all that are. */
export function isFirst(waiters: readonly Waiter[], request: { readonly team: string; readonly critical: boolean }, nowMs: number): boolean {
  const inLine = waiters.some((waiter) => waiter.team === request.team && isWaiting(waiter, nowMs));
  const next = nextInLine(waiters, nowMs);
  if (next === null || next.team === request.team) return true;
  return !inLine && request.critical && !next.critical && !isOvertakenEnough(next);
}

/** The row without the dead, with what lies in the future brought back to now. The same object when nothing was to do. */
export function settle(row: LeaseRow, nowMs: number): LeaseRow {
  const now = toInstant(nowMs);
  const isBeyond = (instant: string): boolean => Date.parse(instant) > nowMs;
  const waiters = row.waiters.filter((waiter) => isAlive(waiter, nowMs));
  const lost = row.lost.filter(({ at }) => nowMs - Date.parse(at) <= LEASE_LIMITS.lostKeptMs).slice(-LEASE_LIMITS.lostMax);
  const isHeld = row.locked_by !== null;
  const timestamp = isHeld && (row.timestamp === null || isBeyond(row.timestamp)) ? now : row.timestamp;
  const duration = isHeld ? Math.min(row.duration_ms ?? LEASE_LIMITS.durationMs, LEASE_LIMITS.durationMsMax) : row.duration_ms;
  const hasFuture = waiters.some(({ seen, since }) => isBeyond(seen) || isBeyond(since));
  if (waiters.length === row.waiters.length && lost.length === row.lost.length && timestamp === row.timestamp && duration === row.duration_ms && !hasFuture) return row;
  return {
    ...row,
    timestamp,
    duration_ms: duration,
    waiters: waiters.map((waiter) => ({ ...waiter, since: isBeyond(waiter.since) ? now : waiter.since, seen: isBeyond(waiter.seen) ? now : waiter.seen })),
    lost,
  };
}

/** True when the row says nothing any more and can be dropped. */
export function isEmpty({ locked_by: lockedBy, waiters, lost }: LeaseRow): boolean {
  return lockedBy === null && waiters.length === 0 && lost.length === 0;
}

/** As it is shown; no row is a file that nobody has. */
export function fileLockOf(file: string, row: LeaseRow | undefined, nowMs: number): FileLock {
  const holder = row === undefined ? null : holderOf(row, nowMs);
  const waiters = (row?.waiters ?? []).filter((waiter) => isWaiting(waiter, nowMs)).map(({ team, since, critical }) => ({ team, since, critical }));
  if (row === undefined || holder === null) return { file, holder: null, since: null, durationMs: null, waiters };
  const { timestamp, duration_ms: durationMs } = settle(row, nowMs);
  return { file, holder, since: timestamp, durationMs, waiters };
}

export function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}

function isOvertakenEnough({ overtaken }: Waiter): boolean {
  return overtaken >= LEASE_LIMITS.overtakesMax;
}
