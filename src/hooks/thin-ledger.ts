import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TeamIdentity } from './identity.ts';
import { isPayload, parsePayload, textAt, valueAt } from './payload.ts';
import type { HookRequest } from './request.ts';

export const LEDGER_FILE = 'hook_agents.json';

/** Whether a client's session has started any team's agent: the end of any other one is none of ours. Loaded by the thin client. */
export function isKnownSession(relay: string, sessionId: string | null): boolean {
  if (sessionId === null) return false;
  const ledger = parsePayload(readLedger(path.join(relay, LEDGER_FILE)) ?? '');
  const agents = valueAt(ledger, 'agents');
  const sessions = valueAt(ledger, 'sessions');
  if (isPayload(sessions) && Object.hasOwn(sessions, sessionId)) return true;
  return isPayload(agents) && Object.values(agents).some((agent) => textAt(agent, 'session_id') === sessionId);
}

/**
 * Whose agent this is. One that was started as a teammate is called by a name of its own, in which there is no team; its number is in the ledger
 * since then. Agents without any name are the client's own helpers. Loaded by the thin client.
 */
export function withTeam(request: HookRequest, relay: string): HookRequest {
  if (request.team !== null || request.agentType === null || request.agentId === null) return request;
  return { ...request, ...teamInLedger(relay, request.agentId) };
}

function teamInLedger(relay: string, agentId: string): TeamIdentity | null {
  const agent = valueAt(parsePayload(readLedger(path.join(relay, LEDGER_FILE)) ?? ''), 'agents', agentId);
  const team = textAt(agent, 'team');
  return team === null ? null : { team, role: textAt(agent, 'role') };
}

function readLedger(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
