import type { TaskRow } from '../model/documents.ts';
import { LIMITS } from '../model/limits.ts';
import { stopWork } from './assignment.ts';
import { updateTeamProgress } from './coordination.ts';
import { progressAt } from './progress.ts';
import { activeTasks, allTasks, type ActiveTask } from './relay-state.ts';
import type { Step } from './step.ts';
import { copyToContext } from './team-context.ts';

/** All phases are done: the team is free again. */
export function completeTask(step: Step, [id, row]: ActiveTask): void {
  end(step, row, 'completed', null);
  copyToContext(step, id, row, { status: 'completed', nextAgent: null });
  releaseTeam(step, row.team);
}

/** The task is given up, and with it every task that depends on it: none of them may wait for ever. */
export function failTask(step: Step, [id, row]: ActiveTask, reason: string): void {
  end(step, row, 'failed', reason);
  copyToContext(step, id, row, { status: 'failed', nextAgent: null });
  releaseTeam(step, row.team);
  failDependants(step, id);
}

/** Nobody is to begin any of them. */
export function endQueuedTasks(step: Step, reason: string): void {
  for (const [, row] of allTasks(step.coordination)) if (row.status === 'queued') end(step, row, 'failed', reason);
}

/**
 * Its leases are to be released. That this is due is written down, and struck out when it is done and before the team's next
 * agent is started: whoever takes over after a crash in between must not release what that agent has acquired.
 */
export function releaseTeam(step: Step, team: string): void {
  updateTeamProgress(step, team);
  if (!step.coordination.releases_due.includes(team)) step.coordination.releases_due.push(team);
  step.effects.push({ effect: 'release-leases', team });
}

/** Counts a crash or exhausted retries; after too many of them, one team at a time goes on. */
export function countFailure(step: Step): void {
  const { coordination } = step;
  coordination.failures += 1;
  if (coordination.execution === 'sequential' || coordination.failures < LIMITS.failuresBeforeSequential) return;
  coordination.execution = 'sequential';
  const atWork = activeTasks(coordination).length;
  step.notes.push(`${coordination.failures} failures in this session: from now on one team at a time${atWork > 0 ? '; no task is started until the teams at work have ended' : ''}`);
}

function failDependants(step: Step, failed: string): void {
  for (const [id, row] of allTasks(step.coordination)) {
    if (row.status !== 'queued' || !row.dependencies.includes(failed)) continue;
    end(step, row, 'failed', `it depends on ${failed}, which failed`);
    step.notes.push(`${id} failed with it: it depends on ${failed}`);
    failDependants(step, id);
  }
}

function end(step: Step, row: TaskRow, status: 'completed' | 'failed', reason: string | null): void {
  stopWork(step, row);
  row.status = status;
  row.reason = reason;
  row.ended_at = step.at;
  row.progress = progressAt(row.phase);
}
