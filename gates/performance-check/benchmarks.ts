import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Check, CheckOutcome, Validity } from '../../src/model/check.ts';
import type { Failure } from '../../src/model/failure.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';
import { listBriefly } from '../engines/text/listing.ts';
import { makeBaseTree } from './base-tree.ts';
import { readFigures, type Figure } from './benchmark-figures.ts';
import { compare, type Comparison } from './compare.ts';
import type { BenchmarkParams, BenchmarkRunner } from './plan-benchmarks.ts';
import { runBenchmarks, type Tree } from './run-benchmarks.ts';

/** Enough to see the noise; a suspect is measured again until it is clear, up to the last. */
const ROUNDS = [3, 5, 7] as const;

/** Measures this tree against its baseline, the two in turn where both can be measured. */
export async function checkBenchmarks(check: Check, context: RunContext): Promise<CheckOutcome> {
  // Planned by this gate, so it is what it was then.
  const params = check.parts[0]?.params as BenchmarkParams;
  const baseline = await baselineOf(params, context);
  if (context.isCancelled()) return cancelledOutcome(context);
  if (!baseline.ok) return { status: 'error', failure: baseline.failure };
  const measured = await measure(params, baseline, context);
  if (context.isCancelled()) return cancelledOutcome(context);
  if ('reason' in measured) return { status: 'error', failure: measured };
  return outcomeOf(check, params, measured);
}

type Baseline = ({ readonly ok: true } & ({ readonly tree: Tree } | { readonly figures: readonly Figure[] })) | { readonly ok: false; readonly failure: Failure };

