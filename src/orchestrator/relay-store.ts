import { describeRelayFault, describeRelayRefusal } from '../model/relay-refusal.ts';
import type { Relay } from '../relay/relay.ts';
import type { RelayOutcome } from '../relay/relay-state.ts';
import type { OrchestratorStore, StoreResult } from './multi-team-orchestrator.ts';
import { withTasksOfTeams } from './tasks-of-teams.ts';

/** The relay as the orchestrator sees it. `onFault` is told in sentences what was amiss and has been put right. */
export function relayStore(relay: Relay, onFault: (sentence: string) => void): OrchestratorStore {
  const toResult = <T>(outcome: RelayOutcome<T>): StoreResult<T> => {
    if (!outcome.ok) return { ok: false, problem: describeRelayRefusal(outcome.refusal) };
    for (const fault of outcome.faults) onFault(describeRelayFault(fault));
    return { ok: true, value: outcome.value };
  };
  return {
    read: async () => {
      const read = toResult(await relay.read());
      return read.ok ? { ...read, value: withTasksOfTeams(read.value) } : read;
    },
    transact: async (event, work) => toResult(await relay.transact((before) => {
      const { state, value } = work(withTasksOfTeams(before));
      if (state === null) return { event: null, value };
      return { event, teams: state.teams, ...(state.coordination === null ? {} : { coordination: state.coordination }), value };
    })),
  };
}
