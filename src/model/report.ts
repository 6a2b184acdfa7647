import type { GateId } from './gate.ts';
import type { Verdict } from './verdict.ts';

/** The document that `--reporter json` prints. Paths are relative to the root, order is stable between runs. */
export interface RunReport {
  readonly version: 1;
  /** True when no blocking verdict failed or errored. */
  readonly ok: boolean;
  readonly durationMs: number;
  readonly workspace: { readonly root: string; readonly head: string | null };
  readonly teams: Readonly<Record<string, TeamReport>>;
  readonly checks: readonly CheckReport[];
  readonly notes: readonly string[];
  /** Set when the run was cut short; what had not run by then is `error: cancelled`. */
  readonly cancelled: boolean;
}

export interface TeamReport {
  /** Files the team owns. */
  readonly files: number;
  readonly gates: Readonly<Partial<Record<GateId, Verdict>>>;
}

export interface CheckReport {
  readonly id: string;
  /** The first gate it serves; `gates` has all. */
  readonly gate: GateId;
  readonly gates: readonly GateId[];
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly engineOrigin: 'project' | 'bundled';
  /** How many files it was given. */
  readonly inputs: number;
  readonly status: 'done' | 'skipped' | 'error';
  readonly reason: string | null;
  readonly durationMs: number;
  /** It did not run: its result was kept from an earlier run, which took `durationMs`. */
  readonly cached?: true;
  /** With `--why`: what made it run, or that it did not. */
  readonly why?: string;
}
