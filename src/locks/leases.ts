import { compareText } from '../model/finding.ts';
import type { Contention, FileLock, Lease } from '../model/lease.ts';
import { LEASE_LIMITS } from '../model/limits.ts';
import type { LockRefusal, LockResult } from '../model/lock-refusal.ts';
import { systemTree, type TreeReader } from '../system/tree-reader.ts';
import { CanonicalPaths, type CanonicalPath } from './canonical-path.ts';
import { acquire, check, force, release, releaseAll, renew, renewAll, type Claim, type Decision } from './decide.ts';
import { diskRefusal, LeaseStore, type LeaseStoreOptions } from './lease-store.ts';
import { fileLockOf } from './lease-state.ts';
import type { LeaseTable } from './lease-table.ts';
import { invalidDuration, invalidTimeout, invalidWord } from './lease-request.ts';
import { logOverride } from './override-log.ts';
import { waitInLine } from './wait-in-line.ts';

export interface LeasesOptions extends LeaseStoreOptions {
  /** Absolute: the worktrees of the repository, the main one first. A path that is not absolute is taken from there. */
  readonly roots: readonly string[];
  readonly tree?: TreeReader;
}

export interface AcquireOptions {
  /** How long the lease lasts without being renewed: 30 s by default, an hour at most. */
  readonly durationMs?: number;
  /** On the critical path: served before those that are not. */
  readonly critical?: boolean;
  readonly signal?: AbortSignal;
}

export interface WaitOptions extends AcquireOptions {
  /** Gives up after this: 60 s by default. */
  readonly timeoutMs?: number;
}

/**
 * Leases on the files of one repository, kept in `file_locks.json` of its relay folder, between any number of processes. Nothing is
 * thrown for what other processes, people or the disk do. A lease is a promise only as far as the token is checked: whoever changes
 * a leased file does it by `writeUnderLease`, or is found out at the next `checkToken`.
 */
export class Leases {
  readonly #store: LeaseStore;
  readonly #paths: CanonicalPaths;
  readonly #options: LeasesOptions;

  constructor(options: LeasesOptions) {
    this.#options = options;
    this.#store = new LeaseStore(options);
    this.#paths = new CanonicalPaths(options.roots, options.tree ?? systemTree);
  }

  /** Gets the file at once, or is told why not. A team that has it already gets it again, with the same token and all its time. */
  async acquireLock(file: string, team: string, options: AcquireOptions = {}): Promise<LockResult<Lease>> {
    const all = await this.acquireAll([file], team, options);
    if (!all.ok) return all;
    const [lease] = all.value;
    if (lease === undefined) throw new Error('one file was asked for, and none was given');
    return { ...all, value: lease };
  }

  /** Gets all files or none. Leases come in the order of their keys, a file that is named twice once. */
  async acquireAll(files: readonly string[], team: string, options: AcquireOptions = {}): Promise<LockResult<readonly Lease[]>> {
    const { durationMs = LEASE_LIMITS.durationMs, critical = false, signal } = options;
    const invalid = invalidWord('the team', team) ?? invalidDuration(durationMs);
    if (invalid !== null) return refused(invalid);
    const keys: string[] = [];
    for (const file of files) {
      const found = await this.locate(file);
      if (!found.ok) return refused(found.refusal);
      keys.push(found.value.key);
    }
    return this.#store.update((table, nowMs) => acquire(table, { files: keys, team, durationMs, critical }, nowMs), signal);
  }

