import { textAt, type Payload } from '../payload.ts';
import type { HookDecision, HookEvent, HookRequest } from '../request.ts';
import type { Dialect } from './dialect.ts';
import { filesOf, readCommon } from './shared.ts';
import { writeCommon } from './write-common.ts';

/**
 * Gemini CLI: the same fields under other events, and `deny` at the top (https://geminicli.com/docs/hooks/reference). It has no event for
 * the end of a subagent: `AfterAgent` is the main one's. From its documentation; not tried on the client.
 */
export const gemini: Dialect = { eventOf, clientEvent: (payload) => textAt(payload, 'hook_event_name'), read: readCommon, write };

function eventOf(clientEvent: string, payload: Payload): HookEvent | null {
  switch (clientEvent) {
    case 'SessionStart':
      return 'session_start';
    case 'SessionEnd':
      return 'session_end';
    case 'BeforeTool':
      return filesOf(payload).length > 0 ? 'before_edit' : null;
    case 'AfterTool':
      return filesOf(payload).length > 0 ? 'after_edit' : null;
    case 'AfterAgent':
      return 'all_teams_complete';
    default:
      return null;
  }
}

function write(decision: HookDecision, request: Pick<HookRequest, 'clientEvent'>): object {
  return decision.kind === 'deny' || decision.kind === 'block' ? { decision: 'deny', reason: decision.reason } : writeCommon(decision, request);
}
