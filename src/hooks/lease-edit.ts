import { Leases } from '../locks/leases.ts';
import { describeRefusal, isDecision } from '../model/lock-refusal.ts';
import type { Clock } from '../system/clock.ts';
import { systemDisk } from '../system/disk.ts';
import { PASS, type HookDecision } from './request.ts';

export interface LeaseEdit {
  readonly team: string;
  /** Absolute. */
  readonly files: readonly string[];
  /** Absolute: the relay's. */
  readonly folder: string;
  readonly roots: readonly string[];
  readonly clock: Clock;
}

/** Gets the team the leases of what it is about to change, all or none. Apart from the orchestrator, because many may want one at once. */
export async function leaseEdit({ team, files, folder, roots, clock }: LeaseEdit): Promise<HookDecision> {
  return leaseWith(new Leases({ folder, clock, disk: systemDisk, roots }), { team, files });
}

/** With leases that are open already. */
export async function leaseWith(leases: Leases, { team, files }: Pick<LeaseEdit, 'team' | 'files'>): Promise<HookDecision> {
  const got = await leases.acquireAll(files, team);
  if (got.ok) return PASS;
  const what = describeRefusal(got.refusal);
  // A table that cannot be written keeps nobody from working; the measurement sees what comes of it.
  if (!isDecision(got.refusal)) return { kind: 'pass', note: `spark-gates: no lease: ${what}` };
  return { kind: 'deny', reason: `${what}. To wait for it: spark-gates lock wait <file> --team ${team}` };
}
