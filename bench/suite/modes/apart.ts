import { joinOutcomes } from '../outcome.ts';
import { outcomeOfRun } from '../gates-cli.ts';
import type { Bench, BenchCase, CaseRun, Mode } from './mode.ts';
import { runArguments } from './run-arguments.ts';

/** It takes nearly as long as the naive way. */
const ROUNDS = 2;
const ROUNDS_BESIDE = 1;

/** What our engines and threads give when nothing is shared: a run for each team, all at once. */
export const apart: Mode = {
  id: 'apart',
  letter: 'c',
  title: 'ours, cold, a run per team',
  explains: 'spark-gates run --only <team> for every team at once, each with its share of the cores: our engines and threads, and nothing shared between teams',
  cases: (bench) => bench.teamCounts.filter((count) => count > 1 && count <= bench.mainTeams).map((count): BenchCase => ({
    id: `apart/${count}`,
    mode: 'apart',
    title: 'ours, cold, a run per team',
    teams: count,
    rounds: count === bench.mainTeams ? ROUNDS : ROUNDS_BESIDE,
    run: () => runApart(bench, count),
  })),
};

async function runApart(bench: Bench, count: number): Promise<CaseRun> {
  const jobs = Math.max(1, Math.floor(bench.cores / count));
  const commands = Object.keys(bench.teams(count)).map((team) => bench.cli.command([...runArguments(bench, count, { cache: false }), '--only', team, '--jobs', String(jobs)], bench.root));
  const { results, measurement } = await bench.runner.measure(commands, 'at once');
  return { measurements: [measurement], outcome: joinOutcomes(results.map((result) => outcomeOfRun(result, bench.baseline.kinds))) };
}
