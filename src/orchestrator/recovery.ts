import { LIMITS } from '../model/limits.ts';
import type { TaskRow, TeamContext } from '../model/documents.ts';
import { stopWork } from './assignment.ts';
import { appendBounded } from './communication.ts';
import { updateCoordination } from './coordination.ts';
import { refuse, type Outcome, type TeamDecision } from './decision.ts';
import { countFailure, failTask, releaseTeam } from './end-task.ts';
import * as say from './instructions.ts';
import { advance } from './phases.ts';
import { isAtWork, presentPhase } from './progress.ts';
import { keepClaims } from './record-measurement.ts';
import type { Reach } from './reach.ts';
import { activeTaskOf, activeTasks, teamIds, type ActiveTask, type RelayState } from './relay-state.ts';
import { beginStep, stateAfter, type Step } from './step.ts';
import { teamDecision } from './team-completion.ts';

/** A sign of life of a team's agent; with the first one the task is in its first phase. */
export function recordActivity(state: RelayState, { team, assignment, nowMs }: { readonly team: string; readonly assignment?: number; readonly nowMs: number }): Outcome<null> {
  if (state.coordination === null) return refuse({ reason: 'no-session' });
  const teams = teamIds(state.coordination);
  if (!teams.includes(team)) return refuse({ reason: 'team-unknown', team, teams });
  const step = beginStep(state.coordination, state.teams, nowMs);
  const task = activeTaskOf(step.coordination, team);
  if (task === null) return refuse({ reason: 'team-idle', team });
  const [, row] = task;
  if (assignment !== undefined && assignment !== row.assignment) return refuse({ reason: 'assignment-stale', team, given: assignment, current: row.assignment });
  const context = step.teams[team];
  if (context !== undefined) context.last_activity = step.at;
  if (row.phase === 'pending') {
    row.phase = 'implementation';
    if (context !== undefined) Object.assign(context, { phase: row.phase, status: 'in_progress' });
    updateCoordination(step);
  }
  return { ok: true, state: stateAfter(step), decision: null, effects: [] };
}

/** Of one look, at most this part of the limit counts as silence. */
const LOOKS_MIN = 3;
/** Looks that come closer than this part of the limit are one: each is a line of the log, and anybody may look at any time. */
const LOOKS_MAX = 20;

/**
 * Looks whether every team at work gives signs of life; to be called now and then, at least three times within the limit.
 *
 * Silence is what was watched, not the difference of two times of day: each look adds the time since the look before, at
 * least 0 and at most a third of the limit, unless `last_activity` has become another one. A clock set back
 * counts as no time; a clock set forward, a machine that slept and an orchestrator that was dead count as a third of the
 * limit and no more, however long: nobody was watching, so no team crashes that had not been silent for most of it before.
 * Teams that wait for others are not expected to say anything. A limit that is given holds for all later looks, too.
 */
export function checkTeams(state: RelayState, { nowMs, reach, silentMs: given }: { readonly nowMs: number; readonly reach?: Reach; readonly silentMs?: number }): Outcome<readonly TeamDecision[]> {
  if (state.coordination === null) return refuse({ reason: 'no-session' });
  // The same state: there is nothing to write down.
  if (!activeTasks(state.coordination).some(([, row]) => isAtWork(row))) return { ok: true, state, decision: [], effects: [] };
  const { checked_at: checkedAt, silent_limit_ms: limitMs } = state.coordination;
  const silentMs = given ?? limitMs ?? LIMITS.agentSilentMs;
  const sinceMs = checkedAt === null ? null : nowMs - Date.parse(checkedAt);
  if (sinceMs !== null && sinceMs >= 0 && sinceMs < silentMs / LOOKS_MAX && silentMs === (limitMs ?? LIMITS.agentSilentMs)) return { ok: true, state, decision: [], effects: [] };
  const step = beginStep(state.coordination, state.teams, nowMs, reach);
  const watchedMs = Math.min(Math.max(0, sinceMs ?? 0), silentMs / LOOKS_MIN);
  Object.assign(step.coordination, { checked_at: step.at, silent_limit_ms: silentMs });
  const lost = activeTasks(step.coordination).filter(([, row]) => isAtWork(row) && silenceOf(row, step.teams[row.team], watchedMs) >= silentMs);
  const decisions = loseTasks(step, lost, `no sign of life for ${Math.round(silentMs / 1000)} s`);
  return { ok: true, state: stateAfter(step), decision: decisions, effects: step.effects };
}

