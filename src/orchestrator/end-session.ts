import { FINAL_STATUSES } from '../model/documents.ts';
import { updateCoordination } from './coordination.ts';
import { refuse, type Outcome } from './decision.ts';
import { endQueuedTasks, failTask } from './end-task.ts';
import { activeTasks, allTasks, type RelayState } from './relay-state.ts';
import { beginStep, stateAfter } from './step.ts';

export interface EndedSession {
  readonly session_id: string;
  /** Tasks that were not finished, and count as failed now. */
  readonly given_up: readonly string[];
  /** Teams whose agents are to be ended, by whoever started them. */
  readonly teams: readonly string[];
}

/**
 * Gives up whatever is not finished: tasks fail for this reason, leases are to be released, and no context claims to be at work,
 * be it one that somebody wrote by hand for a team that has no task. What was completed stays so.
 */
export function endSession(state: RelayState, { reason, nowMs }: { readonly reason: string; readonly nowMs: number }): Outcome<EndedSession> {
  if (state.coordination === null) return refuse({ reason: 'no-session' });
  const unfinished = allTasks(state.coordination).filter(([, { status }]) => status === 'queued' || status === 'active').map(([id]) => id);
  const stray = Object.values(state.teams).filter(({ status }) => !FINAL_STATUSES.has(status));
  if (unfinished.length === 0 && stray.length === 0) return refuse({ reason: 'session-ended', session: state.coordination.session_id });
  const step = beginStep(state.coordination, state.teams, nowMs);
  const active = activeTasks(step.coordination);
  // First, so that none of them is said to have failed for another's sake.
  endQueuedTasks(step, reason);
  for (const task of active) {
    step.effects.push({ effect: 'end-agent', team: task[1].team, assignment: task[1].assignment, reason });
    failTask(step, task, reason);
  }
  for (const context of Object.values(step.teams)) if (!FINAL_STATUSES.has(context.status)) Object.assign(context, { status: 'failed', end_time: step.at, next_agent: null });
  updateCoordination(step);
  const decision = { session_id: step.coordination.session_id, given_up: unfinished, teams: active.map(([, { team }]) => team) };
  return { ok: true, state: stateAfter(step), decision, effects: step.effects };
}
