import { isPayload, parsePayload, textAt, valueAt, type Payload } from '../payload.ts';
import type { HookDecision, HookEvent, HookRequest } from '../request.ts';
import type { Dialect } from './dialect.ts';
import { filesOf, readCommon } from './shared.ts';

/**
 * Copilot CLI (https://docs.github.com/en/copilot/reference/copilot-cli-reference/cli-hooks-reference): names in camel case, arguments of a
 * tool also as JSON in a text, and no event in the payload, so `--event` says it. Exit code 2 is a mere warning there. From its
 * documentation; not tried on the client.
 */
export const copilot: Dialect = { eventOf, clientEvent: (payload) => textAt(payload, 'hookEventName') ?? textAt(payload, 'hook_event_name'), read, write };

function eventOf(clientEvent: string, payload: Payload): HookEvent | null {
  switch (clientEvent) {
    case 'sessionStart':
      return 'session_start';
    case 'sessionEnd':
      return 'session_end';
    case 'subagentStart':
      return 'team_start';
    case 'subagentStop':
      return 'team_phase_complete';
    case 'agentStop':
      return 'all_teams_complete';
    case 'preToolUse':
      return filesOf(translated(payload)).length > 0 ? 'before_edit' : null;
    case 'postToolUse':
      return filesOf(translated(payload)).length > 0 ? 'after_edit' : null;
    default:
      return null;
  }
}

function read(payload: Payload, about: Parameters<Dialect['read']>[1]): HookRequest {
  return readCommon(translated(payload), about);
}

/** The payload by the names that the others use. */
function translated(payload: Payload): Payload {
  const given = valueAt(payload, 'toolArgs');
  const input = typeof given === 'string' ? parsePayload(given) : isPayload(given) ? given : null;
  return {
    ...payload,
    session_id: valueAt(payload, 'sessionId') ?? valueAt(payload, 'session_id'),
    agent_id: valueAt(payload, 'agentId') ?? valueAt(payload, 'agent_id'),
    agent_type: valueAt(payload, 'agentName') ?? valueAt(payload, 'agentType') ?? valueAt(payload, 'agent_type'),
    tool_name: valueAt(payload, 'toolName') ?? valueAt(payload, 'tool_name'),
    tool_input: input ?? valueAt(payload, 'tool_input'),
    stop_hook_active: valueAt(payload, 'stopHookActive') ?? valueAt(payload, 'stop_hook_active'),
  };
}

function write(decision: HookDecision): object {
  switch (decision.kind) {
    case 'pass':
      return {};
    case 'deny':
      return { permissionDecision: 'deny', permissionDecisionReason: decision.reason };
    case 'block':
      return { decision: 'block', reason: decision.reason };
    case 'context':
      return { additionalContext: decision.text };
  }
}
