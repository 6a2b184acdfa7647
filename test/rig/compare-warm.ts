import type { GateId } from '../../src/model/gate.ts';
import type { RunReport } from '../../src/model/report.ts';
import { executeRun, prepareRun, type LanePool } from '../../src/runner/index.ts';
import { systemClock } from '../../src/system/clock.ts';
import { describeMachine } from '../../src/system/machine.ts';
import { systemTestEnvironment } from './environment.ts';
import { lookFor } from './look.ts';

export const WARM_GATES: readonly GateId[] = ['syntax_validation', 'type_verification', 'lint_enforcement', 'security_analysis', 'documentation_check'];

export interface TimedRun {
  /** Without its durations. */
  readonly report: string;
  /** From the prepared run on. */
  readonly executeMs: number;
  readonly original: RunReport;
}

/** Runs the gates of a tree in a pool's threads, or in new ones. */
export async function timedRun(root: string, pool: LanePool | null, gates: readonly GateId[] = WARM_GATES): Promise<TimedRun> {
  const environment = systemTestEnvironment();
  const cache = pool === null ? null : await lookFor(root, environment);
  const result = await prepareRun({ cwd: root, config: null, preset: null, teams: null, paths: [], gates, environment });
  if (!result.ok) throw new Error(result.problem);
  const startedMs = performance.now();
  const original = await executeRun(result.prepared, {
    sink: () => undefined,
    clock: systemClock,
    machine: describeMachine(),
    jobs: null,
    bail: false,
    signal: new AbortController().signal,
    force: new AbortController().signal,
    cache,
    ...(pool === null ? {} : { pool }),
  });
  return { report: JSON.stringify(original, (key, value: unknown) => (key === 'durationMs' ? 0 : value), 1), executeMs: performance.now() - startedMs, original };
}

/** The first lines in which two reports differ. */
export function firstDifference(warm: string, cold: string): string | null {
  if (warm === cold) return null;
  const [a, b] = [warm.split('\n'), cold.split('\n')];
  const at = a.findIndex((line, index) => line !== b[index]);
  const from = Math.max(0, at - 4);
  return `line ${at}\nwarm:\n${a.slice(from, at + 6).join('\n')}\ncold:\n${b.slice(from, at + 6).join('\n')}`;
}
