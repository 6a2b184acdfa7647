import { PHASES } from '../src/model/phase.ts';
import type { Task } from '../src/model/task.ts';
import { simulateSession } from './suite/tokens.ts';

/**
 * How much longer a barrier takes than pipelined teams, by discrete events: 4 teams, 5 phases each, durations drawn from a
 * lognormal distribution, decided by the orchestrator's real state machine. Both see the same durations. No time passes.
 */
export const TEAMS = 4;
const MEDIAN_MS = 600_000;

export interface Comparison {
  readonly sigma: number;
  /** Of the ratios barrier : pipelined over all sessions. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** `low` and `high` are the 5th and the 95th percentile. */
export function compare(sigma: number, sessions: number, seed: number): Comparison {
  const random = mulberry32(seed);
  const ratios = Array.from({ length: sessions }, () => {
    const durations = new Map<string, number>();
    for (let team = 1; team <= TEAMS; team++) for (const phase of PHASES) durations.set(`T${team} ${phase}`, Math.round(MEDIAN_MS * Math.exp(sigma * normal(random))));
    return simulate('barrier', durations) / simulate('pipelined', durations);
  }).sort((a, b) => a - b);
  const at = (share: number): number => ratios[Math.min(ratios.length - 1, Math.floor(share * ratios.length))] ?? Number.NaN;
  return { sigma, median: at(0.5), low: at(0.05), high: at(0.95) };
}

/** Time from start to the end of the last task. */
function simulate(synchronisation: 'barrier' | 'pipelined', durations: ReadonlyMap<string, number>): number {
  const tasks = Array.from({ length: TEAMS }, (_, index): Task => ({ id: `T${index + 1}`, description: '', files: [`src/${index + 1}/main.ts`], dependencies: [], priority: 0 }));
  return simulateSession({ tasks, teams: TEAMS, synchronisation, durationMs: (task, phase) => durations.get(`${task} ${phase}`) ?? 0 }).endMs;
}

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A small generator with a seed, evenly distributed over [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
