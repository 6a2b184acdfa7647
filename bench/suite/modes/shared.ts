import { z } from 'zod';
import { outcomeOfRun, reportOf } from '../gates-cli.ts';
import { describeDifference } from '../outcome.ts';
import { crashed } from '../tools/tool-trouble.ts';
import type { Bench, BenchCase, CaseRun, Mode } from './mode.ts';
import { runArguments } from './run-arguments.ts';

/** Of rows of which nothing is promised but that they are about the same, and of those that only explain. */
const ROUNDS_BESIDE = 3;

/** The product as it is started in CI. */
export const shared: Mode = {
  id: 'shared',
  letter: 'd',
  title: 'ours, cold',
  explains: 'spark-gates run --no-cache: every check once for all teams; process start included',
  cases: (bench) => [
    ...bench.teamCounts.map((count): BenchCase => ({
      id: `shared/${count}`,
      mode: 'shared',
      title: 'ours, cold',
      teams: count,
      ...(count > 1 && count <= bench.mainTeams ? {} : { rounds: ROUNDS_BESIDE }),
      run: () => runShared(bench, count),
    })),
    {
      id: ONE_JOB,
      mode: 'shared',
      title: 'ours, cold, one check at a time',
      teams: bench.mainTeams,
      rounds: ROUNDS_BESIDE,
      run: () => runInTurn(bench),
    },
    {
      id: TWO_WORKTREES,
      mode: 'shared',
      title: 'ours, cold, two worktrees at once: the slower',
      teams: bench.mainTeams,
      rounds: ROUNDS_BESIDE,
      alone: `shared/${bench.mainTeams}`,
      run: () => runInTwo(bench),
    },
  ],
};

/** Nothing disturbs anything there: what its work costs and how long each part takes is the base of the lower bound. */
export const ONE_JOB = 'shared-one-job';
/** Two runs that share the machine, as two people or two agents start them. */
export const TWO_WORKTREES = 'shared-two-worktrees';

async function runShared(bench: Bench, count: number): Promise<CaseRun> {
  const { results: [result], measurement } = await bench.runner.measure([bench.cli.command(runArguments(bench, count, { cache: false }), bench.root)], 'in turn');
  return { measurements: [measurement], outcome: result === undefined ? null : outcomeOfRun(result, bench.baseline.kinds) };
}

async function runInTwo(bench: Bench): Promise<CaseRun> {
  const commands = [bench.root, bench.otherRoot].map((root) => bench.cli.command(runArguments(bench, bench.mainTeams, { cache: false, root }), root));
  const { results, measurement } = await bench.runner.measure(commands, 'at once');
  const [outcome, other] = results.map((result) => outcomeOfRun(result, bench.baseline.kinds));
  const difference = outcome === undefined || other === undefined ? null : describeDifference(outcome, other);
  return { measurements: [measurement], outcome: outcome ?? null, ...(difference === null ? {} : { problem: `the other worktree has ${difference}` }) };
}

const planSchema = z.object({
  checks: z.array(z.object({ id: z.string(), coresMax: z.number().int().positive() })),
  lanes: z.array(z.object({ name: z.string(), checks: z.array(z.string()) })),
});

/** Its parts are the lanes, for a lane is what cannot be split, but for what a tool of its can do by itself on several cores. */
async function runInTurn(bench: Bench): Promise<CaseRun> {
  const { results: [result], measurement } = await bench.runner.measure([bench.cli.command([...runArguments(bench, bench.mainTeams, { cache: false }), '--jobs', '1'], bench.root)], 'in turn');
  const plan = await bench.runner.run(bench.cli.command(['plan', '--json', '--config', bench.configFile(bench.mainTeams), '--gate', ...bench.baseline.gates], bench.root));
  if (plan.exitCode !== 0) throw crashed('spark-gates plan', plan);
  if (result === undefined) return { measurements: [measurement], outcome: null };
  const durations = new Map(reportOf(result).checks.map(({ id, durationMs }) => [id, durationMs]));
  const { checks, lanes } = planSchema.parse(JSON.parse(plan.stdout));
  const cores = new Map(checks.map(({ id, coresMax }) => [id, Math.min(coresMax, bench.cores)]));
  return {
    measurements: [measurement],
    outcome: outcomeOfRun(result, bench.baseline.kinds),
    parts: lanes.map(({ name, checks: its }) => ({ name, wallMs: its.reduce((sum, id) => sum + (durations.get(id) ?? 0) / (cores.get(id) ?? 1), 0), cpuMs: 0 })),
  };
}
