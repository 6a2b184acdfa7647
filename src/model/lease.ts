import type { Holder } from './lock-refusal.ts';

/** The right to change one file, until its time is over or its holder gives it back. */
export interface Lease {
  /** Canonical key: posix path of the real file, relative to the root. */
  readonly file: string;
  readonly team: string;
  /** Rises with each grant; shown at every use, so that one who lost the lease without knowing is found out. */
  readonly token: number;
  /** ISO 8601 in UTC. */
  readonly until: string;
}

/** Who has a file and who stands in line for it, first come first. */
export interface FileLock {
  readonly file: string;
  /** Null when nobody has it (any more). */
  readonly holder: Holder | null;
  /** When it was acquired or last renewed, and for how long; null with `holder`. */
  readonly since: string | null;
  readonly durationMs: number | null;
  readonly waiters: readonly { readonly team: string; readonly since: string; readonly critical: boolean }[];
}

/** What the locks cost, since the table was begun. */
export interface Contention {
  /** Files asked for, a wait once. */
  readonly requests: number;
  /** Those that were not to be had at once. */
  readonly contended: number;
  /** Their share, 0 to 1: the specification's `lock_contention_rate`. */
  readonly rate: number;
  readonly waits: number;
  readonly waitsGranted: number;
  /** Of the waits that were granted. */
  readonly waitMs: { readonly total: number; readonly mean: number; readonly max: number };
  readonly timeouts: number;
  readonly deadlocks: number;
  /** Leases taken by another team after they had expired. */
  readonly takenOver: number;
  /** Leases ended by hand. */
  readonly overrides: number;
}
