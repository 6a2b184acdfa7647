import type { Coordination, TaskRow, TeamContext } from '../model/documents.ts';
import type { Task } from '../model/task.ts';

/** What is on disk of a session; all that a decision rests on. */
export interface RelayState {
  /** Null before the first session. */
  readonly coordination: Coordination | null;
  /** By team id. A team's context stays when its task has ended, until it gets another. */
  readonly teams: Readonly<Record<string, TeamContext>>;
}

export type ActiveTask = readonly [id: string, row: TaskRow & { team: string }];

/** Ids are free-form: one called `constructor` must not find what every object has. */
export function taskRow(coordination: Coordination, id: string): TaskRow | null {
  return Object.hasOwn(coordination.tasks, id) ? coordination.tasks[id] ?? null : null;
}

/** All tasks in the order in which they were given, which the keys of an object do not keep when they look like numbers. */
export function allTasks(coordination: Coordination): [id: string, row: TaskRow][] {
  return Object.entries(coordination.tasks).sort(([, a], [, b]) => a.position - b.position);
}

/** The row of a task that no team has had yet. */
export function newRow(task: Task, position: number, preferred: string | null): TaskRow {
  return {
    status: 'queued', team: null, attempts: 0, reason: null, description: task.description, files: [...task.files], dependencies: [...task.dependencies],
    priority: task.priority, started_at: null, ended_at: null, position, preferred_team: preferred, phase: 'pending', progress: 0, assignment: 0, retry_count: 0,
    phase_started_at: null, worked_ms: 0, silent_ms: 0, seen_activity: null, predecessor: null,
    result: { gates: {}, tests_passed: 0, tests_failed: 0, lines_covered: null, lines_total: null, files_changed: [], discrepancies: [] },
  };
}

/** The tasks that a team has, in the order in which they were given. */
export function activeTasks(coordination: Coordination): ActiveTask[] {
  return allTasks(coordination).flatMap(([id, row]) => (row.status === 'active' && row.team !== null ? [[id, row as TaskRow & { team: string }] as const] : []));
}

export function activeTaskOf(coordination: Coordination, team: string): ActiveTask | null {
  return activeTasks(coordination).find(([, row]) => row.team === team) ?? null;
}

/** In the order of their numbers. */
export function teamIds(coordination: Coordination): string[] {
  return Object.keys(coordination.teams).sort((a, b) => teamNumber(a) - teamNumber(b));
}

export function idleTeams(coordination: Coordination): string[] {
  const busy = new Set(activeTasks(coordination).map(([, row]) => row.team));
  return teamIds(coordination).filter((team) => !busy.has(team));
}

function teamNumber(team: string): number {
  return Number(team.replace(/^team/, ''));
}
