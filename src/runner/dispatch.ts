import { treeDigests } from '../cache/tree-digests.ts';
import { createLockTable } from '../locks/thread-locks.ts';
import type { Check, CheckOutcome } from '../model/check.ts';
import type { Failure } from '../model/failure.ts';
import { BUDGET_LIMITS, LIMITS } from '../model/limits.ts';
import { TEST_RUN_LOCK } from '../model/worker-message.ts';
import { availableMemoryBytes } from '../system/machine.ts';
import { makeTempFolder, removeAbandonedFolders, removeTempFolder } from '../system/temp-folder.ts';
import type { CheckCosts } from './durations.ts';
import type { ExecuteOptions } from './execute.ts';
import { LaneBudget } from './lane-budget.ts';
import { nextLane, type Lane } from './lanes.ts';
import type { CheckCost, LaneListener } from './pool.ts';
import type { PreparedRun } from './prepare.ts';
import { RunPools } from './run-pools.ts';
import { afterSecondTry, SecondTries } from './second-tries.ts';

export interface LanesRun {
  readonly prepared: PreparedRun;
  readonly options: ExecuteOptions;
  /** Aborted with a `Failure` when what has not ended should. */
  readonly stop: AbortController;
  readonly startedMs: number;
  readonly recorded: CheckCosts;
  readonly finish: (check: Check, outcome: CheckOutcome, cost: CheckCost) => void;
}

const NO_COST: CheckCost = { durationMs: 0, peakMegabytes: null };

/** Runs all lanes, within what this machine has for them. Resolves with a note for the report where there is one. */
export async function runLanes(lanes: readonly Lane[], run: LanesRun): Promise<string | null> {
  const { options, prepared: { workspace, environment }, stop, recorded } = run;
  const { machine, clock } = options;
  const jobs = options.jobs ?? machine.cores;
  const tempRoot = await makeTempFolder();
  const { pool = null, cache = null } = options;
  const tree = pool === null || cache === null ? null : treeDigests(cache.state);
  const parts = { workspace, environment, tempRoot, locks: createLockTable({ [TEST_RUN_LOCK]: 1 }), tree };
  const pools = new RunPools({ kept: pool, threads: Math.max(1, Math.min(jobs, lanes.length)), machine, availableMemoryBytes, parts });
  const cancelByUser = (): void => { stop.abort({ reason: 'cancelled', by: 'user' } satisfies Failure); };
  const force = (): void => { pools.killNow(); };
  options.signal.addEventListener('abort', cancelByUser, { once: true });
  options.force.addEventListener('abort', force, { once: true });
  if (options.signal.aborted) cancelByUser();
  let budget: LaneBudget | null = null;
  try {
    budget = await LaneBudget.open({ environment, machine, clock, jobs, megabytes: recorded.megabytes, root: workspace.root });
    await dispatch([...lanes], { ...run, pools, budget });
    return budget.note;
  } finally {
    options.signal.removeEventListener('abort', cancelByUser);
    options.force.removeEventListener('abort', force);
    await Promise.all([pools.close(), budget?.close()]);
    await Promise.all([removeTempFolder(tempRoot), removeAbandonedFolders(clock.now())]);
  }
}

interface Dispatch extends LanesRun {
  readonly pools: RunPools;
  readonly budget: LaneBudget;
}

/** Keeps every thread busy until no lane is left. */
async function dispatch(waiting: Lane[], run: Dispatch): Promise<void> {
  const { options, stop, finish, startedMs, pools, budget } = run;
  const running = new Map<Lane, Promise<void>>();
  const timers = new Map<string, NodeJS.Timeout>();
  const secondTries = new SecondTries();
  let restarts = 0;
  const cancelRunning = (): void => {
    for (const lane of running.keys()) for (const check of lane.checks) pools.cancel(check, stop.signal.reason as Failure);
  };
  stop.signal.addEventListener('abort', cancelRunning, { once: true });
  const listener: LaneListener = {
    onStarted: (check) => {
      const limit = setTimeout(() => { pools.cancel(check, { reason: 'time-limit', limitMs: check.timeLimitMs }); }, check.timeLimitMs);
      timers.set(check.id, limit);
      tell('check-started', check);
    },
    onFinished: (check, outcome, cost) => {
      clearTimeout(timers.get(check.id));
      const again = stop.signal.aborted ? null : secondTries.laneFor(check, outcome);
      if (again === null) finish(check, secondTries.has(check) ? afterSecondTry(outcome) : outcome, cost);
      else waiting.push(again);
    },
  };
  for (;;) {
    for (let lane = startable(); lane !== null; lane = startable()) start(lane);
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  stop.signal.removeEventListener('abort', cancelRunning);
  for (const lane of waiting) for (const check of lane.checks) finish(check, { status: 'error', failure: stop.signal.reason as Failure }, NO_COST);

  function startable(): Lane | null {
    return stop.signal.aborted || running.size >= pools.threads ? null : nextLane(waiting, [...running.keys()], (lane) => pools.isReadyFor(lane));
  }

  /** Whoever looks on has seen a check start once, however often it is tried. */
  function tell(type: 'check-waiting' | 'check-started', check: Check): void {
    if (!secondTries.has(check)) options.sink({ type, check: check.id, gates: check.gates, atMs: options.clock.monotonicMs() - startedMs });
  }

  function start(lane: Lane): void {
    waiting.splice(waiting.indexOf(lane), 1);
    const berth = pools.reserve(lane, listener);
    const [first] = lane.checks;
    const wait = setTimeout(() => { if (first !== undefined) tell('check-waiting', first); }, BUDGET_LIMITS.tellMs);
    const work = (slots: number): ReturnType<typeof berth.run> => {
      clearTimeout(wait);
      return berth.run(slots);
    };
    const flight = budget.run(lane, stop.signal, work).then((rest) => {
      clearTimeout(wait);
      running.delete(lane);
      if (rest === null) {
        berth.giveUp();
        waiting.unshift(lane);
      } else if (rest.unstarted.length > 0) goOn({ ...lane, checks: rest.unstarted }, rest.died);
    });
    running.set(lane, flight);
  }

  /** A thread that was only too old is none that died. */
  function goOn(rest: Lane, died: boolean): void {
    if (!died || restarts++ < LIMITS.workerRestartsMax) waiting.unshift(rest);
    else for (const check of rest.checks) finish(check, { status: 'error', failure: { reason: 'worker-died', detail: 'threads died too often in this run' } }, NO_COST);
  }
}
