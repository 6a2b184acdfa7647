import type { Coordination, TaskRow } from '../model/documents.ts';
import { LIMITS } from '../model/limits.ts';
import { PHASES } from '../model/phase.ts';
import type { Task } from '../model/task.ts';
import { preferTeams } from './allocate.ts';
import { chooseTasks } from './choose-tasks.ts';
import { updateCoordination } from './coordination.ts';
import { refuse, type Outcome, type ParallelExecution } from './decision.ts';
import { releaseTeam } from './end-task.ts';
import { parallelInstructions } from './instructions.ts';
import { advance } from './phases.ts';
import type { Reach } from './reach.ts';
import { activeTaskOf, activeTasks, allTasks, newRow, taskRow, teamIds, type RelayState } from './relay-state.ts';
import { identifySharedResources } from './shared-resources.ts';
import { beginStep, invocationsOf, stateAfter, type Step } from './step.ts';

export interface MultiImplement {
  /** Which tasks, in the order that counts when nothing else does. */
  readonly taskIds: readonly string[];
  /** Every task of the source. */
  readonly tasks: readonly Task[];
  /** Tasks that are known to be done, from the source or by word. Those that the session before completed are known. */
  readonly completed?: readonly string[];
  /** At most so many teams at once. */
  readonly teams?: number;
  readonly synchronisation?: Coordination['synchronisation'];
  /** Stands before the names of agents where they are called. */
  readonly agentPrefix?: string;
  /** Gives up a session that is not finished. */
  readonly replace?: boolean;
  readonly nowMs: number;
  readonly reach?: Reach;
}

/** Starts a session: tasks to teams, as many as can be side by side, the rest queued. Everything is checked before anything is changed. */
export function handleMultiImplement(state: RelayState, request: MultiImplement): Outcome<ParallelExecution> {
  const done = [...(request.completed ?? []), ...tasksOf(state.coordination, 'completed')];
  const chosen = chooseTasks(request.taskIds, request.tasks, done);
  if (!chosen.ok) return chosen;
  const teamsMax = request.teams ?? LIMITS.parallelTeamsDefault;
  if (!Number.isInteger(teamsMax) || teamsMax < 1 || teamsMax > LIMITS.parallelTeamsMax) return refuse({ reason: 'teams-out-of-range', teams: teamsMax });
  const unfinished = tasksOf(state.coordination, 'queued', 'active');
  if (state.coordination !== null && unfinished.length > 0 && request.replace !== true) return refuse({ reason: 'session-unfinished', session: state.coordination.session_id, tasks: unfinished });

  const teams = Array.from({ length: teamsMax }, (_, index) => `team${index + 1}`);
  const step = beginStep(newSession(state.coordination, chosen.tasks, teams, request), state.teams, request.nowMs, request.reach);
  if (state.coordination !== null) giveUp(step, state.coordination);
  advance(step);
  updateCoordination(step);
  return { ok: true, state: stateAfter(step), decision: parallelExecution(step), effects: step.effects };
}

function tasksOf(coordination: Coordination | null, ...statuses: readonly TaskRow['status'][]): string[] {
  return coordination === null ? [] : allTasks(coordination).filter(([, row]) => statuses.includes(row.status)).map(([id]) => id);
}

function parallelExecution({ coordination, effects }: Step): ParallelExecution {
  const invocations = invocationsOf(effects);
  const queued = coordination.queue.map((id) => ({ task_id: id, reason: taskRow(coordination, id)?.reason ?? '' }));
  const withoutFiles = allTasks(coordination).filter(([, row]) => row.files.length === 0).map(([id]) => id);
  return {
    action: 'parallel_execute',
    teams: Object.fromEntries(teamIds(coordination).map((team) => [team, activeTaskOf(coordination, team)?.[0] ?? null])),
    workflow_phases: PHASES,
    instructions: parallelInstructions(coordination.synchronisation === 'pipelined', invocations.length),
    session_id: coordination.session_id,
    invocations,
    queued,
    notes: [
      ...(queued.length > 0 ? [`${queued.length} of ${allTasks(coordination).length} tasks are queued and start as teams become free: ${queued.map(({ task_id: id }) => id).join(', ')}`] : []),
      ...withoutFiles.map((id) => `task ${id} names no files: its team owns none, and gates have nothing of it to inspect`),
    ],
  };
}

function newSession(before: Coordination | null, tasks: readonly Task[], teams: readonly string[], { synchronisation = 'barrier', agentPrefix = '', nowMs }: MultiImplement): Coordination {
  const preferred = preferTeams(tasks, teams);
  const shared = tasks.flatMap((task) => Object.keys(identifySharedResources(task.files, tasks.filter((other) => other !== task).map((other) => other.files))));
  return {
    session_id: sessionId(before, nowMs),
    total_teams: teams.length,
    active_teams: 0,
    teams: Object.fromEntries(teams.map((team) => [team, { status: 'INACTIVE', task_id: null, phase: null, progress: 0, last_update: null }])),
    shared_resources: Object.fromEntries(shared.map((file) => [file, { locked_by: null, lock_timestamp: null, lock_duration_ms: null }])),
    workflow_phases: [...PHASES],
    current_phase: null,
    overall_progress: 0,
    quality_metrics: { total_violations: 0, tests_passed: 0, tests_failed: 0, coverage_percentage: null },
    tasks: Object.fromEntries(tasks.map((task, position) => [task.id, newRow(task, position, preferred.get(task.id) ?? null)])),
    queue: [],
    synchronisation,
    agent_prefix: agentPrefix,
    execution: 'parallel',
    // Goes on rising: an agent of the session before must not be taken for one of this.
    assignments: before?.assignments ?? 0,
    failures: 0,
    started_at: new Date(nowMs).toISOString(),
    ended_at: null,
    releases_due: before?.releases_due ?? [],
    unowned_changes: [],
    checked_at: null,
    silent_limit_ms: null,
    discrepancies: [],
    schema_version: 1,
    revision: before?.revision ?? 0,
  };
}

/** The specification's form, to the second; two of one second are told apart. */
function sessionId(before: Coordination | null, nowMs: number): string {
  const id = `multi_${new Date(nowMs).toISOString().slice(0, 19).replace(/\D/g, '')}`;
  return before !== null && before.session_id.startsWith(id) ? `${before.session_id}_2` : id;
}

function giveUp(step: Step, before: Coordination): void {
  for (const [, row] of activeTasks(before)) {
    step.effects.push({ effect: 'end-agent', team: row.team, assignment: row.assignment, reason: 'another session was started' });
    releaseTeam(step, row.team);
    const context = step.teams[row.team];
    if (context !== undefined) Object.assign(context, { status: 'failed', end_time: step.at, next_agent: null });
  }
}
