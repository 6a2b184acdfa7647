import type { TaskRow, TeamContext } from '../model/documents.ts';
import { PHASE_STATES, PHASES, type PhaseState } from '../model/phase.ts';
import { phasesCompleted, progressAt } from './progress.ts';
import { allTasks, newRow, teamIds, type RelayState } from './relay-state.ts';

/**
 * The specification's coordination has teams at work and no list of tasks, which is what every decision here rests on. So a
 * task that only a team's row names gets its own, from that row and the team's context; the same state when there is none.
 * It begins in the phase that the team is in, but before the end of the review, which measures all gates.
 */
export function withTasksOfTeams(state: RelayState): RelayState {
  const { coordination } = state;
  if (coordination === null) return state;
  const tasks: Record<string, TaskRow> = { ...coordination.tasks };
  const teams: Record<string, TeamContext> = { ...state.teams };
  let { assignments } = coordination;
  for (const team of teamIds(coordination)) {
    const shown = coordination.teams[team];
    if (shown?.status !== 'ACTIVE' || shown.task_id === null || Object.hasOwn(tasks, shown.task_id)) continue;
    const id = shown.task_id;
    assignments += 1;
    const context = state.teams[team]?.task_id === id ? state.teams[team] : null;
    const phase = reachable(PHASE_STATES.find((one) => one === shown.phase) ?? context?.phase ?? 'pending');
    const task = { id, description: context?.description ?? '', files: context?.assigned_files ?? [], dependencies: [], priority: 0 };
    tasks[id] = {
      ...newRow(task, allTasks(coordination).length + assignments, team),
      status: 'active', team, phase, assignment: assignments, progress: progressAt(phase), attempts: context?.attempt ?? 1,
      retry_count: context?.retry_count ?? 0, started_at: context?.start_time ?? null, predecessor: context?.predecessor ?? null,
    };
    if (context !== null) teams[team] = { ...context, phase, assignment: assignments };
  }
  return assignments === coordination.assignments ? state : { coordination: { ...coordination, tasks, assignments }, teams };
}

function reachable(phase: PhaseState): PhaseState {
  return phasesCompleted(phase) > PHASES.indexOf('review') ? 'review' : phase;
}
