import { GATES } from '../../gates/index.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import type { KeptResult } from '../cache/result-store.ts';
import { createLockTable } from '../locks/thread-locks.ts';
import type { Check, CheckOutcome } from '../model/check.ts';
import type { EventSink } from '../model/event.ts';
import { describeFailure, type Failure } from '../model/failure.ts';
import { LIMITS } from '../model/limits.ts';
import type { RunReport } from '../model/report.ts';
import { TEST_RUN_LOCK, TOOL_SLOTS } from '../model/worker-message.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import type { Clock } from '../system/clock.ts';
import type { Machine } from '../system/machine.ts';
import { makeTempFolder, removeTempFolder } from '../system/temp-folder.ts';
import { makeAttribute } from './attribute.ts';
import { loadDurations, saveDurations } from './durations.ts';
import { arrangeLanes, nextLane, type Lane } from './lanes.ts';
import { Ledger, type TeamVerdict } from './ledger.ts';
import { makeLanePool } from './make-pool.ts';
import type { LanePool, RunParts } from './pool.ts';
import type { PreparedRun } from './prepare.ts';
import { buildReport } from './build-report.ts';

export interface ExecuteOptions {
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly machine: Machine;
  /** Most checks at once; null: one a core. */
  readonly jobs: number | null;
  /** Threads that outlive the run and remember its lanes, instead of those that it makes and ends itself. */
  readonly pool?: LanePool;
  /** Stop everything at the first blocking verdict that is no pass. */
  readonly bail: boolean;
  /** Ends the run in good order: tools are asked to stop, then made to. */
  readonly signal: AbortSignal;
  /** Ends it without waiting. */
  readonly force: AbortSignal;
  /**
   * Results of earlier runs; opened before the run was prepared, since what is planned must be of the tree that it saw. It is told how
   * the checks ended, and keeps that when the caller says so (`settle`). Absent or null: everything runs, and nothing is kept.
   */
  readonly cache?: ResultCache | null;
  /** Say of each check in the report why it ran. */
  readonly why?: boolean;
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
  const recorded = folder === null ? new Map<string, number>() : await loadDurations(folder, workspace.root);
  const kept = (await options.cache?.lookUp(plan.checks, workspace)) ?? new Map<string, KeptResult>();
  const reasons = options.why === true ? await options.cache?.explain(workspace) : undefined;
  const finish = (check: Check, outcome: CheckOutcome, durationMs: number): void => {
    for (const finding of outcome.status === 'skipped' ? [] : (outcome.findings ?? [])) options.sink({ type: 'finding', check: check.id, finding });
    const reason = outcome.status === 'skipped' ? outcome.reason : outcome.status === 'error' ? describeFailure(outcome.failure) : null;
    options.sink({ type: 'check-finished', check: check.id, gates: check.gates, status: outcome.status, reason, durationMs, ...(kept.has(check.id) ? { cached: true } : {}) });
    announce(ledger.record({ check, outcome, durationMs }));
  };
  for (const check of plan.checks) {
    const result = kept.get(check.id);
    if (result === undefined) continue;
    options.sink({ type: 'check-started', check: check.id, gates: check.gates, atMs: options.clock.monotonicMs() - startedMs });
    finish(check, result.outcome, result.durationMs);
  }
  const waiting = plan.checks.filter((check) => !kept.has(check.id));
  if (waiting.length > 0) await runLanes(arrangeLanes(waiting, recorded), { prepared, options, stop, startedMs, finish });

  const report = buildReport({ prepared, ledger, verdicts, cached: new Set(kept.keys()), ...(options.why === true ? { why: (check) => (kept.has(check) ? 'kept' : (reasons?.get(check) ?? 'no results are kept here')) } : {}), durationMs: options.clock.monotonicMs() - startedMs, cancelled: stop.signal.aborted });
  if (folder !== null) await rememberDurations(folder, workspace.root, recorded, ledger);
  options.cache?.record([...ledger.ended.values()], workspace);
  options.sink({ type: 'run-finished', report });
  return report;
}

interface LanesRun {
  readonly prepared: PreparedRun;
  readonly options: ExecuteOptions;
  /** Aborted with a `Failure` when what has not ended should. */
  readonly stop: AbortController;
  readonly startedMs: number;
  readonly finish: (check: Check, outcome: CheckOutcome, durationMs: number) => void;
}

