import type { Bench } from './mode.ts';

/** Ends the daemon of the benchmark, which has a cache folder and a socket of its own: nobody else's is touched. */
export async function stopDaemon(bench: Bench): Promise<void> {
  await bench.runner.run(bench.cli.command(['daemon', 'stop'], bench.root));
}