async function baselineOf({ runner, baseline }: BenchmarkParams, context: RunContext): Promise<Baseline> {
  if (baseline.kind === 'base') {
    const made = await makeBaseTree(baseline.ref, context);
    return made.ok ? made : { ok: false, failure: { reason: 'engine-crashed', engine: 'benchmarks', detail: made.problem } };
  }
  const { file } = baseline;
  const failure = (detail: string): Baseline => ({ ok: false, failure: { reason: 'project-config', file, detail } });
  const { root } = context.workspace;
  let text: string;
  try {
    text = await readFile(path.join(root, file), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return failure(`the baseline of the benchmarks does not exist: ${remedy(runner, file)}`);
    throw error;
  }
  const read = readFigures(text, root);
  return read.ok ? read : failure(`the baseline of the benchmarks cannot be used: ${read.problem}; ${remedy(runner, file)}`);
}

function remedy(runner: BenchmarkRunner, file: string): string {
  if (runner.kind === 'command') return `save the last line that ${runner.command} prints there`;
  return `make it with npx vitest bench --run --outputJson ${path.posix.relative(runner.folder, file)}${runner.folder === '' ? '' : `, run in ${runner.folder}`}`;
}

interface Measured {
  readonly comparisons: readonly Comparison[];
  readonly figures: readonly Figure[];
  readonly rounds: number;
  /** Names in this tree that the baseline has not. */
  readonly unknown: readonly string[];
  /** Names in the baseline that this tree has not. */
  readonly gone: readonly string[];
}

async function measure(params: BenchmarkParams, baseline: Baseline & { ok: true }, context: RunContext): Promise<Measured | Failure> {
  const { runner, maxSlowdown } = params;
  const here: Side = { tree: { root: context.workspace.root, title: 'this tree' }, rounds: new Map(), figures: [] };
  const base: Side | null = 'tree' in baseline ? { tree: baseline.tree, rounds: new Map(), figures: [] } : null;
  const stored = new Map(('figures' in baseline ? baseline.figures : []).map(({ name, medianMs }) => [name, [medianMs]]));
  let done = 0;
  let comparisons: Comparison[] = [];
  for (const wanted of ROUNDS) {
    for (; done < wanted; done += 1) {
      for (const side of base === null ? [here] : [base, here]) {
        const failure = await addRound(runner, side, context);
        if (failure !== null) return failure;
      }
    }
    const known = base?.rounds ?? stored;
    comparisons = [...here.rounds].flatMap(([name, measured]) => {
      const before = known.get(name);
      return before === undefined ? [] : [compare(name, { measured, baseline: before, maxSlowdown })];
    });
    const suspects = comparisons.filter(({ verdict }) => verdict !== 'holds');
    // A slow-down seen in the first rounds is confirmed once; one that is not clear is given all of them.
    if (suspects.length === 0 || (wanted > ROUNDS[0] && suspects.every(({ verdict }) => verdict === 'slower'))) break;
  }
  const before = base?.rounds ?? stored;
  return {
    comparisons,
    figures: here.figures,
    rounds: done,
    unknown: [...here.rounds.keys()].filter((name) => !before.has(name)),
    gone: !params.complete && base === null ? [] : [...before.keys()].filter((name) => !here.rounds.has(name)),
  };
}

interface Side {
  readonly tree: Tree;
  readonly rounds: Map<string, number[]>;
  figures: readonly Figure[];
}

async function addRound(runner: BenchmarkRunner, side: Side, context: RunContext): Promise<Failure | null> {
  const ran = await runBenchmarks(runner, side.tree, context);
  const crashed = (problem: string): Failure => ({ reason: 'engine-crashed', engine: runner.kind === 'command' ? runner.command : 'vitest bench', detail: `on ${side.tree.title}: ${problem}` });
  if (!ran.ok) return crashed(ran.problem);
  if (ran.figures.length === 0 && side.tree.root === context.workspace.root) return crashed('no benchmark ran');
  for (const { name, medianMs } of ran.figures) {
    const rounds = side.rounds.get(name) ?? [];
    side.rounds.set(name, rounds);
    rounds.push(medianMs);
  }
  side.figures = ran.figures;
  return null;
}

function outcomeOf(check: Check, { runner, maxSlowdown }: BenchmarkParams, measured: Measured): CheckOutcome {
  const { comparisons, figures, rounds, unknown, gone } = measured;
  const fileOf = new Map(figures.map(({ name, file }) => [name, file]));
  const findings = comparisons.filter(({ verdict }) => verdict === 'slower').map((one): Finding => ({
    gate: 'performance_check', rule: 'benchmark', message: `${one.name}: ${words(one, maxSlowdown)}`, file: fileOf.get(one.name) ?? null, line: null, column: null, severity: 'error',
  }));
  const undecided = comparisons.filter(({ verdict }) => verdict === 'undecided');
  const notes = [
    `${String(comparisons.length)} of ${String(figures.length)} benchmarks compared with the baseline in ${String(rounds)} rounds`,
    ...undecided.map((one) => `not clear, the machine is too busy: ${one.name}: ${words(one, maxSlowdown)}`),
    ...(unknown.length === 0 ? [] : [`not in the baseline: ${listBriefly(unknown)}`]),
    ...(gone.length === 0 ? [] : [`in the baseline, but not measured: ${listBriefly(gone)}`]),
  ];
  const ran = new Set(figures.map(({ file }) => file).filter((file) => file !== null));
  const close = comparisons.filter(({ isClear }) => !isClear).map(({ name }) => name);
  const validity: Validity | null = close.length === 0 ? null : { kind: 'unrepeatable', reason: `within the noise of the limit: ${listBriefly(close)}` };
  const inspected = { files: runner.kind === 'command' ? check.files : [...ran].sort() };
  return { status: 'done', findings: findings.sort(compareFindings), inspected, notes, ...(validity === null ? {} : { validity }) };
}

function words({ medianMs, baselineMs, ratio, noise }: Comparison, maxSlowdown: number): string {
  return `${figure(medianMs)} ms, the baseline ${figure(baselineMs)} ms: ${ratio.toFixed(2)} times as long (limit ${String(maxSlowdown)}, noise ±${(noise * 100).toFixed(0)} %)`;
}

function figure(ms: number): string {
  return ms.toPrecision(3);
}
