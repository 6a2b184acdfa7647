import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunContext } from '../../src/model/run-context.ts';
import type { SubprocessResult } from '../../src/system/subprocess.ts';
import { binaryOf } from '../engines/test-runner/binary.ts';
import { RUNNER_ENVIRONMENT } from '../engines/test-runner/suite-run.ts';
import { readFigures, type Figures } from './benchmark-figures.ts';
import type { BenchmarkRunner } from './plan-benchmarks.ts';

const TAIL_LINES = 15;

/** A tree to measure. */
export interface Tree {
  /** Absolute. */
  readonly root: string;
  /** For people: "this tree", "the base commit 1a2b3c4". */
  readonly title: string;
}

/** Runs all benchmarks of a tree once. `problem` is why there are no figures; a cancel is told by the signal. */
export async function runBenchmarks(runner: BenchmarkRunner, tree: Tree, context: RunContext): Promise<Figures> {
  return runner.kind === 'command' ? runCommand(runner.command, tree, context) : runVitest(runner, tree, context);
}

async function runCommand(command: string, tree: Tree, context: RunContext): Promise<Figures> {
  const ended = await context.subprocess({ file: command, args: [], cwd: tree.root, shell: true, environment: RUNNER_ENVIRONMENT });
  const problem = problemOf(ended);
  if (problem !== null) return { ok: false, problem };
  return readFigures(ended.stdout.trimEnd().split('\n').at(-1) ?? '', tree.root);
}

async function runVitest(runner: BenchmarkRunner & { kind: 'vitest' }, tree: Tree, context: RunContext): Promise<Figures> {
  const cwd = path.join(tree.root, runner.folder);
  const files = runner.files.filter((file) => existsSync(path.join(cwd, file)));
  if (files.length === 0) return { ok: true, figures: [] };
  const config = runner.config === null ? null : path.join(tree.root, runner.config);
  const output = path.join(await context.tempFolder(), 'benchmarks.json');
  const ended = await context.subprocess({
    file: process.execPath,
    args: [
      await binaryOf(runner.tool.folder, 'vitest'), 'bench', '--run', '--no-cache', '--no-color', '--passWithNoTests',
      // Beside each other, files would measure each other.
      '--no-file-parallelism',
      '--outputJson', output,
      ...(config !== null && existsSync(config) ? ['--config', config] : []),
      // Whole paths: a name could start with a dash.
      ...files.map((file) => path.join(cwd, file)),
    ],
    cwd,
    environment: RUNNER_ENVIRONMENT,
  });
  const problem = problemOf(ended);
  if (problem !== null) return { ok: false, problem };
  if (!existsSync(output)) return { ok: false, problem: withTail('it wrote no report', ended) };
  return readFigures(await readFile(output, 'utf8'), tree.root);
}

function problemOf(ended: SubprocessResult): string | null {
  const { outcome } = ended;
  switch (outcome.kind) {
    case 'not-started':
      return outcome.message;
    case 'cancelled':
      return 'cancelled';
    case 'killed':
      return withTail(`ended by ${outcome.signal}`, ended);
    case 'exited':
      return outcome.exitCode === 0 ? null : withTail(`exit code ${String(outcome.exitCode)}`, ended);
  }
}

function withTail(sentence: string, { stdout, stderr }: SubprocessResult): string {
  const text = (stderr.trim() === '' ? stdout : stderr).trim();
  return text === '' ? sentence : `${sentence}\n${text.split('\n').slice(-TAIL_LINES).join('\n')}`;
}
