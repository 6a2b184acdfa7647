import { systemDisk } from '../../system/disk.ts';
import { readLedger } from '../ledger.ts';
import { PASS } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';
import { isKnownSession } from '../thin-ledger.ts';

/** A client's session ends, and its agents with it: what their teams hold would keep others waiting for nobody. */
export const sessionEnd: HookHandler = async ({ sessionId }, { folder, leases }) => {
  if (!isKnownSession(folder, sessionId)) return PASS;
  const { agents } = await readLedger({ folder, disk: systemDisk });
  const teams = Object.values(agents).flatMap((agent) => (agent.session_id === sessionId ? [agent.team] : []));
  for (const team of new Set(teams)) await leases.releaseAll(team);
  return PASS;
};
