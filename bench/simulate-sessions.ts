import { PHASES, type Phase } from '../src/model/phase.ts';
import type { Task } from '../src/model/task.ts';
import type { Effect } from '../src/orchestrator/decision.ts';
import { handleMultiImplement } from '../src/orchestrator/multi-implement.ts';
import { GATES_BY_PHASE, NOTHING_MEASURED, type Measured } from '../src/orchestrator/phase-gates.ts';
import type { RelayState } from '../src/orchestrator/relay-state.ts';
import { acceptCompletion, handleTeamCompletion } from '../src/orchestrator/team-completion.ts';

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
  const started = handleMultiImplement({ coordination: null, teams: {} }, { tasks, taskIds: tasks.map(({ id }) => id), teams: TEAMS, synchronisation, nowMs: 0 });
  if (!started.ok) throw new Error(started.refusal.reason);
  let state: RelayState = started.state;
  const ends: { team: string; phase: Phase; atMs: number }[] = [];
  const begin = (effects: readonly Effect[], nowMs: number): void => {
    for (const effect of effects) {
      if (effect.effect !== 'start-agent') continue;
      const { team_id: team, task_id: task, phase } = effect.invocation;
      ends.push({ team, phase, atMs: nowMs + (durations.get(`${task} ${phase}`) ?? 0) });
    }
  };
  begin(started.effects, 0);
  let nowMs = 0;
  for (;;) {
    ends.sort((a, b) => b.atMs - a.atMs);
    const next = ends.pop();
    if (next === undefined) return nowMs;
    nowMs = next.atMs;
    const accepted = acceptCompletion(state, next);
    const outcome = accepted.ok ? handleTeamCompletion(state, { ...next, measured: passed(next.phase), standing: accepted.standing, nowMs }) : accepted;
    if (!outcome.ok) throw new Error(outcome.refusal.reason);
    state = outcome.state;
    begin(outcome.effects, nowMs);
  }
}

function passed(phase: Phase): Measured {
  const verdict = { status: 'passed', reason: null, blocking: true, inspected: { files: 1 }, durationMs: 0, findings: [], blockers: [] } as const;
  return { ...NOTHING_MEASURED, gates: Object.fromEntries(GATES_BY_PHASE[phase].map((gate) => [gate, verdict])) };
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
