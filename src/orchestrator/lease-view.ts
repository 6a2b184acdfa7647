import { describeRefusal, type LockResult } from '../model/lock-refusal.ts';
import type { Leases } from '../locks/leases.ts';
import type { OrchestratorLeases } from './multi-team-orchestrator.ts';
import { OrchestratorTrouble } from './orchestrator-trouble.ts';

/** The lock manager as the orchestrator sees it. Throws `OrchestratorTrouble` when the table cannot be read or written. */
export function leaseView(leases: Leases): OrchestratorLeases {
  return {
    releaseAll: async (team) => { valueOf(await leases.releaseAll(team)); },
    list: async () => valueOf(await leases.list()).flatMap(({ file, holder, since, durationMs }) => (holder === null || since === null || durationMs === null ? [] : [{ file, team: holder.team, since, durationMs }])),
  };
}

function valueOf<T>(result: LockResult<T>): T {
  if (!result.ok) throw new OrchestratorTrouble(describeRefusal(result.refusal));
  return result.value;
}
