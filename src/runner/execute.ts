import { GATES } from '../../gates/index.ts';
import { createLockTable } from '../locks/thread-locks.ts';
import type { Check, CheckOutcome } from '../model/check.ts';
import type { EventSink } from '../model/event.ts';
import { describeFailure, type Failure } from '../model/failure.ts';
import { LIMITS } from '../model/limits.ts';
import type { RunReport } from '../model/report.ts';
import { TEST_RUN_LOCK } from '../model/worker-message.ts';
import type { Clock } from '../system/clock.ts';
import { availableMemoryBytes, type Machine } from '../system/machine.ts';
import { makeTempFolder, removeTempFolder } from '../system/temp-folder.ts';
import { makeAttribute } from './attribute.ts';
import { cacheFolder, loadCosts, NO_COSTS, saveCosts, type CheckCosts } from './durations.ts';
import { LaneBudget } from './lane-budget.ts';
import { arrangeLanes, nextLane, type Lane } from './lanes.ts';
import { Ledger, type TeamVerdict } from './ledger.ts';
import type { CheckCost, LaneListener } from './pool.ts';
import type { PreparedRun } from './prepare.ts';
import { buildReport } from './build-report.ts';
import { RunPools } from './run-pools.ts';
import { afterSecondTry, SecondTries } from './second-tries.ts';

export interface ExecuteOptions {
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly machine: Machine;
  /** Most checks at once; null: one a core. */
  readonly jobs: number | null;
  /** Stop everything at the first blocking verdict that is no pass. */
  readonly bail: boolean;
  /** Ends the run in good order: tools are asked to stop, then made to. */
  readonly signal: AbortSignal;
  /** Ends it without waiting. */
  readonly force: AbortSignal;
}

/** Runs a prepared plan and reports it. Nothing of it is left when the promise settles: workers, tools, temporary folders. */
export async function executeRun(prepared: PreparedRun, options: ExecuteOptions): Promise<RunReport> {
  const startedMs = options.clock.monotonicMs();
  const { workspace, environment, plan, teams, settings, graph } = prepared;
  const ledger = new Ledger({ plan, teams, settings, registry: GATES, attribute: makeAttribute({ teams, changed: workspace.changed === null ? null : [...workspace.changed, ...workspace.removed], graph }), graph });
  const verdicts: TeamVerdict[] = [];
  options.sink({
    type: 'run-started',
    root: workspace.root,
    teams: teams.map((team) => ({ name: team.name, files: team.files.length })),
    gates: plan.gates,
    checks: plan.checks,
    cells: plan.cells,
    notes: prepared.notes,
  });
  const stop = new AbortController();
  const announce = (due: readonly TeamVerdict[]): void => {
    for (const one of due) {
      verdicts.push(one);
      options.sink({ type: 'verdict', ...one });
      const { status, blocking } = one.verdict;
      if (options.bail && blocking && (status === 'failed' || status === 'error')) stop.abort({ reason: 'cancelled', by: 'bail' } satisfies Failure);
    }
  };
  announce(ledger.due());

  const folder = cacheFolder(environment);
  const recorded = folder === null ? NO_COSTS : await loadCosts(folder, workspace.root);
  const megabytes = new Map<string, number>();
  const finish = (check: Check, outcome: CheckOutcome, { durationMs, peakMegabytes }: CheckCost): void => {
    if (peakMegabytes !== null && outcome.status === 'done') megabytes.set(check.id, peakMegabytes);
    for (const finding of outcome.status === 'skipped' ? [] : (outcome.findings ?? [])) options.sink({ type: 'finding', check: check.id, finding });
    const reason = outcome.status === 'skipped' ? outcome.reason : outcome.status === 'error' ? describeFailure(outcome.failure) : null;
    options.sink({ type: 'check-finished', check: check.id, gates: check.gates, status: outcome.status, reason, durationMs });
    announce(ledger.record({ check, outcome, durationMs }));
  };
  const note = plan.checks.length === 0 ? null : await runLanes(arrangeLanes(plan.checks, recorded.ms), { prepared, options, stop, startedMs, recorded, finish });

  const notes = note === null ? prepared.notes : [...prepared.notes, note];
  const report = buildReport({ prepared: { ...prepared, notes }, ledger, verdicts, durationMs: options.clock.monotonicMs() - startedMs, cancelled: stop.signal.aborted });
  if (folder !== null) await rememberCosts(folder, workspace.root, recorded, { ledger, megabytes });
  options.sink({ type: 'run-finished', report });
  return report;
}

