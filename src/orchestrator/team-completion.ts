import type { Coordination, TaskRow } from '../model/documents.ts';
import type { GateId } from '../model/gate.ts';
import { PHASES, type Phase, type PhaseState } from '../model/phase.ts';
import type { Refusal } from '../model/orchestrator-refusal.ts';
import { stopWork } from './assignment.ts';
import { hasEnded, updateCoordination, updateTeamProgress } from './coordination.ts';
import { refuse, type Action, type Outcome, type TeamDecision } from './decision.ts';
import { completeTask } from './end-task.ts';
import * as say from './instructions.ts';
import { handlePhaseFailures } from './phase-failures.ts';
import { GATES_BY_PHASE, validatePhaseResults, type Measured } from './phase-gates.ts';
import { advance, teamsBefore } from './phases.ts';
import { isAtWork, phasesCompleted, presentPhase } from './progress.ts';
import { recordMeasurement } from './record-measurement.ts';
import type { Reach } from './reach.ts';
import { activeTaskOf, allTasks, teamIds, type ActiveTask, type RelayState } from './relay-state.ts';
import { beginStep, invocationsOf, stateAfter, type Step } from './step.ts';
import { copyToContext } from './team-context.ts';

export interface Completion {
  readonly team: string;
  readonly phase: Phase;
  /** What the agent was started for, when it says so: something older is refused. */
  readonly assignment?: number;
  readonly retry?: number;
}

/** Where a team stood when its gates were about to be measured. */
export interface Standing {
  readonly assignment: number;
  readonly retry: number;
  readonly state: PhaseState;
}

export type Acceptance =
  | { readonly ok: true; readonly gates: readonly GateId[]; readonly standing: Standing }
  | { readonly ok: false; readonly refusal: Refusal };

/** Whether a completion can be, and what is to be measured for it before it is. */
export function acceptCompletion({ coordination }: RelayState, completion: Completion): Acceptance {
  if (coordination === null) return refuse({ reason: 'no-session' });
  const task = findTask(coordination, completion);
  if (!task.ok) return task;
  const [, row] = task.value;
  return { ok: true, gates: GATES_BY_PHASE[completion.phase], standing: { assignment: row.assignment, retry: row.retry_count, state: row.phase } };
}

/**
 * A team says that it has completed a phase. What was measured decides: on to the next phase, back with findings, or the
 * task has failed. Everything that this allows to begin is in `invocations`. `standing` is what `acceptCompletion` found:
 * when the team stands elsewhere by now, the measurement is of something else, and is refused.
 */
export function handleTeamCompletion(state: RelayState, completion: Completion & { readonly measured: Measured; readonly standing: Standing; readonly nowMs: number; readonly reach?: Reach }): Outcome<TeamDecision> {
  const { team, phase, standing, measured, nowMs, reach } = completion;
  if (state.coordination === null) return refuse({ reason: 'no-session' });
  const found = findTask(state.coordination, completion);
  if (!found.ok) return found;
  const [, before] = found.value;
  if (before.phase !== standing.state || before.assignment !== standing.assignment || before.retry_count !== standing.retry) return refuse({ reason: 'overtaken', team, state: before.phase });

  const step = beginStep(state.coordination, state.teams, nowMs, reach);
  const task = activeTaskOf(step.coordination, team);
  if (task === null) throw new Error(`${team} had a task a moment ago`);
  stopWork(step, task[1]);
  recordMeasurement(step, task, phase, measured);
  const failures = validatePhaseResults(phase, measured);
  const failed = failures.length > 0 ? handlePhaseFailures(step, task, phase, failures) : null;
  if (failed === null) completePhase(step, task, phase);
  advance(step);
  updateCoordination(step);
  return { ok: true, state: stateAfter(step), decision: decide(step, task, phase, failed), effects: step.effects };
}

function completePhase(step: Step, task: ActiveTask, phase: Phase): void {
  const [id, row] = task;
  row.phase = `${phase}_completed`;
  updateTeamProgress(step, row.team);
  if (phase === 'report') completeTask(step, task);
  else copyToContext(step, id, row, { status: 'in_progress', nextAgent: null });
}

