import type { LeaseHead, LeaseRow, LostLease } from '../model/documents.ts';
import { compareText } from '../model/finding.ts';
import type { Lease } from '../model/lease.ts';
import { LEASE_LIMITS } from '../model/limits.ts';
import type { LockRefusal } from '../model/lock-refusal.ts';
import { expiryOf, holderOf, isEmpty, isFirst, isWaiting, nextInLine, settle, toInstant } from './lease-state.ts';
import type { LeaseTable } from './lease-table.ts';
import { chooseVictim, filesToRelease, findCycle, waitsOf } from './wait-graph.ts';

/** Every decision about leases: what becomes of the table, and what the asking team is told. Files are canonical keys. */

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: LockRefusal };

export interface Decision<T> {
  /** The same object when nothing changed. */
  readonly table: LeaseTable;
  readonly answer: Answer<T>;
}

export interface Request {
  readonly team: string;
  readonly durationMs: number;
  /** On the critical path: served before those that are not. */
  readonly critical: boolean;
}

/** A claim to hold a lease; a null token leaves it to the team's name. */
export interface Claim {
  readonly file: string;
  readonly team: string;
  readonly token: number | null;
}

/** All files or none. What the team has already is renewed, with the token it has. */
export function acquire(table: LeaseTable, request: Request & { readonly files: readonly string[] }, nowMs: number): Decision<readonly Lease[]> {
  const files = [...new Set(request.files)].sort(compareText);
  let next = settleRows(table, files, nowMs);
  const refusals = files.map((file) => obstacleTo(next, file, request, nowMs)).filter((refusal) => refusal !== null);
  next = count(next, { requests: files.length, contended: refusals.length });
  const [only] = refusals;
  if (only !== undefined) return { table: next, answer: { ok: false, refusal: refusals.length === 1 ? only : { reason: 'several', refusals } } };
  const added = files.filter((file) => !next.rows.has(file)).length;
  if (next.rows.size + added > LEASE_LIMITS.rowsMax) return refuse(next, { reason: 'too-many', what: 'locked files', max: LEASE_LIMITS.rowsMax });
  if (added > 0) next = sweep(next, nowMs);
  const leases: Lease[] = [];
  for (const file of files) {
    next = give(next, file, request, nowMs);
    leases.push(leaseOf(file, next.rows.get(file), nowMs));
  }
  return { table: next, answer: { ok: true, value: leases } };
}

/**
 * One look of a waiter: the lease, or null while it stays in line. A circle of waits that goes through the team is broken at once,
 * by a refusal to the one that is to yield, now or at its next look.
 */
export function wait(table: LeaseTable, request: Request & { readonly file: string }, nowMs: number): Decision<Lease | null> {
  const { file, team } = request;
  const settled = settleRows(table, [file], nowMs);
  const mine = settled.rows.get(file)?.waiters.find((waiter) => waiter.team === team);
  if (mine !== undefined && mine.deadlock !== null) return refuse(withoutWaiter(settled, file, team), deadlockOf(team, mine.deadlock));
  const obstacle = obstacleTo(settled, file, request, nowMs);
  const counted = mine !== undefined ? settled : count(settled, { requests: 1, ...(obstacle === null ? {} : { contended: 1, waits: 1 }) });
  if (obstacle === null) {
    const given = give(counted, file, request, nowMs);
    return { table: given, answer: { ok: true, value: leaseOf(file, given.rows.get(file), nowMs) } };
  }
  if (obstacle.reason === 'deadlock') return refuse(counted, obstacle);
  const row = counted.rows.get(file) ?? EMPTY_ROW;
  if (mine === undefined && row.waiters.length >= LEASE_LIMITS.waitersMax) return refuse(counted, { reason: 'too-many', what: 'waiters', max: LEASE_LIMITS.waitersMax });
  const now = toInstant(nowMs);
  const waiters = mine === undefined
    ? [...row.waiters, { team, since: now, seen: now, critical: request.critical, overtaken: 0, deadlock: null }]
    : row.waiters.map((waiter) => (waiter.team === team ? { ...waiter, seen: now, critical: request.critical } : waiter));
  return breakCycles(withRow(counted, file, { ...row, waiters }), request, nowMs);
}

