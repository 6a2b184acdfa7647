import type { TeamContext } from '../model/documents.ts';
import type { Blocker } from '../model/verdict.ts';
import { LIMITS } from '../model/limits.ts';
import { activeTasks } from './relay-state.ts';
import type { Step } from './step.ts';

/**
 * Teams speak to each other through their contexts in the relay only. The same thing is said once, and each list keeps the
 * newest entries; how many older ones were dropped stands in `communication.dropped`.
 */
export function addMessage(context: TeamContext, message: TeamNote): void {
  const { communication } = context;
  communication.messages_for_orchestrator = keepNewest(context, communication.messages_for_orchestrator, message);
}

/** Written to the context of the team that it is for, under a key that the specification does not have. */
export function addTeamMessage(context: TeamContext, message: TeamNote): void {
  const { messages_from_teams: earlier } = context.communication;
  context.communication.messages_from_teams = keepNewest(context, Array.isArray(earlier) ? earlier : [], message);
}

interface TeamNote {
  readonly from: string;
  readonly text: string;
  readonly at: string;
}

export interface BlockerNote {
  /** The team whose change causes it; null when that cannot be told. */
  readonly caused_by: string | null;
  readonly shown_in: string;
  readonly text: string;
  readonly at: string;
}

export function addBlocker(context: TeamContext, blocker: BlockerNote): void {
  context.communication.blockers = keepNewest(context, context.communication.blockers, blocker);
}

/** A problem that one team's change causes in another's file is written to both, as far as they are at work. */
export function addBlockers({ coordination, teams, at }: Step, blockers: readonly Blocker[]): void {
  const atWork = new Set(activeTasks(coordination).map(([, row]) => row.team));
  for (const { causedBy, shownIn, finding } of blockers) {
    const place = [finding.file ?? shownIn, ...(finding.line === null ? [] : [String(finding.line)])].join(':');
    for (const team of new Set([causedBy, shownIn])) {
      const context = teams[team];
      if (context !== undefined && atWork.has(team)) addBlocker(context, { caused_by: causedBy, shown_in: shownIn, text: `${finding.gate}: ${place} ${finding.message.split('\n', 1).join('')}`, at });
    }
  }
}

/** Appends unless the same was said before, whenever that was. The newest `messagesKeptMax` stay. */
export function appendBounded<Entry>(list: readonly Entry[], entry: Entry): Entry[] {
  return list.some((other) => isSame(other, entry)) ? [...list] : [...list, entry].slice(-LIMITS.messagesKeptMax);
}

function keepNewest(context: TeamContext, list: readonly unknown[], entry: unknown): unknown[] {
  const next = appendBounded(list, entry);
  const { dropped } = context.communication;
  if (next.length === list.length && next.at(-1) === entry) context.communication.dropped = (typeof dropped === 'number' ? dropped : 0) + 1;
  return next;
}

function isSame(a: unknown, b: unknown): boolean {
  return withoutTime(a) === withoutTime(b);
}

function withoutTime(entry: unknown): string | undefined {
  return JSON.stringify(entry, (key, value: unknown) => (key === 'at' ? undefined : value));
}
