import { agentName } from '../model/agent-name.ts';
import type { TaskRow } from '../model/documents.ts';
import type { Invocation } from './decision.ts';
import { invocationPrompt } from './instructions.ts';
import { updateTeamProgress } from './coordination.ts';
import { isAtWork, presentPhase } from './progress.ts';
import { taskRow } from './relay-state.ts';
import type { Reach } from './reach.ts';
import type { Step } from './step.ts';
import { initializeTeamContext } from './team-context.ts';

/** Gives a queued task to a free team. A task that had a team before goes on in the phase that it had reached. */
export function assign(step: Step, id: string, team: string): void {
  const { coordination, at } = step;
  const row = taskRow(coordination, id);
  if (row?.status !== 'queued') throw new Error(`task ${id} is not queued`);
  coordination.assignments += 1;
  const given = Object.assign(row, {
    status: 'active' as const, team, reason: null, attempts: row.attempts + 1, assignment: coordination.assignments, started_at: row.started_at ?? at,
  });
  initializeTeamContext(step, id, given, team);
  updateTeamProgress(step, team);
  if (isAtWork(given)) startAgent(step, id, given);
}

/** Has an agent started for the phase that the task is in. From now on its silence counts. */
export function startAgent(step: Step, id: string, row: TaskRow & { team: string }): void {
  row.phase_started_at = step.at;
  row.silent_ms = 0;
  row.seen_activity = null;
  const context = step.teams[row.team];
  if (context !== undefined) context.last_activity = step.at;
  updateTeamProgress(step, row.team);
  step.effects.push({ effect: 'start-agent', invocation: invocationFor(id, row, { reach: step.reach, prefix: step.coordination.agent_prefix }) });
}

/** What to start for a task; the same whenever it is asked for again, so that a start that was lost can be made up for. */
export function invocationFor(id: string, row: TaskRow & { team: string }, { reach, prefix }: { readonly reach: Reach; readonly prefix: string }): Invocation {
  const phase = presentPhase(row.phase);
  return {
    description: `${row.team} ${phase} - ${id}`,
    prompt: invocationPrompt({ task: id, row, phase, reach }),
    subagent_type: `${prefix}${agentName(row.team, phase)}`,
    parallel: true,
    team_id: row.team,
    task_id: id,
    phase,
    assignment: row.assignment,
    retry: row.retry_count,
  };
}

/** Stops the count of the time that agents work on a task: its agent has ended, or was given up. */
export function stopWork(step: Step, row: TaskRow): void {
  if (row.phase_started_at === null) return;
  // A clock that was set back makes the time nought, not negative.
  row.worked_ms += Math.max(0, step.nowMs - Date.parse(row.phase_started_at));
  row.phase_started_at = null;
}
