import type { Coordination } from '../model/documents.ts';
import { PHASES, type Phase } from '../model/phase.ts';
import { invocationFor } from './assignment.ts';
import type { LeaseView } from './coordination.ts';
import type { Effect } from './decision.ts';
import { isAtWork, phasesCompleted, presentPhase } from './progress.ts';
import type { Reach } from './reach.ts';
import { activeTaskOf, activeTasks, allTasks, type ActiveTask, type RelayState } from './relay-state.ts';

/** An agent that is known to run, as whoever started it remembers. */
export interface RunningAgent {
  readonly team: string;
  readonly assignment: number;
  readonly phase: Phase;
  readonly retry: number;
}

/** What an orchestrator that starts finds outside the relay. */
export interface Surroundings {
  readonly agents: readonly RunningAgent[];
  readonly leases: readonly LeaseView[];
  readonly reach: Reach;
}

/**
 * What is still to be done outside the relay, told from what is on disk alone: whatever an orchestrator that died had decided
 * and not done. To be carried out in this order; once it is, the answer is empty.
 */
export function resume(state: RelayState, { agents, leases, reach }: Surroundings): Effect[] {
  if (state.coordination === null) return [];
  const { agent_prefix: prefix } = state.coordination;
  const atWork = activeTasks(state.coordination).filter(([, row]) => isAtWork(row));
  const stray = agents.filter((agent) => !atWork.some((task) => isAgentOf(task, agent)));
  const missing = atWork.filter((task) => !agents.some((agent) => isAgentOf(task, agent)));
  return [
    ...stray.map(({ team, assignment }): Effect => ({ effect: 'end-agent', team, assignment, reason: 'its team is no longer at this' })),
    ...forgottenHolders(state.coordination, leases).map((team): Effect => ({ effect: 'release-leases', team })),
    ...missing.map(([id, row]): Effect => ({ effect: 'start-agent', invocation: invocationFor(id, row, { reach, prefix }) })),
  ];
}

/** What has become of what an agent was started for. */
export type AgentStanding =
  /** Its team is at it. */
  | 'at-work'
  | 'completed'
  /** It was measured, and is to be tried again. */
  | 'sent-back'
  /** The task has failed, or was taken away or given up; also where that cannot be told. */
  | 'gone';

export function agentStanding({ coordination }: RelayState, agent: RunningAgent): AgentStanding {
  if (coordination === null) return 'gone';
  const [, row] = allTasks(coordination).find(([, one]) => one.team === agent.team && one.assignment === agent.assignment) ?? [];
  if (row === undefined) return 'gone';
  if (phasesCompleted(row.phase) > PHASES.indexOf(agent.phase)) return 'completed';
  if (row.status !== 'active') return 'gone';
  return activeTasks(coordination).some((task) => isAtWork(task[1]) && isAgentOf(task, agent)) ? 'at-work' : 'sent-back';
}

function isAgentOf([, row]: ActiveTask, agent: RunningAgent): boolean {
  return agent.team === row.team && agent.assignment === row.assignment && agent.phase === presentPhase(row.phase) && agent.retry === row.retry_count;
}

/** Teams that were to be released, and whoever else holds a lease without having a task. */
function forgottenHolders(coordination: Coordination, leases: readonly LeaseView[]): string[] {
  const idle = leases.map(({ team }) => team).filter((team) => activeTaskOf(coordination, team) === null);
  return [...new Set([...coordination.releases_due, ...idle])];
}

/** To be called when the leases of these teams are released. */
export function leasesReleased({ coordination, teams }: RelayState, released: readonly string[]): RelayState {
  if (coordination === null) return { coordination, teams };
  return { coordination: { ...coordination, releases_due: coordination.releases_due.filter((team) => !released.includes(team)) }, teams };
}
