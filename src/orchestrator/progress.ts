import type { Coordination, TaskRow } from '../model/documents.ts';
import { PHASES, type Phase, type PhaseState } from '../model/phase.ts';
import { phaseOf } from '../model/phase.ts';
import { activeTasks, allTasks } from './relay-state.ts';

/**
 * How far a task is, in percent, at work in a phase and after it. The figures of the first three phases at work are those of
 * the specification's example.
 */
const PROGRESS: Readonly<Record<Phase, { readonly atWork: number; readonly done: number }>> = {
  implementation: { atWork: 45, done: 60 },
  quality: { atWork: 70, done: 80 },
  testing: { atWork: 90, done: 92 },
  review: { atWork: 94, done: 96 },
  report: { atWork: 98, done: 100 },
};

export function progressAt(state: PhaseState): number {
  const phase = phaseOf(state);
  if (phase === null) return 0;
  return state === `${phase}_completed` ? PROGRESS[phase].done : PROGRESS[phase].atWork;
}

/** How many phases are behind a task in this state: 0 to 5. */
export function phasesCompleted(state: PhaseState): number {
  const phase = phaseOf(state);
  return phase === null ? 0 : PHASES.indexOf(phase) + (state === `${phase}_completed` ? 1 : 0);
}

/** The phase that a task is in or about to begin; the one just completed while it waits for others. */
export function presentPhase(state: PhaseState): Phase {
  return phaseOf(state) ?? 'implementation';
}

/** True while an agent should be at work on it, false while it waits for other teams. */
export function isAtWork(row: TaskRow): boolean {
  return row.status === 'active' && row.phase !== `${presentPhase(row.phase)}_completed`;
}

/** The mean over all tasks; a failed one counts with what it had reached, a queued one that was given back too. */
export function updateOverallProgress(coordination: Coordination): number {
  const tasks = allTasks(coordination);
  if (tasks.length === 0) return 0;
  return Math.round(tasks.reduce((sum, [, row]) => sum + row.progress, 0) / tasks.length);
}

/** The one phase that all active teams are in, "mixed", or null when none is active. */
export function currentPhase(coordination: Coordination): string | null {
  const phases = new Set(activeTasks(coordination).map(([, row]) => presentPhase(row.phase)));
  const [only] = phases;
  return phases.size > 1 ? 'mixed' : only ?? null;
}
