import { stat, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GATE_IDS, type GateId } from '../../src/model/gate.ts';
import { prepareRun } from '../../src/runner/index.ts';
import type { Workspace } from '../../src/model/workspace.ts';
import { loadConfig } from '../../src/workspace/config-file.ts';
import { discoverWorkspace } from '../../src/workspace/discover.ts';
import { BenchTrouble } from './bench-trouble.ts';
import { CONFIG_FOLDER } from './copy-tree.ts';
import { GatesCli } from './gates-cli.ts';
import type { CommandRunner } from './measure/run-command.ts';
import type { Bench } from './modes/mode.ts';
import { splitFiles } from './split-files.ts';
import { planBaseline } from './tools/index.ts';
import type { Toolbox } from './tools/toolbox.ts';

export interface OpenBench {
  /** Absolute: the copy. */
  readonly root: string;
  /** Absolute: another worktree of it. */
  readonly otherRoot: string;
  readonly folder: string;
  readonly runner: CommandRunner;
  readonly toolbox: Toolbox;
  readonly cores: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly teamCounts: readonly number[];
  readonly mainTeams: number;
  readonly gates: readonly GateId[];
}

export interface Opened {
  readonly bench: Bench;
  readonly workspace: Workspace;
  readonly bytes: number;
}

/** Finds out what there is to measure: the files and their teams, the tools that do the same, and what is to be compared. */
export async function openBench(options: OpenBench): Promise<Opened> {
  const { root, otherRoot, folder, runner, toolbox, environment, teamCounts, mainTeams } = options;
  const loaded = await loadConfig({ root, explicit: null, cwd: root });
  if (!loaded.ok) throw new BenchTrouble(loaded.problem);
  const workspace = await discoverWorkspace({ cwd: root, base: 'HEAD', exclude: loaded.config.exclude ?? [], environment });
  const sized = await Promise.all(workspace.files.map(async (file) => ({ file, bytes: (await stat(path.join(root, file))).size })));
  const teams = new Map([1, ...teamCounts, mainTeams].map((count) => [count, splitFiles(sized, count)]));
  // In the tree, for a run with a configuration from elsewhere is not kept; git ignores it there, and so does every tool.
  const configFile = (count: number, tree = root): string => path.join(tree, CONFIG_FOLDER, `teams-${count}.json`);
  for (const tree of [root, otherRoot]) {
    await mkdir(path.join(tree, CONFIG_FOLDER), { recursive: true });
    for (const [count, split] of teams) await writeFile(configFile(count, tree), JSON.stringify({ ...loaded.config, teams: split, gates: comparableGates(loaded.config.gates ?? {}) }));
  }
  const prepared = await prepareRun({ cwd: root, config: configFile(1), preset: null, teams: null, paths: [], gates: null, environment });
  if (!prepared.ok) throw new BenchTrouble(prepared.problem);
  if (workspace.setupProblem !== null) throw new BenchTrouble(workspace.setupProblem);
  const baseline = await planBaseline(prepared.prepared, { toolbox, folder, gates: GATE_IDS.filter((id) => options.gates.includes(id)) });
  if (baseline.steps.length === 0) throw new BenchTrouble('there is no tool to compare with: no tsconfig.json, no ESLint configuration, no tests');
  const cli = await GatesCli.open(runner, root);
  const bench: Bench = { root, otherRoot, folder, runner, cli, baseline, toolbox, cores: options.cores, environment, teamCounts, mainTeams, teams: (count) => teams.get(count) ?? {}, configFile };
  return { bench, workspace, bytes: sized.reduce((sum, one) => sum + one.bytes, 0) };
}

/** The user's settings, without what asks the network and what judges by a threshold: both would make the exit status another thing than the tools'. */
function comparableGates(gates: Readonly<Partial<Record<GateId, object>>>): object {
  return {
    ...gates,
    security_analysis: { ...gates.security_analysis, audit: 'off' },
    test_coverage: { ...gates.test_coverage, thresholds: { lines: 0 } },
    performance_check: { ...gates.performance_check, benchmarks: {}, bundles: [], loadTimes: [] },
  };
}
