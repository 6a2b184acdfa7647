import { invocationFor } from './assignment.ts';
import type { LeaseView } from './coordination.ts';
import type { Effect } from './decision.ts';
import { isAtWork } from './progress.ts';
import { activeTaskOf, activeTasks, type ActiveTask, type RelayState } from './relay-state.ts';

/** An agent that is known to run, as whoever started it remembers. */
export interface RunningAgent {
  readonly team: string;
  readonly assignment: number;
  readonly phase: string;
  readonly retry: number;
}

/** What an orchestrator that starts finds outside the relay. */
export interface Surroundings {
  readonly agents: readonly RunningAgent[];
  readonly leases: readonly LeaseView[];
}

/**
 * What is still to be done outside the relay, told from what is on disk alone: whatever an orchestrator that died had decided
 * and not done. Once it is done, the answer is empty.
 */
export function resume(state: RelayState, { agents, leases }: Surroundings): Effect[] {
  if (state.coordination === null) return [];
  const atWork = activeTasks(state.coordination).filter(([, row]) => isAtWork(row));
  const stray = agents.filter((agent) => !atWork.some((task) => isAgentOf(task, agent)));
  const missing = atWork.filter((task) => !agents.some((agent) => isAgentOf(task, agent)));
  return [
    ...stray.map(({ team, assignment }): Effect => ({ effect: 'end-agent', team, assignment, reason: 'its team is no longer at this' })),
    ...forgottenHolders(state, leases).map((team): Effect => ({ effect: 'release-leases', team })),
    ...missing.map(([id, row]): Effect => ({ effect: 'start-agent', invocation: invocationFor(id, row) })),
  ];
}

function isAgentOf([id, row]: ActiveTask, agent: RunningAgent): boolean {
  const { team_id: team, assignment, phase, retry } = invocationFor(id, row);
  return agent.team === team && agent.assignment === assignment && agent.phase === phase && agent.retry === retry;
}

/** Teams without a task, and those all of whose leases are from before they were given the one that they have. */
function forgottenHolders({ coordination, teams }: RelayState, leases: readonly LeaseView[]): string[] {
  return [...new Set(leases.map(({ team }) => team))].filter((team) => {
    if (coordination === null || activeTaskOf(coordination, team) === null) return true;
    const since = Date.parse(teams[team]?.start_time ?? '');
    return leases.every((lease) => lease.team !== team || Date.parse(lease.since) < since);
  });
}
