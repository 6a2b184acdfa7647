import { appendFileSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { HOOK_LIMITS } from '../model/limits.ts';
import type { HookDecision, HookEvent, HookRequest } from './request.ts';

/** Where somebody's work was to be judged, and an answer that says nothing would be a pass. */
const JUDGING: ReadonlySet<HookEvent> = new Set(['team_phase_complete', 'all_teams_complete']);

export function isJudging(event: HookEvent): boolean {
  return JUDGING.has(event);
}

/** Whose end it is, as far as that is known. */
type Ending = Pick<HookRequest, 'event' | 'team' | 'agentId' | 'sessionId' | 'isRetry'>;

/**
 * What is answered when there is no verdict: time was up, or we broke. Where work was to be judged, the agent is kept, three times at most in a row;
 * then it may go, and its phase stays not completed, which whoever looks at the session sees. Loaded by the thin client.
 */
export function withoutVerdict(request: Ending | null, why: string, relay: string | null): HookDecision {
  const note = `spark-gates: ${why}`;
  if (request === null || !isJudging(request.event) || (request.event === 'team_phase_complete' && request.team === null)) return { kind: 'pass', note };
  const tries = countTry(request, why, relay);
  const who = request.team ?? 'this session';
  if (tries > HOOK_LIMITS.unjudgedMax) return { kind: 'pass', note: `${note}; ${who} was not judged and may end, its phase is not completed` };
  return { kind: 'block', reason: `NOT RUN: the gates of ${who} have no verdict: ${why}. This is no fault of your code as far as is known. See what is wrong by "spark-gates doctor" or "spark-gates run", mend it if you can, then end again and repeat your final report in full.` };
}

/** There is one after all: what broke before does not count any more. */
export function noteVerdict(request: Ending, relay: string | null): void {
  if (relay === null || !isJudging(request.event)) return;
  const file = path.join(relay, FAILURES_FILE);
  try {
    if (failuresIn(file, whoseOf(request)).length > 0) appendFileSync(file, lineOf(request, null));
  } catch (error) {
    // A count that stays is a bound that is reached earlier.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** How often it has been so for this agent since its last verdict, this time included. Without a place to count, the client's own word that it goes on is the count. */
function countTry(request: Ending, why: string, relay: string | null): number {
  const untold = request.isRetry ? HOOK_LIMITS.unjudgedMax + 1 : 1;
  if (relay === null) return untold;
  const file = path.join(relay, FAILURES_FILE);
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > HOOK_LIMITS.editLogBytesMax) renameSync(file, path.join(relay, 'hook_failures.old.ndjson'));
    appendFileSync(file, lineOf(request, why));
    return failuresIn(file, whoseOf(request)).length;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return untold;
  }
}

/** Since the last verdict. */
function failuresIn(file: string, whose: string): readonly string[] {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return [];
  const own = readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith(`{"who":${JSON.stringify(whose)},`));
  return own.slice(own.findLastIndex((line) => line.endsWith('"why":null}')) + 1);
}

function lineOf(request: Ending, why: string | null): string {
  return `${JSON.stringify({ who: whoseOf(request), event: request.event, why: why === null ? null : why.slice(0, WHY_CHARS_MAX) })}\n`;
}

/** A client that gives its agents no number has one agent a team. */
function whoseOf({ agentId, sessionId, team }: Ending): string {
  return agentId ?? [sessionId ?? 'unknown', ...(team === null ? [] : [team])].join('/');
}

const FAILURES_FILE = 'hook_failures.ndjson';
const WHY_CHARS_MAX = 500;