  /**
   * Stands in line until the file can be had: critical teams first, then first come, first served, nobody overtaken more than four
   * times. Refused as well when the team is to yield to end a deadlock. Leaves the line whatever happens, but a kill.
   */
  async waitForLock(file: string, team: string, options: WaitOptions = {}): Promise<LockResult<Lease>> {
    const { durationMs = LEASE_LIMITS.durationMs, timeoutMs = LEASE_LIMITS.waitMs, critical = false, signal } = options;
    const invalid = invalidWord('the team', team) ?? invalidDuration(durationMs) ?? invalidTimeout(timeoutMs);
    if (invalid !== null) return refused(invalid);
    const found = await this.locate(file);
    if (!found.ok) return refused(found.refusal);
    const request = { file: found.value.key, team, durationMs, critical };
    return waitInLine(this.#store, request, { timeoutMs, clock: this.#options.clock, ...(signal === undefined ? {} : { signal }) });
  }

  /** Begins the lease's time anew. A null token leaves it to the team's name; a null duration is the one it had. */
  async renewLock(file: string, team: string, token: number | null, durationMs: number | null = null): Promise<LockResult<Lease>> {
    const invalid = durationMs === null ? null : invalidDuration(durationMs);
    if (invalid !== null) return refused(invalid);
    return this.#claiming({ file, team, token }, (table, claim, nowMs) => renew(table, { ...claim, durationMs }, nowMs));
  }

  /** A sign of life of a team: renews everything that it has, each for the duration that it had. Its value is what was renewed. */
  async renewAll(team: string): Promise<LockResult<readonly Lease[]>> {
    return this.#store.update((table, nowMs) => renewAll(table, team, nowMs));
  }

  /** Gives the file back, also when the lease's time is over and nobody has taken it. Its value is what was given back. */
  releaseLock(file: string, team: string, token: number | null): Promise<LockResult<Lease>> {
    return this.#claiming({ file, team, token }, release);
  }

  /** For a team that is gone: gives back what it holds and takes it out of every line. */
  async releaseAll(team: string): Promise<LockResult<readonly Lease[]>> {
    return this.#store.update((table, nowMs) => releaseAll(table, team, nowMs));
  }

  /** Says whether the lease gives the right to change the file at this moment; for those who cannot use `writeUnderLease`. */
  async checkToken(file: string, team: string, token: number): Promise<LockResult<Lease>> {
    const found = await this.locate(file);
    if (!found.ok) return refused(found.refusal);
    const read = await this.#store.read();
    if (!read.ok) return read;
    return { ...check(read.value, { file: found.value.key, team, token }, this.#options.clock.now()), faults: read.faults };
  }

  /**
   * Replaces the file if the token is valid at that very instant: nobody can have been granted the file in between, even if this
   * process was paused before the last step for longer than the lease lasts. Makes missing folders, keeps the permissions.
   * `durable: false` saves a flush; a power cut may then empty the file.
   */
  async writeUnderLease(file: string, team: string, token: number, content: string, options: { readonly durable?: boolean } = {}): Promise<LockResult<Lease>> {
    const found = await this.locate(file);
    if (!found.ok) return refused(found.refusal);
    const { key, real } = found.value;
    return this.#store.replaceWhile({ file: real, content, durable: options.durable ?? true }, (table, nowMs) => check(table, { file: key, team, token }, nowMs));
  }

  async whoHolds(file: string): Promise<LockResult<FileLock>> {
    const found = await this.locate(file);
    if (!found.ok) return refused(found.refusal);
    const read = await this.#store.read();
    return read.ok ? { ...read, value: fileLockOf(found.value.key, read.value.rows.get(found.value.key), this.#options.clock.now()) } : read;
  }

  /** What is held or waited for, sorted by key. */
  async list(): Promise<LockResult<readonly FileLock[]>> {
    const read = await this.#store.read();
    if (!read.ok) return read;
    const nowMs = this.#options.clock.now();
    const locks = [...read.value.rows].map(([key, row]) => fileLockOf(key, row, nowMs)).filter(({ holder, waiters }) => holder !== null || waiters.length > 0);
    return { ...read, value: locks.sort((a, b) => compareText(a.file, b.file)) };
  }

  /**
   * Ends a lease against its holder's will, who is told at its next step. Every override has a line in `file_locks.overrides.ndjson`,
   * written and flushed before the lease ends: a line without an override is possible (after a crash), an override without a line not.
   */
  async forceRelease(file: string, override: { readonly by: string; readonly reason: string }): Promise<LockResult<Lease>> {
    const invalid = invalidWord('the one who overrides', override.by) ?? invalidWord('the reason', override.reason);
    if (invalid !== null) return refused(invalid);
    const found = await this.locate(file);
    if (!found.ok) return refused(found.refusal);
    const { key } = found.value;
    const read = await this.#store.read();
    if (!read.ok) return read;
    const row = read.value.rows.get(key);
    if (row === undefined || row.locked_by === null) return refused({ reason: 'not-held', file: key, team: null, holder: null });
    const at = new Date(this.#options.clock.now()).toISOString();
    const logged = await logOverride(this.#options, { at, by: override.by, reason: override.reason, file: key, team: row.locked_by, token: row.token });
    if (logged !== null) return refused(logged);
    const { locked_by: team, token } = row;
    return this.#store.update((table, nowMs) => force(table, { file: key, team, token, by: override.by }, nowMs));
  }

  /** For the KPIs. */
  async contention(): Promise<LockResult<Contention>> {
    const read = await this.#store.read();
    if (!read.ok) return read;
    const { requests, contended, waits, waits_granted: waitsGranted, wait_ms_total: total, wait_ms_max: max, timeouts, deadlocks, taken_over: takenOver, overrides } = read.value.head.contention;
    const waitMs = { total, mean: waitsGranted === 0 ? 0 : total / waitsGranted, max };
    return { ...read, value: { requests, contended, rate: requests === 0 ? 0 : contended / requests, waits, waitsGranted, waitMs, timeouts, deadlocks, takenOver, overrides } };
  }

  async #claiming(claim: Claim, decide: (table: LeaseTable, claim: Claim, nowMs: number) => Decision<Lease>): Promise<LockResult<Lease>> {
    const found = await this.locate(claim.file);
    if (!found.ok) return refused(found.refusal);
    return this.#store.update((table, nowMs) => decide(table, { ...claim, file: found.value.key }, nowMs));
  }

  /** By which key and name a file is known in all worktrees. */
  async locate(file: string): Promise<{ readonly ok: true; readonly value: CanonicalPath } | { readonly ok: false; readonly refusal: LockRefusal }> {
    try {
      const found = await this.#paths.resolve(file);
      if (found.ok && found.value.real === this.#store.file) return { ok: false, refusal: { reason: 'unusable-path', path: file, detail: 'it is the table of the locks itself' } };
      return found;
    } catch (error) {
      const refusal = diskRefusal(error, file);
      if (refusal === null) throw error;
      return { ok: false, refusal };
    }
  }
}

function refused(refusal: LockRefusal): { readonly ok: false; readonly refusal: LockRefusal; readonly faults: readonly [] } {
  return { ok: false, refusal, faults: [] };
}
