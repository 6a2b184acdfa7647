import { LIMITS } from './limits.ts';
import type { Phase, PhaseState } from './phase.ts';

/**
 * Why the orchestrator will not do what it was asked, as data. Nothing has changed then. `describeRefusal` is the only place
 * that turns one into prose.
 */
export type Refusal =
  | { readonly reason: 'no-tasks' }
  | { readonly reason: 'too-many-tasks'; readonly tasks: number }
  | { readonly reason: 'task-unknown'; readonly task: string }
  | { readonly reason: 'task-repeated'; readonly task: string }
  /** The id cannot be a key of a JSON object everywhere. */
  | { readonly reason: 'task-id-reserved'; readonly task: string }
  | { readonly reason: 'dependency-missing'; readonly task: string; readonly dependency: string }
  /** In order: each depends on the next, the last on the first. */
  | { readonly reason: 'dependency-cycle'; readonly tasks: readonly string[] }
  | { readonly reason: 'file-outside-root'; readonly task: string; readonly file: string }
  | { readonly reason: 'teams-out-of-range'; readonly teams: number }
  | { readonly reason: 'session-unfinished'; readonly session: string; readonly tasks: readonly string[] }
  | { readonly reason: 'no-session' }
  | { readonly reason: 'session-ended'; readonly session: string }
  | { readonly reason: 'team-unknown'; readonly team: string; readonly teams: readonly string[] }
  /** The team has no task and never had one in this session. */
  | { readonly reason: 'team-idle'; readonly team: string }
  | { readonly reason: 'task-ended'; readonly team: string; readonly task: string; readonly status: string }
  | { readonly reason: 'phase-repeated'; readonly team: string; readonly phase: Phase; readonly state: PhaseState }
  | { readonly reason: 'phase-out-of-order'; readonly team: string; readonly phase: Phase; readonly expected: Phase }
  /** Its turn has not come: the barrier before it is closed. */
  | { readonly reason: 'phase-not-begun'; readonly team: string; readonly phase: Phase; readonly waitingFor: readonly string[] }
  /** Told by an agent that was started before the team got its present task; null: it has none. */
  | { readonly reason: 'assignment-stale'; readonly team: string; readonly given: number; readonly current: number | null }
  /** Told by an agent that was started for an earlier try of this phase. */
  | { readonly reason: 'retry-stale'; readonly team: string; readonly given: number; readonly current: number }
  /** While the gates were measured, something else was decided for the team. */
  | { readonly reason: 'overtaken'; readonly team: string; readonly state: PhaseState }
  /** The command that starts agents is none; `detail` says how it ended. */
  | { readonly reason: 'agent-not-runnable'; readonly detail: string }
  /** The relay could not be read or written; `detail` is its sentence. */
  | { readonly reason: 'relay-unavailable'; readonly detail: string };

/** One sentence: what, where, what to do. */
export function describeRefusal(refusal: Refusal): string {
  switch (refusal.reason) {
    case 'no-tasks':
      return 'no task was named: give one or more task ids, spark-gates tasks lists them';
    case 'too-many-tasks':
      return `${refusal.tasks} tasks are more than the ${LIMITS.sessionTasksMax} of one session: split them`;
    case 'task-unknown':
      return `there is no task ${refusal.task}: spark-gates tasks lists those there are`;
    case 'task-repeated':
      return `task ${refusal.task} is named twice: name each task once`;
    case 'task-id-reserved':
      return `a task cannot be called ${refusal.task}: give it another id`;
    case 'dependency-missing':
      return `task ${refusal.task} depends on ${refusal.dependency}, which is neither part of this session nor known to be completed: add ${refusal.dependency}, or say that it is done`;
    case 'dependency-cycle':
      return `these tasks wait for each other: ${[...refusal.tasks, ...refusal.tasks.slice(0, 1)].join(' → ')}; remove one of these dependencies`;
    case 'file-outside-root':
      return `task ${refusal.task} names ${refusal.file}, which is outside the root: name files by their path from the root`;
    case 'teams-out-of-range':
      return `${refusal.teams} is no number of teams: give 1 to ${LIMITS.parallelTeamsMax}`;
    case 'session-unfinished':
      return `session ${refusal.session} is not finished (${listed(refusal.tasks)}): let it end, or give it up: with --replace for another, with spark-gates end-session for none`;
    case 'no-session':
      return 'no session has been started: run spark-gates multi-implement with task ids first';
    case 'session-ended':
      return `session ${refusal.session} has ended already: nothing changed`;
    case 'team-unknown':
      return `there is no team ${refusal.team} in this session: its teams are ${refusal.teams.join(', ')}`;
    case 'team-idle':
      return `${refusal.team} has no task at present: nothing changed`;
    case 'task-ended':
      return `task ${refusal.task} of ${refusal.team} is ${refusal.status} already: there is nothing left to complete`;
    case 'phase-repeated':
      return `${refusal.team} has completed ${refusal.phase} already and stands at ${refusal.state}: nothing changed`;
    case 'phase-out-of-order':
      return `${refusal.team} is in ${refusal.expected}, not in ${refusal.phase}: complete ${refusal.expected} first`;
    case 'phase-not-begun':
      return `${refusal.phase} of ${refusal.team} has not begun: it begins when ${refusal.waitingFor.join(', ')} ${refusal.waitingFor.length === 1 ? 'has' : 'have'} caught up`;
    case 'assignment-stale':
      return `this was started for assignment ${refusal.given} of ${refusal.team}, which now has ${refusal.current === null ? 'no task' : `assignment ${refusal.current}`}: stop, the task was taken away from you`;
    case 'retry-stale':
      return `this was started for retry ${refusal.given} of ${refusal.team}, which is at retry ${refusal.current}: that retry has its own agent`;
    case 'overtaken':
      return `while the gates of ${refusal.team} were measured, its state became ${refusal.state}: look at spark-gates status, and complete the phase again if it is still at work`;
    case 'agent-not-runnable':
      return `the agent's command cannot be run (${refusal.detail}): correct it, then execute again to go on where this stopped`;
    case 'relay-unavailable':
      return refusal.detail;
  }
}

function listed(tasks: readonly string[]): string {
  const [first, ...rest] = tasks;
  return rest.length === 0 ? String(first) : `${String(first)} and ${rest.length} more`;
}
