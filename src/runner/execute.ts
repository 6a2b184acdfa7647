import { GATES } from '../../gates/index.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import type { KeptResult } from '../cache/result-store.ts';
import type { Check, CheckOutcome } from '../model/check.ts';
import type { EventSink } from '../model/event.ts';
import { describeFailure, type Failure } from '../model/failure.ts';
import type { RunReport } from '../model/report.ts';
import { stopsTeam } from '../model/verdict.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import type { Clock } from '../system/clock.ts';
import type { Machine } from '../system/machine.ts';
import { makeAttribute } from './attribute.ts';
import { buildReport } from './build-report.ts';
import { runLanes } from './dispatch.ts';
import { loadCosts, NO_COSTS, saveCosts, type CheckCosts } from './durations.ts';
import { arrangeLanes } from './lanes.ts';
import { Ledger, type TeamVerdict } from './ledger.ts';
import type { CheckCost, LanePool } from './pool.ts';
import type { PreparedRun } from './prepare.ts';

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
      if (options.bail && stopsTeam(one.verdict)) stop.abort({ reason: 'cancelled', by: 'bail' } satisfies Failure);
    }
  };
  announce(ledger.due());

  const folder = cacheFolder(environment);
  const recorded = folder === null ? NO_COSTS : await loadCosts(folder, workspace.root);
  const megabytes = new Map<string, number>();
  const kept = (await options.cache?.lookUp(plan.checks, workspace)) ?? new Map<string, KeptResult>();
  const reasons = options.why === true ? await options.cache?.explain(workspace) : undefined;
  const finish = (check: Check, outcome: CheckOutcome, { durationMs, peakMegabytes }: CheckCost): void => {
    if (peakMegabytes !== null && outcome.status === 'done') megabytes.set(check.id, peakMegabytes);
    for (const finding of outcome.status === 'skipped' ? [] : (outcome.findings ?? [])) options.sink({ type: 'finding', check: check.id, finding });
    const reason = outcome.status === 'skipped' ? outcome.reason : outcome.status === 'error' ? describeFailure(outcome.failure) : null;
    options.sink({ type: 'check-finished', check: check.id, gates: check.gates, status: outcome.status, reason, durationMs, ...(kept.has(check.id) ? { cached: true } : {}) });
    announce(ledger.record({ check, outcome, durationMs }));
  };
  for (const check of plan.checks) {
    const result = kept.get(check.id);
    if (result === undefined) continue;
    options.sink({ type: 'check-started', check: check.id, gates: check.gates, atMs: options.clock.monotonicMs() - startedMs });
    finish(check, result.outcome, { durationMs: result.durationMs, peakMegabytes: null });
  }
  const waiting = plan.checks.filter((check) => !kept.has(check.id));
  const note = waiting.length === 0 ? null : await runLanes(arrangeLanes(waiting, recorded.ms), { prepared, options, stop, startedMs, recorded, finish });

  const notes = note === null ? prepared.notes : [...prepared.notes, note];
  const why = (check: string): string => (kept.has(check) ? 'kept' : (reasons?.get(check) ?? 'no results are kept here'));
  const report = buildReport({ prepared: { ...prepared, notes }, ledger, verdicts, cached: new Set(kept.keys()), ...(options.why === true ? { why } : {}), durationMs: options.clock.monotonicMs() - startedMs, cancelled: stop.signal.aborted });
  if (folder !== null) await rememberCosts(folder, workspace.root, recorded, { ledger, megabytes });
  options.cache?.record([...ledger.ended.values()], workspace);
  options.sink({ type: 'run-finished', report });
  return report;
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
