import type { Leases } from '../locks/leases.ts';
import type { RunReport } from '../model/report.ts';
import type { GateId } from '../model/gate.ts';
import type { Measured } from '../orchestrator/phase-gates.ts';
import type { MultiTeamOrchestrator, OrchestratorStore } from '../orchestrator/multi-team-orchestrator.ts';
import type { Reach } from '../orchestrator/reach.ts';
import type { Clock } from '../system/clock.ts';
import type { ChangedFile } from '../workspace/changed-since.ts';
import type { HookDecision, HookRequest } from './request.ts';

/** Gates for one team; what could not run is a verdict, too. */
export type MeasureTeam = (team: string, gates: readonly GateId[]) => Promise<Measured>;

/** What handlers of events work with. Commands make it: they know which relay is meant, and how gates are run. */
export interface HookSurroundings {
  /** Absolute: the tree that the gates look at. */
  readonly root: string;
  /** Absolute: of the main worktree. */
  readonly mainRoot: string;
  /** Absolute: the relay's. */
  readonly folder: string;
  /** What the session's settings name as configuration of a gate, from the root, by whatever name. */
  readonly gateFiles: ReadonlySet<string>;
  readonly store: OrchestratorStore;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly reach: Reach;
  /** In this tree, for a team of this session. */
  readonly measure: MeasureTeam;
  /** One that measures by this instead. */
  readonly orchestratorWith: (measure: MeasureTeam) => MultiTeamOrchestrator;
  /** The fast gates on these files and what depends on them, for this team; null where there is nothing to run. */
  readonly checkFiles: (files: readonly string[], team: string) => Promise<RunReport | null>;
  /** Those of these files, from the root, that are not what they were at an instant, in ms, committed or not. */
  readonly changedSince: (files: readonly string[], sinceMs: number) => Promise<readonly ChangedFile[]>;
  /** A file, from the root, as it was in a commit, null for the newest one; null where it was not there. */
  readonly contentAt: (file: string, revision: string | null) => Promise<string | null>;
  /** The same session from another of its worktrees, by its root. */
  readonly seenFrom: (root: string) => Promise<HookSurroundings>;
  /** Starts a session with the tasks that these words name; what there is to say, and whether it is started. */
  readonly start: (words: string) => Promise<{ readonly ok: boolean; readonly text: string }>;
}

export type HookHandler = (request: HookRequest, surroundings: HookSurroundings) => Promise<HookDecision>;
