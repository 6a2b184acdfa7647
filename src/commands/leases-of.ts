import type { Leases } from '../locks/leases.ts';
import type { FileLock } from '../model/lease.ts';
import { describeRefusal, describeTableFault } from '../model/lock-refusal.ts';
import { OrchestratorTrouble } from '../orchestrator/orchestrator-trouble.ts';
import type { CommandContext } from './command-context.ts';

/** What is held or waited for; faults of the table go to stderr. */
export async function leasesOf(leases: Leases, { stderr }: Pick<CommandContext, 'stderr'>): Promise<readonly FileLock[]> {
  const result = await leases.list();
  for (const fault of result.faults) stderr.write(`spark-gates: ${describeTableFault(fault)}\n`);
  if (!result.ok) throw new OrchestratorTrouble(describeRefusal(result.refusal));
  return result.value;
}
