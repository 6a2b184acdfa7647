import type { Check } from './check.ts';
import type { Finding } from './finding.ts';
import type { GateId } from './gate.ts';
import type { RunReport } from './report.ts';
import type { Verdict } from './verdict.ts';

/**
 * The one stream that everything downstream of a request reads: reporters, relay, KPIs. Order within a run:
 * one `run-started`, then any of the others, then one `run-finished`.
 */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly root: string;
      readonly teams: readonly { readonly name: string; readonly files: number }[];
      readonly gates: readonly GateId[];
      readonly checks: readonly Check[];
      /** Which checks decide which team × gate. Absent: take every check of the gate to concern every team. */
      readonly cells?: readonly { readonly team: string; readonly gate: GateId; readonly checks: readonly string[] }[];
      /** Sentences for people: where the teams came from, what was assumed. */
      readonly notes: readonly string[];
    }
  /** It could start, but the cores and the memory of the machine are with others, and have been for a while. */
  | { readonly type: 'check-waiting'; readonly check: string; readonly gates: readonly GateId[]; readonly atMs: number }
  | { readonly type: 'check-started'; readonly check: string; readonly gates: readonly GateId[]; readonly atMs: number }
  /** As soon as an engine reports it, before attribution. */
  | { readonly type: 'finding'; readonly check: string; readonly finding: Finding }
  | {
      readonly type: 'check-finished';
      readonly check: string;
      readonly gates: readonly GateId[];
      readonly status: 'done' | 'skipped' | 'error';
      readonly reason: string | null;
      readonly durationMs: number;
      /** It did not run: its result was kept from an earlier run, and all that it depends on is as it was. */
      readonly cached?: true;
    }
  /** Once per team × gate, as soon as every check it needs has ended. */
  | { readonly type: 'verdict'; readonly team: string; readonly gate: GateId; readonly verdict: Verdict }
  | { readonly type: 'run-finished'; readonly report: RunReport };

/** Readers never fail a run: one that throws is a bug, and is let through. */
export type EventSink = (event: RunEvent) => void;
