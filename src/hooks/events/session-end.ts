import { PASS } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';
import { teamsOfSession } from '../thin-ledger.ts';

/** A client's session ends, and its agents with it: what their teams hold would keep others waiting for nobody. */
export const sessionEnd: HookHandler = async ({ sessionId }, { folder, leases }) => {
  for (const team of sessionId === null ? [] : teamsOfSession(folder, sessionId)) await leases.releaseAll(team);
  return PASS;
};
