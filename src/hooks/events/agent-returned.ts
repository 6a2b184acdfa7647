import { HOOK_LIMITS } from '../../model/limits.ts';
import { systemDisk } from '../../system/disk.ts';
import { agentRow, sessionRow, updateLedger, type LedgerAgent } from '../ledger.ts';
import { PASS } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';
import { missingAgents, startText } from './next-agents.ts';

/** An agent that the main agent had started is back: whom to start now, once nobody is at work any more whom the next phase waits for. */
export const agentReturned: HookHandler = async (request, surroundings) => {
  const { team, role, agentId, sessionId } = request;
  const { folder, store, clock } = surroundings;
  if (team === null) return PASS;
  const busy = await updateLedger({ folder, disk: systemDisk }, (ledger) => {
    const now = new Date(clock.now()).toISOString();
    const atWork = (): LedgerAgent[] => Object.values(ledger.agents).filter((agent) => agent.session_id === sessionId && agent.started_at !== null && agent.stopped_at === null);
    // Its own end may have come without a hook: it was ended by hand, or ours was killed.
    if (agentId !== null) agentRow(ledger, agentId, { team, role, session_id: sessionId }).stopped_at ??= now;
    // A call that failed does not tell its number. A team has one agent of a role at a time, as far as can be told.
    else for (const agent of atWork()) if (agent.team === team && agent.role === role) agent.stopped_at = now;
    return new Set(atWork().map((agent) => agent.team));
  });
  const read = await store.read();
  if (!read.ok || busy.size > 0) return PASS;
  const missing = missingAgents(read.value, busy, surroundings);
  const told = missing.map(({ subagent_type: agent, assignment, retry }) => `${agent} ${String(assignment)} ${String(retry)}`).join(', ');
  // Several agents that were started together come back together, and each of them would say the same.
  const isNew = await updateLedger({ folder, disk: systemDisk }, (ledger) => {
    const row = sessionRow(ledger, sessionId ?? '');
    const before = row.told;
    row.told = told;
    return before !== told;
  });
  return missing.length === 0 || !isNew ? PASS : { kind: 'context', text: startText(missing, HOOK_LIMITS.reasonCharsMax) };
};