/** Whether a look would tell the waiter anything but to stay in line: cheap, and without the lock of the table. */
export function isWorthALook({ rows }: LeaseTable, request: Request & { readonly file: string }, nowMs: number): boolean {
  const row = rows.get(request.file);
  const mine = row?.waiters.find((waiter) => waiter.team === request.team);
  return row === undefined || mine?.deadlock !== null || (holderOf(row, nowMs) === null && isFirst(row.waiters, request, nowMs));
}

/** The waiter goes, with or without a lease. */
export function leave(table: LeaseTable, { file, team, timedOut }: { readonly file: string; readonly team: string; readonly timedOut: boolean }): Decision<null> {
  const left = withoutWaiter(table, file, team);
  return { table: timedOut ? count(left, { timeouts: 1 }) : left, answer: { ok: true, value: null } };
}

/** A lease whose time is over is renewed as long as nobody took it and nobody waits for it. */
export function renew(table: LeaseTable, claim: Claim & { readonly durationMs: number | null }, nowMs: number): Decision<Lease> {
  const settled = settleRows(table, [claim.file], nowMs);
  const mine = claimed(settled, claim, nowMs);
  if (!mine.ok) return { table: settled, answer: mine };
  if (mine.value.must_yield !== null) return refuse(settled, deadlockOf(claim.team, mine.value.must_yield));
  const next = nextInLine(mine.value.waiters, nowMs);
  if (next !== null && holderOf(mine.value, nowMs) === null) return refuse(settled, expired(claim, mine.value, next.team, nowMs));
  const row = { ...mine.value, timestamp: toInstant(nowMs), duration_ms: claim.durationMs ?? mine.value.duration_ms };
  return { table: withRow(settled, claim.file, row), answer: { ok: true, value: leaseOf(claim.file, row, nowMs) } };
}

/** Begins anew the time of everything that the team has and may keep: a sign of life. Its value is what was renewed. */
export function renewAll(table: LeaseTable, team: string, nowMs: number): Decision<readonly Lease[]> {
  let next = table;
  const leases: Lease[] = [];
  for (const [file, row] of table.rows) {
    if (row.locked_by !== team) continue;
    const { table: renewed, answer } = renew(next, { file, team, token: null, durationMs: null }, nowMs);
    next = renewed;
    if (answer.ok) leases.push(answer.value);
  }
  return { table: next, answer: { ok: true, value: leases } };
}

export function release(table: LeaseTable, claim: Claim, nowMs: number): Decision<Lease> {
  const settled = settleRows(table, [claim.file], nowMs);
  const mine = claimed(settled, claim, nowMs);
  if (!mine.ok) return { table: settled, answer: mine };
  return { table: withRow(settled, claim.file, freed(mine.value)), answer: { ok: true, value: leaseOf(claim.file, mine.value, nowMs) } };
}

/** Everything the team holds is given back, and it waits for nothing any more: for a team that is gone. */
export function releaseAll(table: LeaseTable, team: string, nowMs: number): Decision<readonly Lease[]> {
  const rows = new Map(table.rows);
  const leases: Lease[] = [];
  for (const [file, row] of table.rows) {
    const isHeld = row.locked_by === team;
    if (!isHeld && !row.waiters.some((waiter) => waiter.team === team)) continue;
    if (isHeld) leases.push(leaseOf(file, row, nowMs));
    const left = { ...row, waiters: row.waiters.filter((waiter) => waiter.team !== team) };
    const next = isHeld ? freed(withLoss(left, { how: 'team-lost', taken_by: null, new_token: null }, nowMs)) : left;
    if (isEmpty(next)) rows.delete(file);
    else rows.set(file, next);
  }
  const isChanged = [...table.rows].some(([file, row]) => rows.get(file) !== row);
  return { table: isChanged ? { ...table, rows } : table, answer: { ok: true, value: leases } };
}

/** Ends the lease of the claim against its holder's will; `by` is remembered. Another lease on the file than that one stays. */
export function force(table: LeaseTable, claim: Claim & { readonly by: string }, nowMs: number): Decision<Lease> {
  const { file, by } = claim;
  const settled = settleRows(table, [file], nowMs);
  const theirs = claimed(settled, claim, nowMs);
  if (!theirs.ok) return { table: settled, answer: theirs };
  const ended = withRow(settled, file, freed(withLoss(theirs.value, { how: 'forced', taken_by: by, new_token: null }, nowMs)));
  return { table: count(ended, { overrides: 1 }), answer: { ok: true, value: leaseOf(file, theirs.value, nowMs) } };
}