function silenceOf(row: TaskRow, context: TeamContext | undefined, watchedMs: number): number {
  const activity = context?.last_activity ?? null;
  row.silent_ms = activity === row.seen_activity ? row.silent_ms + Math.round(watchedMs) : 0;
  row.seen_activity = activity;
  return row.silent_ms;
}

/** Somebody saw the team's agent die, or end without having completed its phase. */
export function handleTeamCrash(state: RelayState, crash: { readonly team: string; readonly reason: string; readonly assignment?: number; readonly nowMs: number; readonly reach?: Reach }): Outcome<TeamDecision> {
  const { team, reason, assignment, nowMs, reach } = crash;
  if (state.coordination === null) return refuse({ reason: 'no-session' });
  const teams = teamIds(state.coordination);
  if (!teams.includes(team)) return refuse({ reason: 'team-unknown', team, teams });
  const step = beginStep(state.coordination, state.teams, nowMs, reach);
  const task = activeTaskOf(step.coordination, team);
  if (task === null) return refuse(assignment === undefined ? { reason: 'team-idle', team } : { reason: 'assignment-stale', team, given: assignment, current: null });
  if (assignment !== undefined && assignment !== task[1].assignment) return refuse({ reason: 'assignment-stale', team, given: assignment, current: task[1].assignment });
  const [decision] = loseTasks(step, [task], reason);
  if (decision === undefined) throw new Error('one lost task makes one decision');
  return { ok: true, state: stateAfter(step), decision, effects: step.effects };
}

/** All of them are taken away before anything is given out again: no lost team is the backup of another. */
function loseTasks(step: Step, lost: readonly ActiveTask[], reason: string): TeamDecision[] {
  const losses = lost.map((task) => ({ task, from: { team: task[1].team, phase: presentPhase(task[1].phase) } }));
  for (const { task } of losses) loseTask(step, task, reason);
  if (lost.length > 0) advance(step);
  updateCoordination(step);
  return losses.map(({ task: [id, row], from }) => {
    const failed = row.status === 'failed';
    const to = row.status === 'active' ? row.team : null;
    return teamDecision(step, {
      action: failed ? 'escalate' : 'reassign',
      next_phase: null,
      instructions: failed ? say.escalateInstructions(id, from.team, row.reason ?? reason, step.reach) : say.reassignInstructions(id, from.team, to),
      team_id: from.team,
      task_id: id,
      phase: from.phase,
      reason: failed ? row.reason : reason,
      waiting_for: [],
    });
  });
}

function loseTask(step: Step, task: ActiveTask, reason: string): void {
  const [, row] = task;
  const context = step.teams[row.team];
  step.effects.push({ effect: 'end-agent', team: row.team, assignment: row.assignment, reason });
  if (context !== undefined) keepClaims(row, context);
  const details = context?.implementation_details;
  const files = [...(details?.files_created ?? []), ...(details?.files_modified ?? []), ...row.result.files_changed, ...(row.predecessor?.files_changed ?? [])];
  row.predecessor = { team_id: row.team, phase: row.phase, reason, files_changed: [...new Set(files)].slice(0, LIMITS.messagesKeptMax) };
  if (row.attempts >= LIMITS.attemptsMax) {
    failTask(step, task, `its team was lost ${row.attempts} times, the last time in ${presentPhase(row.phase)}: ${reason}`);
  } else {
    stopWork(step, row);
    row.status = 'queued';
    releaseTeam(step, row.team);
  }
  if (context !== undefined) {
    Object.assign(context, { status: 'crashed', end_time: step.at, next_agent: null });
    context.errors = appendBounded(context.errors, { phase: presentPhase(row.phase), text: reason, at: step.at });
  }
  countFailure(step);
}
