import { outcomeOfRun } from '../gates-cli.ts';
import type { Measurement } from '../measure/run-command.ts';
import { describeDifference, type Outcome } from '../outcome.ts';
import type { Bench, BenchCase, CaseRun, Mode } from './mode.ts';
import { runArguments } from './run-arguments.ts';
import { stopDaemon } from './daemon.ts';

/** They are short, so that one of them alone would say little. */
const ANSWERS = 5;

/** The same tree again. */
export const cached: Mode = {
  id: 'cached',
  letter: 'f',
  title: 'ours, nothing changed',
  explains: 'spark-gates run after the same run, nothing changed in between; without the daemon, and with it',
  cases: (bench) => [false, true].flatMap((daemon) => bench.teamCounts.map((count) => caseOf(bench, count, daemon))),
};

function caseOf(bench: Bench, count: number, daemon: boolean): BenchCase {
  const missing = daemon && !bench.cli.hasRunOption('--daemon') ? 'this version has no daemon' : bench.cli.hasRunOption('--no-cache') ? undefined : 'this version has no cache';
  return {
    id: `${daemon ? 'cached-daemon' : 'cached'}/${count}`,
    mode: 'cached',
    title: `ours, nothing changed${daemon ? ', daemon' : ''}`,
    teams: count,
    ...(missing === undefined ? {} : { missing }),
    run: () => runTwice(bench, count, daemon),
  };
}

async function runTwice(bench: Bench, count: number, daemon: boolean): Promise<CaseRun> {
  const command = bench.cli.command(runArguments(bench, count, { cache: true, daemon }), bench.root);
  try {
    // Twice: the first has the results stored, the second what is only made of them.
    await bench.runner.run(command);
    await bench.runner.run(command);
    const measurements: Measurement[] = [];
    const outcomes: Outcome[] = [];
    for (let answer = 0; answer < ANSWERS; answer += 1) {
      const { results, measurement } = await bench.runner.measure([command], 'in turn');
      measurements.push(measurement);
      outcomes.push(...results.map((result) => outcomeOfRun(result, bench.baseline.kinds)));
    }
    const [first, ...rest] = outcomes;
    const problem = first === undefined ? null : rest.map((one) => describeDifference(first, one)).find((difference) => difference !== null);
    return { measurements, outcome: first ?? null, ...(typeof problem === 'string' ? { problem: `the same question again: ${problem}` } : {}) };
  } finally {
    if (daemon) await stopDaemon(bench);
  }
}
