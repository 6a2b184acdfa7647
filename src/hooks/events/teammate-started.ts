import { presentPhase } from '../../orchestrator/progress.ts';
import { activeTaskOf } from '../../orchestrator/relay-state.ts';
import { systemDisk } from '../../system/disk.ts';
import { agentRow, updateLedger } from '../ledger.ts';
import { PASS } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';

/**
 * A teammate was started from a team's agent. From now on the client calls it by its own name, so whose it is is written down by its number, which stays.
 * It may have begun before this is told, so that is written down here, too.
 */
export const teammateStarted: HookHandler = async ({ team, role, agentId, sessionId }, { folder, store, clock }) => {
  if (team === null || agentId === null) return PASS;
  const read = await store.read();
  const task = !read.ok || read.value.coordination === null ? null : activeTaskOf(read.value.coordination, team);
  await updateLedger({ folder, disk: systemDisk }, (ledger) => {
    const row = agentRow(ledger, agentId, { team, role, session_id: sessionId });
    if (task !== null) Object.assign(row, { started_at: row.started_at ?? new Date(clock.now()).toISOString(), phase: row.phase ?? presentPhase(task[1].phase) });
  });
  return PASS;
};