/** Whether the claim gives the right to change the file now. */
export function check(table: LeaseTable, claim: Claim, nowMs: number): Answer<Lease> {
  const mine = claimed(table, claim, nowMs);
  if (!mine.ok) return mine;
  if (holderOf(mine.value, nowMs) === null) return { ok: false, refusal: expired(claim, mine.value, nextInLine(mine.value.waiters, nowMs)?.team ?? null, nowMs) };
  return { ok: true, value: leaseOf(claim.file, mine.value, nowMs) };
}

const EMPTY_ROW: LeaseRow = { locked_by: null, timestamp: null, duration_ms: null, token: 0, must_yield: null, waiters: [], lost: [] };

/** Why the team cannot have the file now, or null. */
function obstacleTo({ rows }: LeaseTable, file: string, request: Request, nowMs: number): LockRefusal | null {
  const row = rows.get(file);
  if (row === undefined) return null;
  const holder = holderOf(row, nowMs);
  if (holder !== null && holder.team !== request.team) return { reason: 'held', file, holder };
  if (holder !== null) return row.must_yield === null ? null : deadlockOf(request.team, row.must_yield);
  const next = nextInLine(row.waiters, nowMs);
  return next === null || isFirst(row.waiters, request, nowMs) ? null : { reason: 'reserved', file, next: next.team };
}

/** Nothing stands in the way: the team has the file from now on, with a new token unless it is the last who had it. */
function give(table: LeaseTable, file: string, { team, durationMs }: Request, nowMs: number): LeaseTable {
  const row = table.rows.get(file) ?? EMPTY_ROW;
  const now = toInstant(nowMs);
  const place = row.waiters.findIndex((waiter) => waiter.team === team);
  const mine = row.waiters[place];
  const waitedMs = mine === undefined ? 0 : Math.max(0, nowMs - Date.parse(mine.since));
  const before = place === -1 ? row.waiters.length : place;
  const waiters = row.waiters
    .map((waiter, index) => (index < before && isWaiting(waiter, nowMs) ? { ...waiter, overtaken: waiter.overtaken + 1 } : waiter))
    .filter((waiter) => waiter.team !== team);
  const { head } = table;
  const isMine = row.locked_by === team;
  const isTaken = row.locked_by !== null && !isMine;
  const token = isMine ? row.token : head.next_token;
  const known = isTaken ? withLoss(row, { how: 'expired', taken_by: team, new_token: token }, nowMs) : row;
  const given = { ...known, locked_by: team, timestamp: now, duration_ms: durationMs, token, must_yield: null, waiters: isMine ? row.waiters.filter((waiter) => waiter.team !== team) : waiters };
  const counted = count(withRow(table, file, given), {
    ...(isTaken ? { taken_over: 1 } : {}),
    ...(mine === undefined ? {} : { waits_granted: 1, wait_ms_total: waitedMs, wait_ms_max: Math.max(0, waitedMs - head.contention.wait_ms_max) }),
  });
  return { ...counted, head: { ...counted.head, next_token: isMine ? head.next_token : head.next_token + 1 } };
}

/** Ends when no circle goes through the team: each round takes one wait out of the graph. */
function breakCycles(table: LeaseTable, { team, file }: { readonly team: string; readonly file: string }, nowMs: number): Decision<null> {
  let next = table;
  for (;;) {
    const cycle = findCycle(waitsOf(next, nowMs), team);
    if (cycle === null) return { table: next, answer: { ok: true, value: null } };
    const victim = chooseVictim(cycle, next, nowMs);
    next = count(next, { deadlocks: 1 });
    for (const held of filesToRelease(cycle, victim)) next = editRow(next, held, (row) => ({ ...row, must_yield: cycle }));
    const waitsFor = cycle.find((one) => one.team === victim)?.file;
    if (victim === team && waitsFor === file) return refuse(withoutWaiter(next, file, team), deadlockOf(team, cycle));
    if (waitsFor !== undefined) next = editRow(next, waitsFor, (row) => ({ ...row, waiters: row.waiters.map((waiter) => (waiter.team === victim ? { ...waiter, deadlock: cycle } : waiter)) }));
  }
}

