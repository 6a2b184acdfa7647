import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isPayload, parsePayload, textAt, valueAt } from './payload.ts';

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

function readLedger(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
