import { systemDisk } from '../../system/disk.ts';
import { readLedger, type Ledger } from '../ledger.ts';
import { PASS } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';
import { isKnownSession } from '../thin-ledger.ts';

/** A client's session ends, and its agents with it: what their teams hold would keep others waiting for nobody. */
export const sessionEnd: HookHandler = async ({ sessionId }, { folder, leases }) => {
  if (sessionId === null || !isKnownSession(folder, sessionId)) return PASS;
  const ledger = await readLedger({ folder, disk: systemDisk });
  for (const team of teamsOf(sessionId, ledger)) await leases.releaseAll(team);
  return PASS;
};

/**
 * The teams whose newest agent is this session's: another client may go on with a team that this one had run before. An agent whose beginning was not
 * seen counts as begun when it was written down, which is after all that are above it.
 */
function teamsOf(sessionId: string, { agents }: Ledger): string[] {
  const newest = new Map<string, { readonly since: string; readonly session: string | null }>();
  let writtenAt = '';
  for (const { team, session_id: session, started_at: startedAt } of Object.values(agents)) {
    const since = startedAt ?? writtenAt;
    if (since > writtenAt) writtenAt = since;
    const before = newest.get(team);
    if (before === undefined || since >= before.since) newest.set(team, { since, session });
  }
  return [...newest].flatMap(([team, { session }]) => (session === sessionId ? [team] : []));
}
