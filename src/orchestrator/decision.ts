import type { Phase } from '../model/phase.ts';
import type { Refusal } from '../model/orchestrator-refusal.ts';
import type { RelayState } from './relay-state.ts';

/**
 * An agent to start, in the form in which the specification hands it to the one who can: `description`, `prompt`,
 * `subagent_type` and `parallel` go into the call as they are.
 */
export interface Invocation {
  readonly description: string;
  readonly prompt: string;
  /** `team1_implementer`, with the session's `agent_prefix` before it. */
  readonly subagent_type: string;
  /** All invocations of one decision are to be started in one go. */
  readonly parallel: true;
  readonly team_id: string;
  readonly task_id: string;
  readonly phase: Phase;
  /** Say these two when the phase is completed: an agent that was replaced is then told so, and changes nothing. */
  readonly assignment: number;
  readonly retry: number;
}

/** What is to be done outside the relay once the new state is on disk, in this order. Each may be done twice without harm. */
export type Effect =
  | { readonly effect: 'end-agent'; readonly team: string; readonly assignment: number; readonly reason: string }
  | { readonly effect: 'release-leases'; readonly team: string }
  | { readonly effect: 'start-agent'; readonly invocation: Invocation };

export interface QueuedTask {
  readonly task_id: string;
  readonly reason: string;
}

/** The answer to `multi-implement`, with the specification's keys first. */
export interface ParallelExecution {
  readonly action: 'parallel_execute';
  /** Every team of the session; null: it has no task yet. */
  readonly teams: Readonly<Record<string, string | null>>;
  readonly workflow_phases: readonly Phase[];
  readonly instructions: string;
  readonly session_id: string;
  readonly invocations: readonly Invocation[];
  readonly queued: readonly QueuedTask[];
  /** What somebody should know before it begins: tasks without files, more tasks than teams. */
  readonly notes: readonly string[];
}

export type Action = 'wait_for_other_teams' | 'proceed_to_next_phase' | 'retry' | 'reassign' | 'escalate' | 'complete';

/** What comes next for one team, with the specification's keys first. */
export interface TeamDecision {
  readonly action: Action;
  /** Only with `proceed_to_next_phase`. */
  readonly next_phase: Phase | null;
  readonly instructions: string;
  readonly team_id: string;
  readonly task_id: string;
  readonly phase: Phase;
  /** Why it is not simply going on; null when it is. */
  readonly reason: string | null;
  /** Teams that are still in this phase, with `wait_for_other_teams`. */
  readonly waiting_for: readonly string[];
  /** Every agent to start now, other teams' too: this completion may have been the one that they waited for. */
  readonly invocations: readonly Invocation[];
  readonly notes: readonly string[];
  /** True when no task is left: all are completed or failed. */
  readonly session_ended: boolean;
}

export type Outcome<Decision> =
  | { readonly ok: true; readonly state: RelayState; readonly decision: Decision; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly refusal: Refusal };

export function refuse(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}
