import type { Check, CheckOutcome, CheckRequest } from './check.ts';
import type { GateSettings } from './config.ts';
import type { Finding } from './finding.ts';
import type { ImportGraph } from './import-graph.ts';
import type { TeamMeasurement } from './measurement.ts';
import type { RunContext } from './run-context.ts';
import type { Team } from './team.ts';
import type { Workspace } from './workspace.ts';

/** The eight gates, in the specification's order. Every list and table of gates follows it. */
export const GATE_IDS = [
  'syntax_validation',
  'type_verification',
  'lint_enforcement',
  'security_analysis',
  'test_coverage',
  'performance_check',
  'documentation_check',
  'integration_test',
] as const;

export type GateId = (typeof GATE_IDS)[number];

/** What a gate may look at when it decides which checks would prove it. */
export interface PlanContext<Id extends GateId = GateId> {
  readonly workspace: Workspace;
  readonly teams: readonly Team[];
  /** All files of all teams, sorted in code-unit order. */
  readonly files: readonly string[];
  /** Files of the teams that are gone since the base commit. What imports them still is related to the teams' work. */
  readonly removed: readonly string[];
  /** True when the teams' files are all files of the workspace: nothing needs narrowing. */
  readonly wholeWorkspace: boolean;
  /** The commit that "changed" is relative to, as the user wrote it. */
  readonly base: string;
  readonly settings: GateSettings[Id];
  /** Who imports whom among the workspace's sources. Built on first call, then kept. */
  graph(): ImportGraph;
}

/** Why a gate has no check for some or all teams; becomes the reason of a *skipped* or *error* verdict. */
export interface PlanNote {
  readonly status: 'skipped' | 'error';
  readonly reason: string;
  /** Teams it is true of; all when absent. */
  readonly teams?: readonly string[];
}

export interface GatePlan {
  readonly checks: readonly CheckRequest[];
  readonly notes: readonly PlanNote[];
}

/**
 * One quality gate. A folder under `gates/` exports one of these, and `gates/index.ts` lists it.
 *
 * A gate says which checks would prove it (`plan`), runs one of them (`run`), and, where a verdict needs more than
 * single findings (a threshold over a team's files), adds those (`assess`). It never decides a verdict, never knows which
 * team is to blame, and never imports another gate: the runner attributes and judges.
 */
export interface Gate<Id extends GateId = GateId> {
  readonly id: Id;
  /** A few words for people: "Types". */
  readonly title: string;
  /** One line for `spark-gates gates`: what a pass proves. */
  readonly proves: string;
  /** Main thread. Looks, but runs nothing: no engine is started and no file is written. */
  plan(context: PlanContext<Id>): GatePlan | Promise<GatePlan>;
  /**
   * Worker thread. Bad user code is a finding, an engine that could not run is an `error` outcome; anything thrown is
   * taken for a crash of the check. Must stop soon after `context.signal` aborts.
   */
  run(check: Check, context: RunContext): Promise<CheckOutcome>;
  /** Main thread, once per team after all checks: findings that only the sum over a team's files can show. Pure. */
  assess?(measurement: TeamMeasurement, settings: GateSettings[Id]): readonly Finding[];
}
