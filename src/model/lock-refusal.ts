import type { LostLease, WaitCycle } from './documents.ts';

/** Who has a file, until when. Instants are ISO 8601 in UTC. */
export interface Holder {
  readonly team: string;
  readonly token: number;
  readonly until: string;
}

/**
 * Why a lock was not given, kept or used, as data. `describeRefusal` is the only place that turns one into prose; a new reason
 * breaks the build there until it has words. Files are canonical keys, except where a path has none.
 */
export type LockRefusal =
  | { readonly reason: 'held'; readonly file: string; readonly holder: Holder }
  /** Free, but others have waited for it. */
  | { readonly reason: 'reserved'; readonly file: string; readonly next: string }
  /** The token belongs to a lease that has ended. `lost` says how, as long as that is remembered. */
  | { readonly reason: 'stale-token'; readonly file: string; readonly team: string; readonly token: number; readonly lost: LostLease | null; readonly holder: Holder | null }
  /** The lease's time is over; nobody has taken it yet. `next` waits for it. */
  | { readonly reason: 'expired'; readonly file: string; readonly team: string; readonly since: string; readonly next: string | null }
  | { readonly reason: 'not-held'; readonly file: string; readonly team: string | null; readonly holder: Holder | null }
  /** The team was chosen to yield. `release` is what it holds and the others of the circle wait for. */
  | { readonly reason: 'deadlock'; readonly team: string; readonly cycle: WaitCycle; readonly release: readonly string[] }
  | { readonly reason: 'timeout'; readonly file: string; readonly waitedMs: number; readonly holder: Holder | null }
  /** Of several files: nothing was taken. */
  | { readonly reason: 'several'; readonly refusals: readonly LockRefusal[] }
  | { readonly reason: 'cancelled' }
  /** Other writers of the table left no room. */
  | { readonly reason: 'busy'; readonly table: string; readonly waitedMs: number }
  | { readonly reason: 'too-many'; readonly what: 'locked files' | 'waiters'; readonly max: number }
  /** There is a session, and the team is none of it. */
  | { readonly reason: 'team-unknown'; readonly team: string; readonly teams: readonly string[] }
  | { readonly reason: 'outside-root'; readonly path: string; readonly root: string }
  | { readonly reason: 'unusable-path'; readonly path: string; readonly detail: string }
  | { readonly reason: 'invalid'; readonly what: string; readonly expected: string; readonly found: string }
  | { readonly reason: 'newer-table'; readonly table: string; readonly version: number; readonly supported: number }
  /** The disk would not. The table and every other file are as they were. */
  | { readonly reason: 'disk'; readonly path: string; readonly code: string; readonly detail: string };

/** Something was wrong with the table, and was mended on the way. */
export interface TableFault {
  readonly table: string;
  /** What is wrong: `it is not JSON`. */
  readonly detail: string;
  /** Where the unusable one was put, null when that was not done (reading only, or too many already). */
  readonly setAside: string | null;
}

/** What became of one operation. `faults` is almost always empty. */
export type LockResult<T> =
  | { readonly ok: true; readonly value: T; readonly faults: readonly TableFault[] }
  | { readonly ok: false; readonly refusal: LockRefusal; readonly faults: readonly TableFault[] };

/** True when trying the same later, or with another token, can succeed: a decision, not a trouble. */
export function isDecision({ reason }: LockRefusal): boolean {
  return ['held', 'reserved', 'stale-token', 'expired', 'not-held', 'deadlock', 'timeout', 'several'].includes(reason);
}

