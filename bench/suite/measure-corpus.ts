import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { makeTempFolder, removeTempFolder } from '../../src/system/temp-folder.ts';
import type { GateId } from '../../src/model/gate.ts';
import { BenchTrouble } from './bench-trouble.ts';
import { addWorktree, copyTree } from './copy-tree.ts';
import type { CorpusResult } from './document.ts';
import { CommandRunner } from './measure/run-command.ts';
import { MODES } from './modes/index.ts';
import type { Bench, BenchCase, ModeId } from './modes/mode.ts';
import { naive } from './modes/naive.ts';
import { openBench, type Opened } from './open-bench.ts';
import type { Outcome } from './outcome.ts';
import { describeDifference } from './outcome.ts';
import { Records } from './records.ts';
import { orderOf } from './rounds.ts';
import type { Toolbox } from './tools/toolbox.ts';

export interface MeasureOptions {
  readonly name: string;
  readonly title: string;
  /** Absolute; only read. */
  readonly source: string;
  readonly toolbox: Toolbox;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cores: number;
  readonly runs: number;
  readonly teamCounts: readonly number[];
  readonly mainTeams: number;
  readonly gates: readonly GateId[];
  /** Null: all. */
  readonly modes: readonly ModeId[] | null;
  readonly signal: AbortSignal;
  /** No time is left when it aborts: what has been measured by then is the result. */
  readonly deadline: AbortSignal;
  readonly isQuick: boolean;
  readonly onProgress: (sentence: string) => void;
  /** Told of all figures so far, again and again. */
  readonly onResult: (result: CorpusResult) => void;
}

/** Where time may run out, what the answer is made of comes first, by how ids begin: our own time before what it is compared with, which may take all there is. */
const QUICK_ORDER = ['shared/', 'cached', 'naive', 'tuned', 'warm', 'shared-', 'apart'];

/** Measures one tree in all modes. Nothing of it is left: processes, daemon, copy. */
export async function measureCorpus(options: MeasureOptions): Promise<CorpusResult> {
  const work = await makeTempFolder();
  const environment = await makeEnvironment(work, options.environment);
  const signal = AbortSignal.any([options.signal, options.deadline]);
  const runner = new CommandRunner({ environment, marker: randomUUID(), folder: path.join(work, 'output'), signal });
  try {
    options.onProgress(`${options.name}: copying ${options.source}`);
    const root = path.join(work, 'tree');
    await copyTree(options.source, root, { environment, signal });
    const otherRoot = path.join(work, 'other-tree');
    await addWorktree(options.source, root, otherRoot, { environment, signal });
    const opened = await openBench({ ...options, root, otherRoot, folder: path.join(work, 'reports'), runner, environment });
    const records = new Records();
    const reference = await runRounds(opened.bench, records, options, (found) => { options.onResult(describe(opened, records, found, options)); });
    return describe(opened, records, reference, options);
  } finally {
    await runner.end();
    await removeTempFolder(work);
  }
}

/** A home of its own for caches and sockets, so that no daemon and no result of the user's is used or touched; and no CI, where daemons are off. */
async function makeEnvironment(work: string, base: MeasureOptions['environment']): Promise<Record<string, string | undefined>> {
  const folders = { XDG_CACHE_HOME: path.join(work, 'cache'), XDG_RUNTIME_DIR: path.join(work, 'run'), TMPDIR: path.join(work, 'tmp') };
  for (const folder of Object.values(folders)) await mkdir(folder, { mode: 0o700 });
  return { ...base, CI: undefined, FORCE_COLOR: undefined, NO_COLOR: '1', NODE_V8_COVERAGE: undefined, NODE_OPTIONS: undefined, SPARK_GATES_DAEMON: undefined, ...folders };
}

/** The reference first, which warms up the disk's cache as well; then every case once a round. */
async function runRounds(bench: Bench, records: Records, options: MeasureOptions, onResult: (reference: Outcome) => void): Promise<Outcome> {
  const { name, modes, onProgress, runs } = options;
  const all = MODES.flatMap((mode) => mode.cases(bench)).filter(({ mode }) => modes?.includes(mode) !== false);
  for (const one of all) records.add(one);
  const cases = options.isQuick ? [...all].sort((a, b) => quickRank(a) - quickRank(b)) : all;
  onProgress(`${name}: the reference, each tool once`);
  const [reference] = naive.cases({ ...bench, teamCounts: [1] });
  const run = await reference?.run();
  const outcome = run?.outcome;
  if (outcome === undefined || outcome === null) throw new BenchTrouble('the reference has no findings to compare with');
  for (const { name: part, wallMs, cpuMs } of run?.parts ?? []) onProgress(`${name}: ${part} takes ${(wallMs / 1_000).toFixed(1)} s, ${(cpuMs / 1_000).toFixed(1)} s of CPU`);
  try {
    await warmUp(cases, bench);
    for (let round = 0; round < runs; round += 1) {
      for (const one of orderOf(cases, round)) {
        if (!records.isOpen(one, round)) continue;
        // Beside each, so that it meets the same load.
        records.emptyProcess(round, (await bench.runner.run({ file: process.execPath, args: ['-e', '0'], cwd: bench.root })).wallMs);
        await runCase(one, round, { records, reference: outcome, options });
        onProgress(`${name}: round ${round + 1} of ${runs}, ${records.sentence(one, round)}`);
        onResult(outcome);
      }
    }
  } catch (error) {
    options.signal.throwIfAborted();
    if (!options.deadline.aborted) throw error;
    records.endOfTime();
  } finally {
    for (const one of cases) await one.close?.();
  }
  return outcome;
}

function quickRank({ id }: BenchCase): number {
  return QUICK_ORDER.findIndex((prefix) => id.startsWith(prefix));
}

/** Once each of what is ours, uncounted: the first run of all reads everything from the disk, and has no recorded durations. */
async function warmUp(cases: readonly BenchCase[], bench: Bench): Promise<void> {
  const cold = cases.find(({ id }) => id === `shared/${bench.mainTeams}`);
  try {
    await cold?.run();
  } catch (error) {
    // It will be found broken when it counts.
    if (!(error instanceof BenchTrouble)) throw error;
  }
}

async function runCase(one: BenchCase, round: number, { records, reference, options }: { records: Records; reference: Outcome; options: MeasureOptions }): Promise<void> {
  try {
    const run = await one.run();
    const problem = run.problem ?? (run.outcome === null ? null : describeDifference(reference, run.outcome));
    if (problem === null) records.keep(one, round, run);
    else records.fail(one, problem);
  } catch (error) {
    if (options.signal.aborted || options.deadline.aborted) throw error;
    // A catch-all on purpose: whatever breaks a mode costs its row, and is said there.
    records.fail(one, error instanceof Error ? error.message : String(error));
  }
}

function describe({ bench, workspace, bytes }: Opened, records: Records, reference: Outcome, options: MeasureOptions): CorpusResult {
  const versions = new Set(workspace.packages.flatMap(({ tools }) => Object.values(tools)).map((tool) => `${tool.name} ${tool.version}`));
  return {
    name: options.name,
    title: options.title,
    files: workspace.files.length,
    bytes,
    tools: [...versions].sort(),
    notes: [...bench.baseline.notes],
    gates: [...bench.baseline.gates],
    mainTeams: bench.mainTeams,
    findings: reference.findings.length,
    ...records.results(bench),
  };
}
