import type { GateId } from '../../../src/model/gate.ts';
import type { Bench } from './mode.ts';

export interface RunWishes {
  /** False: as if nothing had been run before. A version without a cache needs not be told. */
  readonly cache: boolean;
  readonly daemon?: boolean;
  /** Where the run is, when not in the tree that is measured. */
  readonly root?: string;
  /** Those of the comparison when absent. */
  readonly gates?: readonly GateId[];
}

/** The words of a run for so many teams. */
export function runArguments(bench: Bench, count: number, { cache, daemon = false, root = bench.root, gates = bench.baseline.gates }: RunWishes): string[] {
  return [
    'run', '--reporter', 'json', '--config', bench.configFile(count, root), '--gate', ...gates,
    ...(!cache && bench.cli.hasRunOption('--no-cache') ? ['--no-cache'] : []),
    ...(daemon ? ['--daemon'] : []),
  ];
}