/** One sentence: what, where, what to do. */
export function describeRefusal(refusal: LockRefusal): string {
  switch (refusal.reason) {
    case 'held':
      return `${refusal.file} is locked by ${describeHolder(refusal.holder)}: wait for it with "lock wait", or go on with something else`;
    case 'reserved':
      return `${refusal.file} is free, but ${refusal.next} has waited for it: get in line with "lock wait"`;
    case 'stale-token':
      return `token ${refusal.token} of ${refusal.team} for ${refusal.file} is stale${describeLoss(refusal.lost)}${refusal.holder === null ? '' : `; it is now locked by ${describeHolder(refusal.holder)}`}: acquire it again and redo the change on what the file now holds`;
    case 'expired':
      return `the lease of ${refusal.team} on ${refusal.file} expired at ${refusal.since}: ${refusal.next === null ? 'renew it first' : `${refusal.next} waits for it, so acquire it again with "lock wait"`}`;
    case 'not-held':
      return `${refusal.team === null ? 'nobody has' : `${refusal.team} does not have`} a lease on ${refusal.file}${refusal.holder === null ? '' : `, ${describeHolder(refusal.holder)} has`}: there is nothing to give back or renew`;
    case 'deadlock':
      return `deadlock: ${refusal.cycle.map((wait) => `${wait.team} waits for ${wait.file}, held by ${wait.holder}`).join('; ')}: ${refusal.team} is to yield, so release ${refusal.release.join(', ')} and start again`;
    case 'timeout':
      return `${refusal.file} did not become free within ${describeMs(refusal.waitedMs)}${refusal.holder === null ? '' : `, it is locked by ${describeHolder(refusal.holder)}`}: go on with something else and try later`;
    case 'several':
      return `nothing was locked: ${refusal.refusals.map(describeRefusal).join('; ')}`;
    case 'cancelled':
    case 'busy':
    case 'too-many':
    case 'team-unknown':
    case 'outside-root':
    case 'unusable-path':
    case 'invalid':
    case 'newer-table':
    case 'disk':
      return describeTrouble(refusal);
  }
}

type Trouble = Exclude<LockRefusal, { readonly reason: 'held' | 'reserved' | 'stale-token' | 'expired' | 'not-held' | 'deadlock' | 'timeout' | 'several' }>;

function describeTrouble(refusal: Trouble): string {
  switch (refusal.reason) {
    case 'cancelled':
      return 'cancelled';
    case 'busy':
      return `${refusal.table} was in use by others for ${describeMs(refusal.waitedMs)}: try again`;
    case 'too-many':
      return `there are ${refusal.max} ${refusal.what} already: release what is not needed ("lock list" shows it)`;
    case 'team-unknown':
      return `there is no team ${refusal.team} in this session: its teams are ${refusal.teams.join(', ')}`;
    case 'outside-root':
      return `${shortened(refusal.path)} is outside ${refusal.root}: only files of the repository can be locked`;
    case 'unusable-path':
      return `${shortened(refusal.path)} cannot be locked: ${refusal.detail}`;
    case 'invalid':
      return `${refusal.what} must be ${refusal.expected}, not ${refusal.found}`;
    case 'newer-table':
      return `${refusal.table} has version ${refusal.version}, this spark-gates knows ${refusal.supported} at most: use the newer spark-gates that wrote it`;
    case 'disk':
      return `${shortened(refusal.path)} cannot be used (${refusal.code}: ${refusal.detail}), nothing was changed: ${remedyFor(refusal.code)}`;
  }
}

/** Longer paths are read by nobody. Whoever gave it knows which one it is by its ends. */
const PATH_CHARS_MAX = 160;

function shortened(path: string): string {
  return path.length <= PATH_CHARS_MAX ? path : `${path.slice(0, PATH_CHARS_MAX / 2)}…${path.slice(-PATH_CHARS_MAX / 4)}`;
}

/** One sentence about a table that was mended. */
export function describeTableFault({ table, detail, setAside }: TableFault): string {
  return `${table} could not be used: ${detail}; ${setAside === null ? 'leases in it count for nothing' : `it was kept as ${setAside}`}: whoever held a lease has to acquire it again`;
}

function describeHolder({ team, until }: Holder): string {
  return `${team} until ${until}`;
}

function describeLoss(lost: LostLease | null): string {
  if (lost === null) return '';
  switch (lost.how) {
    case 'expired':
      return `: it expired, and ${lost.taken_by ?? 'another team'} took the file at ${lost.at} with token ${lost.new_token ?? 0}`;
    case 'forced':
      return `: it was ended at ${lost.at} by a manual override of ${lost.taken_by ?? 'somebody'}`;
    case 'team-lost':
      return `: all leases of ${lost.team} were released at ${lost.at}, because it was taken for lost`;
  }
}

function remedyFor(code: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'make room on the disk';
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'make the folder writable, or name another with --relay';
    case 'EXDEV':
      return 'the relay folder and the file must be on one file system';
    case 'ENAMETOOLONG':
      return 'give a file with a shorter name';
    default:
      return 'see to the disk, then try again';
  }
}

function describeMs(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
