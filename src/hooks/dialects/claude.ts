import { filesOf, readCommon } from './shared.ts';
import { textAt, valueAt, type Payload } from '../payload.ts';
import { teamOf } from '../identity.ts';
import type { HookEvent } from '../request.ts';
import type { Dialect } from './dialect.ts';
import { writeCommon } from './write-common.ts';

/** Claude Code, as observed on 2.1.330. A command of ours as project command, and as a plugin's. */
const COMMAND = /^(?:[^:]+:)?multi[_-]implement$/;

export const claude: Dialect = { eventOf, clientEvent: (payload) => textAt(payload, 'hook_event_name'), read: readCommon, write: writeCommon };

function eventOf(clientEvent: string, payload: Payload): HookEvent | null {
  switch (clientEvent) {
    case 'SessionStart':
      return 'session_start';
    case 'SessionEnd':
      return 'session_end';
    case 'SubagentStart':
      return 'team_start';
    case 'UserPromptExpansion':
      return COMMAND.test(textAt(payload, 'command_name') ?? '') ? 'multi_implement_start' : null;
    case 'PreToolUse':
      return filesOf(payload).length > 0 ? 'before_edit' : null;
    case 'PostToolUse':
    case 'PostToolBatch': {
      const tool = textAt(payload, 'tool_name');
      if (isAgentTool(tool)) return eventOfAgent(textAt(payload, 'tool_response', 'status'));
      return filesOf(payload).length > 0 ? 'after_edit' : null;
    }
    case 'PostToolUseFailure':
      return isAgentTool(textAt(payload, 'tool_name')) && hasBegun(payload) ? 'agent_returned' : null;
    // Of the main agent it is no team's.
    case 'StopFailure':
      return textAt(payload, 'agent_id') === null ? null : 'agent_failed';
    case 'SubagentStop':
    case 'TaskCompleted':
    case 'TeammateIdle':
      return 'team_phase_complete';
    // A session that was begun as a team's agent (`--agent team1_quality`) ends as one.
    case 'Stop':
      return teamOf(textAt(payload, 'agent_type') ?? '') === null ? 'all_teams_complete' : 'team_phase_complete';
    default:
      return null;
  }
}

/** `Task` is what the tool was called before. */
function isAgentTool(tool: string | null): boolean {
  return tool === 'Agent' || tool === 'Task';
}

/** One that was started in the background, or as a teammate, has not returned. Only here is it said whose agent a teammate is: every later payload has its name. */
function eventOfAgent(status: string | null): HookEvent | null {
  if (status === 'teammate_spawned') return 'teammate_started';
  return status === 'completed' || status === null ? 'agent_returned' : null;
}

/** The tool also fails where it starts nobody, and then an agent of the same team that is at work has not ended. */
function hasBegun(payload: Payload): boolean {
  return valueAt(payload, 'is_interrupt') === true || /^Agent terminated\b/.test(textAt(payload, 'error') ?? '');
}
