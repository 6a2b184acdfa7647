import { addBlocker, addMessage, addTeamMessage } from './communication.ts';
import { refuse, type Outcome } from './decision.ts';
import { activeTaskOf, teamIds, type RelayState } from './relay-state.ts';
import { beginStep, stateAfter } from './step.ts';

export interface TeamMessage {
  /** Who says it. */
  readonly team: string;
  readonly text: string;
  /** It cannot go on because of this team, which is told so too; null: because of something else. Absent: only a message. */
  readonly blockedBy?: string | null;
  /** The team to which it is said; the orchestrator when absent. */
  readonly to?: string;
  readonly nowMs: number;
}

/** A team says something to the orchestrator or another team, or that something, or another team, keeps it from going on. */
export function recordMessage(state: RelayState, { team, text, blockedBy, to, nowMs }: TeamMessage): Outcome<null> {
  if (state.coordination === null) return refuse({ reason: 'no-session' });
  const teams = teamIds(state.coordination);
  const unknown = [team, ...(typeof blockedBy === 'string' ? [blockedBy] : []), ...(to === undefined ? [] : [to])].find((one) => !teams.includes(one));
  if (unknown !== undefined) return refuse({ reason: 'team-unknown', team: unknown, teams });
  if (activeTaskOf(state.coordination, team) === null) return refuse({ reason: 'team-idle', team });
  if (to !== undefined && activeTaskOf(state.coordination, to) === null) return refuse({ reason: 'team-idle', team: to });
  const step = beginStep(state.coordination, state.teams, nowMs);
  const context = step.teams[team];
  if (context === undefined) return refuse({ reason: 'team-idle', team });
  context.last_activity = step.at;
  if (blockedBy === undefined) {
    const reader = to === undefined ? undefined : step.teams[to];
    if (reader === undefined) addMessage(context, { from: team, text, at: step.at });
    else addTeamMessage(reader, { from: team, text, at: step.at });
  } else {
    const blocker = { caused_by: blockedBy, shown_in: team, text, at: step.at };
    addBlocker(context, blocker);
    const other = blockedBy === null || blockedBy === team || activeTaskOf(step.coordination, blockedBy) === null ? undefined : step.teams[blockedBy];
    if (other !== undefined) addBlocker(other, blocker);
  }
  return { ok: true, state: stateAfter(step), decision: null, effects: [] };
}
