import type { Coordination } from '../model/documents.ts';
import { nextPhase, PHASES, type Phase, type PhaseState } from '../model/phase.ts';
import { nextAssignment } from './allocate.ts';
import { assign, startAgent } from './assignment.ts';
import { phasesCompleted, presentPhase } from './progress.ts';
import { activeTasks } from './relay-state.ts';
import type { Step } from './step.ts';
import { copyToContext } from './team-context.ts';

/** The specification's name for it; null after the last. */
export const getNextPhase = nextPhase;

/**
 * The barrier: every team that has a task has this phase behind it. A team further on counts; a team whose task has failed
 * or was taken away has none, and is waited for by nobody.
 */
export function allTeamsCompletedPhase(coordination: Coordination, phase: Phase): boolean {
  return teamsBefore(coordination, phase).length === 0;
}

/** The teams that have not completed the phase yet. */
export function teamsBefore(coordination: Coordination, phase: Phase): string[] {
  return activeTasks(coordination).filter(([, row]) => phasesCompleted(row.phase) <= PHASES.indexOf(phase)).map(([, row]) => row.team);
}

/**
 * Everything that can begin after a change, begins: first the next phase of teams that waited, so that none of them waits
 * for a newcomer; then queued tasks, as far as teams are free; then the next phase of a task that was given to another team
 * while it waited.
 */
export function advance(step: Step): void {
  openPhases(step);
  for (let next = nextAssignment(step.coordination); next !== null; next = nextAssignment(step.coordination)) assign(step, next.task, next.team);
  openPhases(step);
}

function openPhases(step: Step): void {
  const { coordination } = step;
  for (const [id, row] of activeTasks(coordination)) {
    const phase = presentPhase(row.phase);
    const next = getNextPhase(phase);
    if (row.phase !== `${phase}_completed` || next === null) continue;
    if (coordination.synchronisation === 'pipelined' || allTeamsCompletedPhase(coordination, phase)) beginPhase(step, id, row, next);
  }
}

/** Puts a task into a phase, or back into one, and has its agent started. */
export function beginPhase(step: Step, id: string, row: ReturnType<typeof activeTasks>[number][1], state: PhaseState): void {
  row.phase = state;
  copyToContext(step, id, row, { status: 'in_progress', nextAgent: null });
  startAgent(step, id, row);
}
