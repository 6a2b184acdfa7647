import { appendFileSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { HOOK_LIMITS } from '../model/limits.ts';
import type { HookDecision, HookEvent, HookRequest } from './request.ts';

/** Where somebody's work was to be judged, and an answer that says nothing would be a pass. */
const JUDGING: ReadonlySet<HookEvent> = new Set(['team_phase_complete', 'all_teams_complete']);

export function isJudging(event: HookEvent): boolean {
  return JUDGING.has(event);
}

/**
 * What is answered when there is no verdict: time was up, or we broke. Where work was to be judged, the agent is kept, three times at most;
 * then it may go, and its phase stays not completed, which whoever looks at the session sees. Loaded by the thin client.
 */
export function withoutVerdict(request: HookRequest | null, why: string, relay: string | null): HookDecision {
  const note = `spark-gates: ${why}`;
  if (request === null || !isJudging(request.event) || (request.event === 'team_phase_complete' && request.team === null)) return { kind: 'pass', note };
  const tries = countTry(request, why, relay);
  const who = request.team ?? 'this session';
  if (tries > HOOK_LIMITS.unjudgedMax) return { kind: 'pass', note: `${note}; ${who} was not judged and may end, its phase is not completed` };
  return { kind: 'block', reason: `NOT RUN: the gates of ${who} have no verdict: ${why}. This is no fault of your code as far as is known. See what is wrong by "spark-gates doctor" or "spark-gates run", mend it if you can, then end again and repeat your final report in full.` };
}

/** How often it has been so for this agent, this time included. Without a place to count, the client's own word that it goes on is the count. */
function countTry({ agentId, sessionId, event, isRetry }: HookRequest, why: string, relay: string | null): number {
  if (relay === null) return isRetry ? HOOK_LIMITS.unjudgedMax + 1 : 1;
  const file = path.join(relay, 'hook_failures.ndjson');
  const who = agentId ?? sessionId ?? 'unknown';
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > HOOK_LIMITS.editLogBytesMax) renameSync(file, path.join(relay, 'hook_failures.old.ndjson'));
    appendFileSync(file, `${JSON.stringify({ who, event, why: why.slice(0, WHY_CHARS_MAX) })}\n`);
    return readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith(`{"who":${JSON.stringify(who)},`)).length;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return isRetry ? HOOK_LIMITS.unjudgedMax + 1 : 1;
  }
}

const WHY_CHARS_MAX = 500;
