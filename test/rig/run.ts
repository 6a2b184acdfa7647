import type { UserConfig } from '../../src/model/config.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { GateId } from '../../src/model/gate.ts';
import type { RunReport } from '../../src/model/report.ts';
import { executeRun, prepareRun, type LanePool } from '../../src/runner/index.ts';
import { systemClock } from '../../src/system/clock.ts';
import { describeMachine, type Machine } from '../../src/system/machine.ts';
import { systemTestEnvironment } from './environment.ts';
import { lookFor } from './look.ts';
import type { Project } from './project.ts';

export interface InProcessRun {
  readonly config?: UserConfig;
  readonly gates: readonly GateId[];
  readonly bail?: boolean;
  readonly jobs?: number;
  readonly pool?: LanePool;
  /** With a pool: the tree is looked at before the run, unless this is false. */
  readonly isLookedAt?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** This one when absent. */
  readonly machine?: Machine;
  /** Sees each event as it comes; may abort the controller to cancel the run. */
  onEvent?(event: RunEvent, cancel: AbortController): void;
}

/** The runner with its real pool, in this process: what the command line does, without a process of its own. */
export async function runHere(project: Project, options: InProcessRun): Promise<RunReport> {
  if (options.config !== undefined) await project.write({ 'spark-gates.config.json': JSON.stringify(options.config) });
  const environment = { ...systemTestEnvironment(), ...options.environment };
  const cache = options.pool === undefined || options.isLookedAt === false ? null : await lookFor(project.root, environment);
  const result = await prepareRun({ cwd: project.root, config: null, preset: null, teams: null, paths: [], gates: options.gates, environment });
  if (!result.ok) throw new Error(result.problem);
  const cancel = new AbortController();
  return executeRun(result.prepared, {
    sink: (event) => { options.onEvent?.(event, cancel); },
    clock: systemClock,
    machine: options.machine ?? describeMachine(),
    jobs: options.jobs ?? null,
    cache,
    ...(options.pool === undefined ? {} : { pool: options.pool }),
    bail: options.bail === true,
    signal: cancel.signal,
    force: new AbortController().signal,
  });
}
