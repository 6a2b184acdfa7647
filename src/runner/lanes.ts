import type { Check } from '../model/check.ts';
import { compareText } from '../model/finding.ts';

/** Checks that run in one worker, in order. Most lanes hold one. */
export interface Lane {
  readonly name: string;
  readonly checks: readonly Check[];
  readonly expectedMs: number;
  /** With nothing else of ours on the machine, and more memory: its one check ran out of it beside others. */
  readonly alone?: boolean;
}

/**
 * Groups checks by lane and puts the longest first, so that nothing long starts last. `recordedMs` holds what each check
 * took before, by id; a check not in it counts with its gate's estimate.
 */
export function arrangeLanes(checks: readonly Check[], recordedMs: ReadonlyMap<string, number>): Lane[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const name = check.lane ?? check.id;
    groups.set(name, [...(groups.get(name) ?? []), check]);
  }
  const lanes = [...groups].map(([name, members]) => ({
    name,
    checks: members,
    expectedMs: members.reduce((sum, check) => sum + (recordedMs.get(check.id) ?? check.expectedMs), 0),
  }));
  return lanes.sort((a, b) => b.expectedMs - a.expectedMs || compareText(a.name, b.name));
}

/**
 * The next lane to start: the first one whose locks nobody running holds and for which there is a thread (`isReady`); if all
 * must wait, none, because a worker that only waits is a worker wasted.
 */
export function nextLane(waiting: readonly Lane[], running: readonly Lane[], isReady: (lane: Lane) => boolean = () => true): Lane | null {
  const held = new Set(running.flatMap((lane) => lane.checks.flatMap((check) => check.locks ?? [])));
  return waiting.find((lane) => !lane.checks.some((check) => check.locks?.some((lock) => held.has(lock))) && isReady(lane)) ?? null;
}