/** The row, when the claim to it is true. */
function claimed({ rows }: LeaseTable, { file, team, token }: Claim, nowMs: number): Answer<LeaseRow> {
  const row = rows.get(file);
  if (row !== undefined && row.locked_by === team && (token === null || token === row.token)) return { ok: true, value: row };
  const holder = row === undefined ? null : holderOf(row, nowMs);
  const lost = row?.lost.findLast((one) => one.team === team && (token === null || one.token === token)) ?? null;
  const shown = token ?? lost?.token ?? null;
  if (shown === null) return { ok: false, refusal: { reason: 'not-held', file, team, holder } };
  return { ok: false, refusal: { reason: 'stale-token', file, team, token: shown, lost, holder } };
}

function withLoss(row: LeaseRow, how: Pick<LostLease, 'how' | 'taken_by' | 'new_token'>, nowMs: number): LeaseRow {
  if (row.locked_by === null) return row;
  return { ...row, lost: [...row.lost, { team: row.locked_by, token: row.token, at: toInstant(nowMs), ...how }].slice(-LEASE_LIMITS.lostMax) };
}

function freed(row: LeaseRow): LeaseRow {
  return { ...row, locked_by: null, timestamp: null, duration_ms: null, must_yield: null };
}

function withoutWaiter(table: LeaseTable, file: string, team: string): LeaseTable {
  const row = table.rows.get(file);
  if (row?.waiters.some((waiter) => waiter.team === team) !== true) return table;
  return withRow(table, file, { ...row, waiters: row.waiters.filter((waiter) => waiter.team !== team) });
}

function settleRows(table: LeaseTable, files: readonly string[], nowMs: number): LeaseTable {
  return files.reduce((next, file) => editRow(next, file, (row) => settle(row, nowMs)), table);
}

/** Rows that nobody will ask for again: the table would grow for ever. Only when one is added, because it looks at all. */
function sweep(table: LeaseTable, nowMs: number): LeaseTable {
  const rows = new Map(table.rows);
  for (const [file, row] of rows) {
    const isForgotten = row.locked_by === null ? isEmpty(settle(row, nowMs)) : row.waiters.length === 0 && nowMs - expiryOf(row, nowMs) > LEASE_LIMITS.lostKeptMs;
    if (isForgotten) rows.delete(file);
  }
  return rows.size === table.rows.size ? table : { ...table, rows };
}

function editRow(table: LeaseTable, file: string, edit: (row: LeaseRow) => LeaseRow): LeaseTable {
  const row = table.rows.get(file);
  if (row === undefined) return table;
  const edited = edit(row);
  return edited === row ? table : withRow(table, file, edited);
}

function withRow(table: LeaseTable, file: string, row: LeaseRow): LeaseTable {
  const rows = new Map(table.rows);
  if (isEmpty(row)) rows.delete(file);
  else rows.set(file, row);
  return { ...table, rows };
}

function count(table: LeaseTable, more: Partial<LeaseHead['contention']>): LeaseTable {
  const contention = { ...table.head.contention };
  for (const [name, number] of Object.entries(more) as [keyof typeof contention, number][]) contention[name] = (contention[name] as number) + number;
  return { ...table, head: { ...table.head, contention } };
}

function leaseOf(file: string, row: LeaseRow | undefined, nowMs: number): Lease {
  if (row === undefined || row.locked_by === null) throw new Error(`there is no lease on ${file}`);
  return { file, team: row.locked_by, token: row.token, until: toInstant(expiryOf(row, nowMs)) };
}

function expired({ file, team }: Claim, row: LeaseRow, next: string | null, nowMs: number): LockRefusal {
  return { reason: 'expired', file, team, since: toInstant(expiryOf(row, nowMs)), next };
}

function deadlockOf(team: string, cycle: Extract<LockRefusal, { reason: 'deadlock' }>['cycle']): LockRefusal {
  return { reason: 'deadlock', team, cycle, release: filesToRelease(cycle, team) };
}

function refuse(table: LeaseTable, refusal: LockRefusal): Decision<never> {
  return { table, answer: { ok: false, refusal } };
}
