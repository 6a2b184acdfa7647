import type { Coordination, TeamContext } from '../model/documents.ts';
import type { Effect, Invocation } from './decision.ts';
import { PLAIN_REACH, type Reach } from './reach.ts';
import type { RelayState } from './relay-state.ts';

/**
 * One step of the orchestrator at work: a copy of the state, which the functions of this folder change in place, and what
 * the step asks of the world. Whoever calls the orchestrator sees the state before and the state after, and nothing between.
 */
export interface Step {
  readonly coordination: Coordination;
  readonly teams: Record<string, TeamContext>;
  readonly effects: Effect[];
  readonly notes: string[];
  /** For what agents are told to do. */
  readonly reach: Reach;
  readonly nowMs: number;
  /** The same instant, as it is written in documents. */
  readonly at: string;
}

export function beginStep(coordination: Coordination, teams: RelayState['teams'], nowMs: number, reach = PLAIN_REACH): Step {
  return { coordination: structuredClone(coordination), teams: structuredClone(teams), effects: [], notes: [], reach, nowMs, at: new Date(nowMs).toISOString() };
}

export function stateAfter({ coordination, teams }: Step): RelayState {
  return { coordination, teams };
}

export function invocationsOf(effects: readonly Effect[]): Invocation[] {
  return effects.flatMap((effect) => (effect.effect === 'start-agent' ? [effect.invocation] : []));
}