function decide(step: Step, [id, row]: ActiveTask, phase: Phase, failed: 'retry' | 'escalate' | null): TeamDecision {
  const next = failed === null && row.status === 'active' && isAtWork(row) ? presentPhase(row.phase) : null;
  const action: Action = failed ?? (row.status === 'completed' ? 'complete' : next === null ? 'wait_for_other_teams' : 'proceed_to_next_phase');
  const waitingFor = action === 'wait_for_other_teams' ? teamsBefore(step.coordination, phase) : [];
  const own: Record<Action, () => string> = {
    wait_for_other_teams: () => say.waitInstructions(row.team, phase, waitingFor),
    proceed_to_next_phase: () => say.proceedInstructions(row.team, presentPhase(row.phase)),
    retry: () => say.retryInstructions({ task: id, phase, row, reach: step.reach }),
    reassign: () => say.reassignInstructions(id, row.team, null),
    escalate: () => say.escalateInstructions(id, row.team, row.reason ?? '', step.reach),
    complete: () => say.completeInstructions(id, row.team),
  };
  return teamDecision(step, { action, next_phase: next, instructions: own[action](), team_id: row.team, task_id: id, phase, reason: action === 'escalate' ? row.reason : null, waiting_for: waitingFor });
}

/** Adds to a team's own decision what follows for all. */
export function teamDecision(step: Step, own: Omit<TeamDecision, 'invocations' | 'notes' | 'session_ended'>): TeamDecision {
  const invocations = invocationsOf(step.effects);
  const sessionEnded = hasEnded(step.coordination);
  const instructions = [
    own.instructions,
    ...step.notes,
    // The agent of a retry may well be the one that is reading this.
    ...(invocations.length > 0 && own.action !== 'retry' ? [say.startInstructions(invocations.map((invocation) => invocation.subagent_type))] : []),
    ...(sessionEnded ? [say.endedInstructions(step.reach)] : []),
  ];
  return { ...own, instructions: instructions.join('\n'), invocations, notes: step.notes, session_ended: sessionEnded };
}

type FoundTask = { readonly ok: true; readonly value: ActiveTask } | { readonly ok: false; readonly refusal: Refusal };

function findTask(coordination: Coordination, { team, phase, assignment, retry }: Completion): FoundTask {
  const teams = teamIds(coordination);
  if (!teams.includes(team)) return refuse({ reason: 'team-unknown', team, teams });
  const task = activeTaskOf(coordination, team);
  const last = task ?? lastEnded(coordination, team);
  // What an agent was started for tells most about why it is wrong here.
  if (assignment !== undefined && assignment !== last?.[1].assignment) return refuse({ reason: 'assignment-stale', team, given: assignment, current: task?.[1].assignment ?? null });
  if (task === null) return last === null ? refuse({ reason: 'team-idle', team }) : refuse({ reason: 'task-ended', team, task: last[0], status: last[1].status });
  const [, row] = task;
  const place = PHASES.indexOf(phase);
  const completed = phasesCompleted(row.phase);
  if (place < completed) return refuse({ reason: 'phase-repeated', team, phase, state: row.phase });
  if (place === completed && !isAtWork(row)) return refuse({ reason: 'phase-not-begun', team, phase, waitingFor: teamsBefore(coordination, presentPhase(row.phase)) });
  if (place > completed) return refuse({ reason: 'phase-out-of-order', team, phase, expected: PHASES[completed] ?? 'report' });
  if (retry !== undefined && retry !== row.retry_count) return refuse({ reason: 'retry-stale', team, given: retry, current: row.retry_count });
  return { ok: true, value: task };
}

/** The task that the team ended last, by completing it or by failing. */
function lastEnded(coordination: Coordination, team: string): readonly [string, TaskRow] | null {
  const ended = allTasks(coordination).filter(([, row]) => row.team === team && row.assignment > 0 && (row.status === 'completed' || row.status === 'failed'));
  return ended.sort(([, a], [, b]) => a.assignment - b.assignment).at(-1) ?? null;
}
