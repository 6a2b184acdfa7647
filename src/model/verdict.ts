import type { Finding } from './finding.ts';
import type { CoverageCount } from './measurement.ts';

export const VERDICT_STATUSES = ['pending', 'running', 'passed', 'failed', 'skipped', 'error'] as const;

/**
 * A gate's state for a team. *failed*: it ran, and the code is bad. *error*: it could not run. *skipped*: nothing to do, or
 * switched off. Nothing inspected is never *passed*.
 *
 *     pending ──▶ running ──▶ passed | failed | error
 *        └──────────────────▶ skipped | error
 */
export type VerdictStatus = (typeof VERDICT_STATUSES)[number];

export interface InspectedCounts {
  readonly files: number;
  /** Tests that ran, failed ones among them. */
  readonly tests?: number;
  readonly testsFailed?: number;
  /** Of the team's own files, where coverage was measured. */
  readonly lines?: CoverageCount;
  readonly rules?: number;
  readonly packages?: number;
}

export interface Verdict {
  readonly status: Exclude<VerdictStatus, 'pending' | 'running'>;
  /** One sentence; null only for a full pass or a failure whose findings say it all. A pass names what was not looked at. */
  readonly reason: string | null;
  /** False when the gate's level is `warn`: shown, but does not change the exit code. */
  readonly blocking: boolean;
  readonly inspected: InspectedCounts;
  /** Time that the gate's checks took; a check that serves several gates or teams counts in full for each. */
  readonly durationMs: number;
  readonly findings: readonly Finding[];
  /** Other teams' problems that show in this team's files, and the reverse: for the relay, never a reason to fail. */
  readonly blockers: readonly Blocker[];
}

/** Whether a verdict, as it is or as it was kept, keeps its team from going on: the gate failed, or could not run, and is not of the level `warn`. */
export function stopsTeam({ blocking, status }: { readonly blocking: boolean; readonly status: VerdictStatus }): boolean {
  return blocking && (status === 'failed' || status === 'error');
}

/** A problem in one team's file that another team's change causes. */
export interface Blocker {
  readonly causedBy: string;
  readonly shownIn: string;
  readonly finding: Finding;
}
