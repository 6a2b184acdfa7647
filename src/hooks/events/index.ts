import type { HookEvent } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';
import { afterEdit } from './after-edit.ts';
import { agentFailed } from './agent-failed.ts';
import { agentReturned } from './agent-returned.ts';
import { allTeamsComplete } from './all-teams-complete.ts';
import { beforeEdit } from './before-edit.ts';
import { multiImplementStart } from './multi-implement-start.ts';
import { sessionEnd } from './session-end.ts';
import { sessionStart } from './session-start.ts';
import { teamPhaseComplete } from './team-phase-complete.ts';
import { teamStart } from './team-start.ts';
import { teammateStarted } from './teammate-started.ts';

/** What is done about each event. A new one is a file beside this one and a line below. */
export const HANDLERS: Readonly<Record<HookEvent, HookHandler>> = {
  session_start: sessionStart,
  multi_implement_start: multiImplementStart,
  team_start: teamStart,
  teammate_started: teammateStarted,
  before_edit: beforeEdit,
  after_edit: afterEdit,
  team_phase_complete: teamPhaseComplete,
  agent_failed: agentFailed,
  agent_returned: agentReturned,
  all_teams_complete: allTeamsComplete,
  session_end: sessionEnd,
};