interface LanesRun {
  readonly prepared: PreparedRun;
  readonly options: ExecuteOptions;
  /** Aborted with a `Failure` when what has not ended should. */
  readonly stop: AbortController;
  readonly startedMs: number;
  readonly recorded: CheckCosts;
  readonly finish: (check: Check, outcome: CheckOutcome, cost: CheckCost) => void;
}

const NO_COST: CheckCost = { durationMs: 0, peakMegabytes: null };

/** Resolves with a note for the report where there is one. */
async function runLanes(lanes: readonly Lane[], run: LanesRun): Promise<string | null> {
  const { options, prepared: { workspace, environment }, stop, recorded } = run;
  const { machine, clock } = options;
  const jobs = options.jobs ?? machine.cores;
  const threads = Math.max(1, Math.min(jobs, lanes.length));
  const tempRoot = await makeTempFolder();
  const pools = new RunPools({ threads, machine, availableMemoryBytes, workspace, environment, tempRoot, locks: createLockTable({ [TEST_RUN_LOCK]: 1 }) });
  const cancelByUser = (): void => { stop.abort({ reason: 'cancelled', by: 'user' } satisfies Failure); };
  const force = (): void => { pools.killNow(); };
  options.signal.addEventListener('abort', cancelByUser, { once: true });
  options.force.addEventListener('abort', force, { once: true });
  if (options.signal.aborted) cancelByUser();
  try {
    const budget = await LaneBudget.open({ environment, machine, clock, jobs, megabytes: recorded.megabytes, root: workspace.root });
    await dispatch([...lanes], { ...run, pools, budget, threads });
    return budget.note;
  } finally {
    options.signal.removeEventListener('abort', cancelByUser);
    options.force.removeEventListener('abort', force);
    await pools.close();
    await removeTempFolder(tempRoot);
  }
}

interface Dispatch extends LanesRun {
  readonly pools: RunPools;
  readonly budget: LaneBudget;
  readonly threads: number;
}

/** Keeps every thread busy until no lane is left. */
async function dispatch(waiting: Lane[], run: Dispatch): Promise<void> {
  const { options, stop, finish, startedMs, pools, budget, threads } = run;
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
      if (!secondTries.has(check)) options.sink({ type: 'check-started', check: check.id, gates: check.gates, atMs: options.clock.monotonicMs() - startedMs });
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
    return stop.signal.aborted || running.size >= threads ? null : nextLane(waiting, [...running.keys()]);
  }

  function start(lane: Lane): void {
    waiting.splice(waiting.indexOf(lane), 1);
    const flight = budget.run(lane, stop.signal, (slots) => pools.of(lane).run(lane, slots, listener)).then((unstarted) => {
      running.delete(lane);
      if (unstarted === null) waiting.unshift(lane);
      else if (unstarted.length > 0) goOn(lane, unstarted);
    });
    running.set(lane, flight);
  }

  function goOn(lane: Lane, unstarted: readonly Check[]): void {
    if (restarts++ < LIMITS.workerRestartsMax) waiting.unshift({ ...lane, checks: unstarted });
    else for (const check of unstarted) finish(check, { status: 'error', failure: { reason: 'worker-died', detail: 'threads died too often in this run' } }, NO_COST);
  }
}

async function rememberCosts(folder: string, root: string, recorded: CheckCosts, { ledger, megabytes }: { readonly ledger: Ledger; readonly megabytes: ReadonlyMap<string, number> }): Promise<void> {
  const done = [...ledger.ended.values()].filter((one) => one.outcome.status === 'done');
  try {
    await saveCosts(folder, root, recorded, { ms: new Map(done.map((one) => [one.check.id, one.durationMs])), megabytes });
  } catch (error) {
    // A read-only or full home folder costs the next run its order of work, and nothing else.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
