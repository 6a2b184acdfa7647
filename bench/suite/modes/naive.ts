import path from 'node:path';
import type { Command } from '../measure/run-command.ts';
import type { Bench, BenchCase, CaseRun, Mode } from './mode.ts';
import { emptyFolder, outcomeOfSteps, reportFile, type StepCall } from './run-steps.ts';

/** It takes minutes, and is only what ours is a share of. */
const ROUNDS = 3;
const ROUNDS_BESIDE = 1;

/** What a team does that has its own script of tools, and its turn. */
export const naive: Mode = {
  id: 'naive',
  letter: 'a',
  title: 'naive sequential',
  explains: "team after team, tool after tool, each tool's own command line; ESLint, secretlint and the test runner are told the team's files, the compiler cannot be",
  cases: (bench) => bench.teamCounts.filter((count) => count <= bench.mainTeams).map((count): BenchCase => ({
    id: `naive/${count}`,
    mode: 'naive',
    title: 'naive sequential',
    teams: count,
    rounds: count === bench.mainTeams ? ROUNDS : ROUNDS_BESIDE,
    run: () => runTeams(bench, count),
  })),
};

async function runTeams(bench: Bench, count: number): Promise<CaseRun> {
  const folder = await emptyFolder(path.join(bench.folder, `naive-${count}`));
  const calls: (StepCall & { readonly command: Command })[] = [];
  for (const [team, files] of Object.entries(bench.teams(count))) {
    // One team has everything: its script has no reason to name files.
    const own = count === 1 ? null : new Set(files);
    for (const step of bench.baseline.steps) {
      const report = reportFile(folder, step, team);
      const command = step.command(own, report);
      if (command !== null) calls.push({ step, report, command });
    }
  }
  const { results, measurement } = await bench.runner.measure(calls.map(({ command }) => command), 'in turn');
  return {
    measurements: [measurement],
    outcome: await outcomeOfSteps(calls, results),
    parts: calls.map(({ step }, index) => ({ name: step.id, wallMs: results[index]?.wallMs ?? 0, cpuMs: results[index]?.cpuMs ?? 0 })),
  };
}
