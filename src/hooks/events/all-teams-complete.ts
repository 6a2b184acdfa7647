import { HOOK_LIMITS } from '../../model/limits.ts';
import { hasEnded } from '../../orchestrator/coordination.ts';
import { isAtWork } from '../../orchestrator/progress.ts';
import { commandLine } from '../../orchestrator/reach.ts';
import { activeTasks, allTasks } from '../../orchestrator/relay-state.ts';
import { systemDisk } from '../../system/disk.ts';
import { teamOf } from '../identity.ts';
import { agentIn, readLedger, sessionRow, updateLedger, type Ledger } from '../ledger.ts';
import { PASS, type HookDecision, type RunningAgentRow } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';
import { tamperings } from '../tampering.ts';
import { isKnownSession } from '../thin-ledger.ts';
import { missingAgents, startText } from './next-agents.ts';

/**
 * The agent that leads the session ends. While agents of its teams run in the background it will be woken; otherwise what is not finished is finished by
 * nobody, so it is told, twice at most for the same state of affairs: a person may have asked it to stop.
 */
export const allTeamsComplete: HookHandler = async (request, surroundings) => {
  const { sessionId, running } = request;
  const { folder, store, reach } = surroundings;
  // The thin client asks as well, but not where only the configuration says which relay is meant.
  if (sessionId === null || !isKnownSession(folder, sessionId)) return PASS;
  const read = await store.read();
  if (!read.ok) throw new Error(read.problem);
  const { coordination } = read.value;
  if (coordination === null) return PASS;
  if (isAnyAtWork(running ?? [], sessionId, await readLedger({ folder, disk: systemDisk }))) return PASS;
  const tampered = await tamperings(null, surroundings);
  const failed = allTasks(coordination).filter(([, row]) => row.status === 'failed').map(([id]) => id);
  const ended: HookDecision = failed.length === 0 ? PASS : { kind: 'pass', note: `spark-gates: the session has ended, and ${failed.join(', ')} failed: ${commandLine('report', reach)}` };
  if (hasEnded(coordination) && tampered.length === 0) return ended;
  const atWork = activeTasks(coordination).filter(([, row]) => isAtWork(row));
  const fingerprint = JSON.stringify([...atWork.map(([id, row]) => [id, row.phase, row.retry_count, row.assignment]), ...tampered]);
  const round = await updateLedger({ folder, disk: systemDisk }, (ledger) => {
    const row = sessionRow(ledger, sessionId);
    if (row.fingerprint !== fingerprint) Object.assign(row, { fingerprint, blocks: 0 });
    return (row.blocks += 1);
  });
  const unfinished = atWork.map(([id, row]) => `${row.team} (${id}) in ${row.phase}`).join(', ');
  const isUnfinished = atWork.length > 0;
  if (round > HOOK_LIMITS.stopsMax) return isUnfinished ? { kind: 'pass', note: `spark-gates: the session is not finished: ${unfinished}; go on with ${commandLine('status', reach)}, or give it up with ${commandLine('end-session', reach)}` } : ended;
  const head = [...(isUnfinished ? [`Not every team is finished: ${unfinished}.`] : []), ...tampered, 'Go on, unless you were asked to stop; then say so and end.'].join(' ');
  if (!isUnfinished) return { kind: 'block', reason: head };
  return { kind: 'block', reason: `${head}\n${startText(missingAgents(read.value, new Set(), surroundings), HOOK_LIMITS.reasonCharsMax - head.length - 1)}` };
};

/** By the client's list, which goes on naming agents that have ended, and teammates without saying whose they are: the ledger knows that. */
function isAnyAtWork(running: readonly RunningAgentRow[], sessionId: string, ledger: Ledger): boolean {
  const isUnnamedAtWork = Object.values(ledger.agents).some((agent) => agent.session_id === sessionId && agent.started_at !== null && agent.stopped_at === null);
  return running.some(({ agentId, agentType }) => (agentType === '' ? isUnnamedAtWork : teamOf(agentType) !== null && (agentIn(ledger, agentId)?.stopped_at ?? null) === null));
}
