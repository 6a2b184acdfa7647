import type { WaitCycle } from '../model/documents.ts';
import { compareText } from '../model/finding.ts';
import type { LeaseTable } from './lease-table.ts';
import { holderOf, isWaiting } from './lease-state.ts';

type Wait = WaitCycle[number];

/** Who waits for whom: each waiter that is alive and was not told to yield, for a holder whose time is not over. */
export function waitsOf({ rows }: LeaseTable, nowMs: number): Wait[] {
  const waits: Wait[] = [];
  for (const [file, row] of rows) {
    if (row.waiters.length === 0) continue;
    const holder = holderOf(row, nowMs);
    if (holder === null) continue;
    for (const waiter of row.waiters) {
      if (waiter.team !== holder.team && isWaiting(waiter, nowMs)) waits.push({ team: waiter.team, file, holder: holder.team });
    }
  }
  return waits.sort((a, b) => compareText(a.team, b.team) || compareText(a.file, b.file));
}

/** A shortest circle through `team`, beginning with its own wait, or null. The same waits give the same circle. */
export function findCycle(waits: readonly Wait[], team: string): WaitCycle | null {
  const cameBy = new Map<string, Wait>();
  const reached = [team];
  for (const current of reached) {
    for (const wait of waits) {
      if (wait.team !== current) continue;
      if (wait.holder === team) return pathTo(current, team, cameBy, wait);
      if (cameBy.has(wait.holder)) continue;
      cameBy.set(wait.holder, wait);
      reached.push(wait.holder);
    }
  }
  return null;
}

function pathTo(current: string, team: string, cameBy: ReadonlyMap<string, Wait>, last: Wait): WaitCycle {
  const waits = [last];
  for (let at = current; at !== team;) {
    const wait = cameBy.get(at);
    if (wait === undefined) throw new Error('a circle of waits is broken');
    waits.unshift(wait);
    at = wait.team;
  }
  return waits;
}

/**
 * The youngest team of a circle yields, because it has the least to lose: the one whose oldest lease is the newest. Age is told
 * by tokens, which rise with each grant whatever the clocks say and are never equal.
 */
export function chooseVictim(cycle: WaitCycle, { rows }: LeaseTable, nowMs: number): string {
  const oldest = new Map(cycle.map(({ team }) => [team, Number.POSITIVE_INFINITY]));
  for (const row of rows.values()) {
    const holder = holderOf(row, nowMs);
    const known = holder === null ? undefined : oldest.get(holder.team);
    if (holder !== null && known !== undefined) oldest.set(holder.team, Math.min(known, holder.token));
  }
  const [victim] = [...oldest].sort(([a, ageOfA], [b, ageOfB]) => ageOfB - ageOfA || compareText(a, b));
  if (victim === undefined) throw new Error('a circle of waits has no teams');
  return victim[0];
}

/** What the victim holds and the others of the circle wait for. */
export function filesToRelease(cycle: WaitCycle, victim: string): string[] {
  return cycle.filter(({ holder }) => holder === victim).map(({ file }) => file);
}