async function runLanes(lanes: readonly Lane[], run: LanesRun): Promise<void> {
  const { options, prepared, stop } = run;
  const pool = options.pool ?? makeLanePool({ machine: options.machine, threads: Math.min(options.jobs ?? options.machine.cores, lanes.length), kept: false });
  const tempRoot = await makeTempFolder();
  const parts: RunParts = {
    workspace: prepared.workspace,
    environment: prepared.environment,
    tempRoot,
    // Every thread can always have one slot, and one tool beside them all the cores: nobody waits, and the sum is bounded.
    locks: createLockTable({ [TEST_RUN_LOCK]: 1, [TOOL_SLOTS]: 2 * pool.threads - 1 }),
  };
  const cancelByUser = (): void => { stop.abort({ reason: 'cancelled', by: 'user' } satisfies Failure); };
  const force = (): void => { pool.killNow(); };
  options.signal.addEventListener('abort', cancelByUser, { once: true });
  options.force.addEventListener('abort', force, { once: true });
  if (options.signal.aborted) cancelByUser();
  try {
    await dispatch([...lanes], pool, { ...run, parts });
  } finally {
    options.signal.removeEventListener('abort', cancelByUser);
    options.force.removeEventListener('abort', force);
    if (pool !== options.pool) await pool.close();
    await removeTempFolder(tempRoot);
  }
}

/** Keeps every thread busy until no lane is left. */
async function dispatch(waiting: Lane[], pool: LanePool, run: LanesRun & { readonly parts: RunParts }): Promise<void> {
  const { options, stop, finish, startedMs, parts } = run;
  const most = Math.min(options.jobs ?? Infinity, pool.threads);
  const running = new Map<Lane, Promise<void>>();
  const timers = new Map<string, NodeJS.Timeout>();
  let restarts = 0;
  const cancelRunning = (): void => {
    for (const lane of running.keys()) for (const check of lane.checks) pool.cancel(check, stop.signal.reason as Failure);
  };
  stop.signal.addEventListener('abort', cancelRunning, { once: true });
  const listener = {
    onStarted: (check: Check): void => {
      const limit = setTimeout(() => { pool.cancel(check, { reason: 'time-limit', limitMs: check.timeLimitMs }); }, check.timeLimitMs);
      timers.set(check.id, limit);
      options.sink({ type: 'check-started', check: check.id, gates: check.gates, atMs: options.clock.monotonicMs() - startedMs });
    },
    onFinished: (check: Check, outcome: CheckOutcome, durationMs: number): void => {
      clearTimeout(timers.get(check.id));
      finish(check, outcome, durationMs);
    },
  };
  for (;;) {
    for (let lane = startable(); lane !== null; lane = startable()) start(lane);
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  stop.signal.removeEventListener('abort', cancelRunning);
  for (const lane of waiting) for (const check of lane.checks) finish(check, { status: 'error', failure: stop.signal.reason as Failure }, 0);

  function startable(): Lane | null {
    return stop.signal.aborted || running.size >= most ? null : nextLane(waiting, [...running.keys()], (lane) => pool.isReadyFor(lane));
  }

  function start(lane: Lane): void {
    waiting.splice(waiting.indexOf(lane), 1);
    const flight = pool.run(lane, listener, parts).then(({ unstarted, died }) => {
      running.delete(lane);
      if (unstarted.length === 0) return;
      if (!died || restarts++ < LIMITS.workerRestartsMax) waiting.unshift({ ...lane, checks: unstarted });
      else for (const check of unstarted) finish(check, { status: 'error', failure: { reason: 'worker-died', detail: 'threads died too often in this run' } }, 0);
    });
    running.set(lane, flight);
  }
}

async function rememberDurations(folder: string, root: string, recorded: ReadonlyMap<string, number>, ledger: Ledger): Promise<void> {
  const newest = [...ledger.ended.values()].filter((one) => one.outcome.status === 'done').map((one) => [one.check.id, one.durationMs] as const);
  try {
    await saveDurations(folder, root, recorded, new Map(newest));
  } catch (error) {
    // A read-only or full home folder costs the next run its order of work, and nothing else.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
