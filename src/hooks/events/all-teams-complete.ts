import { HOOK_LIMITS } from '../../model/limits.ts';
import { hasEnded } from '../../orchestrator/coordination.ts';
import { isAtWork } from '../../orchestrator/progress.ts';
import { commandLine } from '../../orchestrator/reach.ts';
import { activeTasks, allTasks } from '../../orchestrator/relay-state.ts';
import { systemDisk } from '../../system/disk.ts';
import { teamOf } from '../identity.ts';
import { sessionRow, updateLedger } from '../ledger.ts';
import { PASS } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';
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
  if ((running ?? []).some(({ agentType }) => teamOf(agentType) !== null || agentType === '')) return PASS;
  const failed = allTasks(coordination).filter(([, row]) => row.status === 'failed').map(([id]) => id);
  if (hasEnded(coordination)) return failed.length === 0 ? PASS : { kind: 'pass', note: `spark-gates: the session has ended, and ${failed.join(', ')} failed: ${commandLine('report', reach)}` };
  const atWork = activeTasks(coordination).filter(([, row]) => isAtWork(row));
  const fingerprint = JSON.stringify(atWork.map(([id, row]) => [id, row.phase, row.retry_count, row.assignment]));
  const round = await updateLedger({ folder, disk: systemDisk }, (ledger) => {
    const row = sessionRow(ledger, sessionId);
    if (row.fingerprint !== fingerprint) Object.assign(row, { fingerprint, blocks: 0 });
    return (row.blocks += 1);
  });
  const unfinished = atWork.map(([id, row]) => `${row.team} (${id}) in ${row.phase}`).join(', ');
  if (round > HOOK_LIMITS.stopsMax) return { kind: 'pass', note: `spark-gates: the session is not finished: ${unfinished}; go on with ${commandLine('status', reach)}, or give it up with ${commandLine('end-session', reach)}` };
  const head = `Not every team is finished: ${unfinished}. Go on, unless you were asked to stop; then say so and end.`;
  return { kind: 'block', reason: `${head}\n${startText(missingAgents(read.value, new Set(), surroundings), HOOK_LIMITS.reasonCharsMax - head.length - 1)}` };
};
