import type { Check } from '../model/check.ts';
import { compareText } from '../model/finding.ts';
import { BUDGET_LIMITS } from '../model/limits.ts';

/** Checks that run in one worker, in order. Most lanes hold one. */
export interface Lane {
  readonly name: string;
  readonly checks: readonly Check[];
  readonly expectedMs: number;
  /** So much of it by checks that can use further workers. */
  readonly workersMs: number;
  /** With nothing else of ours on the machine, and more memory: its one check ran out of it beside others. */
  readonly alone?: boolean;
}

/** `recordedMs` holds what each check took before, by id; a check not in it counts with its gate's estimate. */
export function makeLane(name: string, checks: readonly Check[], recordedMs: ReadonlyMap<string, number>): Lane {
  const sum = (some: readonly Check[]): number => some.reduce((total, check) => total + (recordedMs.get(check.id) ?? check.expectedMs), 0);
  return { name, checks, expectedMs: sum(checks), workersMs: sum(checks.filter(({ slotsMax = 1 }) => slotsMax > 1)) };
}

/** Whether it is worth a wait to start it with further workers: without them it would be slow to its end. */
export function needsWorkers({ workersMs }: Lane): boolean {
  return workersMs >= BUDGET_LIMITS.extrasWorthMs;
}

/**
 * Groups checks by lane and puts the longest first, so that nothing long starts last; before them those that need workers, which
 * nobody else must have taken for less.
 */
export function arrangeLanes(checks: readonly Check[], recordedMs: ReadonlyMap<string, number>): Lane[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const name = check.lane ?? check.id;
    groups.set(name, [...(groups.get(name) ?? []), check]);
  }
  const lanes = [...groups].map(([name, members]) => makeLane(name, members, recordedMs));
  return lanes.sort((a, b) => Number(needsWorkers(b)) - Number(needsWorkers(a)) || b.expectedMs - a.expectedMs || compareText(a.name, b.name));
}

/**
 * The next lane to start: the first one whose locks nobody running holds and for which there is a thread (`isReady`); if all
 * must wait, none, because a worker that only waits is a worker wasted.
 */
export function nextLane(waiting: readonly Lane[], running: readonly Lane[], isReady: (lane: Lane) => boolean = () => true): Lane | null {
  const held = new Set(running.flatMap((lane) => lane.checks.flatMap((check) => check.locks ?? [])));
  return waiting.find((lane) => !lane.checks.some((check) => check.locks?.some((lock) => held.has(lock))) && isReady(lane)) ?? null;
}
