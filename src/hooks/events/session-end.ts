import { Leases } from '../../locks/leases.ts';
import type { Clock } from '../../system/clock.ts';
import { systemDisk } from '../../system/disk.ts';
import type { LeaseEdit } from '../lease-edit.ts';
import { readLedger, updateLedger, type Ledger } from '../ledger.ts';
import { PASS, type HookDecision } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';

export interface SessionEnding extends Pick<LeaseEdit, 'folder' | 'roots' | 'clock'> {
  /** The client's. */
  readonly sessionId: string;
}

/** Where the thin client cannot tell where the relay is. */
export const sessionEnd: HookHandler = async ({ sessionId }, { folder, leases, clock }) => (sessionId === null ? PASS : endWith(leases, { sessionId, folder, clock }));

/** A client's session ends, and its agents with it: what their teams hold would keep others waiting for nobody. Apart from the orchestrator, which takes longer to load than a client waits for this. */
export async function endSession({ sessionId, folder, roots, clock }: SessionEnding): Promise<HookDecision> {
  return endWith(new Leases({ folder, clock, disk: systemDisk, roots }), { sessionId, folder, clock });
}

async function endWith(leases: Leases, { sessionId, folder, clock }: { readonly sessionId: string; readonly folder: string; readonly clock: Clock }): Promise<HookDecision> {
  const place = { folder, disk: systemDisk };
  for (const team of teamsOf(sessionId, await readLedger(place))) await leases.releaseAll(team);
  const stoppedAt = new Date(clock.now()).toISOString();
  await updateLedger(place, ({ agents }) => {
    for (const agent of Object.values(agents)) if (agent.session_id === sessionId) agent.stopped_at ??= stoppedAt;
  });
  return PASS;
}

/**
 * The teams whose newest agent is this session's, and that have no agent of another one at work: another client may go on with a team that this one
 * had run before. An agent whose beginning was not seen counts as begun when it was written down, which is after all that are above it.
 */
function teamsOf(sessionId: string, { agents }: Ledger): readonly string[] {
  const newest = new Map<string, { readonly since: string; readonly session: string | null }>();
  const elsewhere = new Set<string>();
  let writtenAt = '';
  for (const { team, session_id: session, started_at: startedAt, stopped_at: stoppedAt } of Object.values(agents)) {
    if (session !== sessionId && startedAt !== null && stoppedAt === null) elsewhere.add(team);
    const since = startedAt ?? writtenAt;
    if (since > writtenAt) writtenAt = since;
    const before = newest.get(team);
    if (before === undefined || since >= before.since) newest.set(team, { since, session });
  }
  return [...newest].flatMap(([team, { session }]) => (session === sessionId && !elsewhere.has(team) ? [team] : []));
}
