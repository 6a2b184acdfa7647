import { textAt, textsAt, type Payload } from '../payload.ts';
import type { HookDecision, HookEvent, HookRequest } from '../request.ts';
import { teamOf } from '../identity.ts';
import type { Dialect } from './dialect.ts';
import { filesOf, readCommon } from './shared.ts';

/**
 * Cursor's own hooks (https://cursor.com/docs/agent/hooks). It bounds how often an agent goes on by `loop_limit`, and can load hooks in
 * Claude's form, too: those go by `--agent claude`. From its documentation; not tried on the client.
 */
export const cursor: Dialect = { eventOf, clientEvent: (payload) => textAt(payload, 'hook_event_name'), read, write };

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
    case 'stop':
      return 'all_teams_complete';
    case 'preToolUse':
      return filesOf(payload).length > 0 ? 'before_edit' : null;
    case 'postToolUse':
      return filesOf(payload).length > 0 ? 'after_edit' : null;
    default:
      return null;
  }
}

function read(payload: Payload, about: Parameters<Dialect['read']>[1]): HookRequest {
  const agentType = textAt(payload, 'subagent_type') ?? textAt(payload, 'agent_type');
  const identity = teamOf(agentType ?? '');
  const [folder] = textsAt(payload, 'workspace_roots');
  return {
    ...readCommon(payload, { ...about, cwd: folder ?? about.cwd }),
    sessionId: textAt(payload, 'conversation_id') ?? textAt(payload, 'session_id'),
    agentId: textAt(payload, 'subagent_id') ?? textAt(payload, 'agent_id'),
    agentType,
    team: identity?.team ?? null,
    role: identity?.role ?? null,
    isRetry: typeof payload.loop_count === 'number' && payload.loop_count > 0,
  };
}

function write(decision: HookDecision): object {
  switch (decision.kind) {
    case 'pass':
      return {};
    case 'deny':
      return { permission: 'deny', user_message: decision.reason, agent_message: decision.reason };
    case 'block':
      return { followup_message: decision.reason };
    case 'context':
      return { additional_context: decision.text };
  }
}
