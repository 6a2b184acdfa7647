import { InvalidArgumentError, Option, type Command } from 'commander';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BenchDocument, BenchRequest, MicroResult, ModeId, Subject, Tokeniser } from '../../bench/suite/index.ts';
import type { GateId } from '../model/gate.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import { parseJson } from '../system/parse-json.ts';
import { isMissing } from '../system/read-text.ts';
import { findRoot } from '../workspace/root.ts';
import { BenchOutput, parseOutput } from './bench-output.ts';
import type { CommandContext, ExitCode, Finish } from './command-context.ts';
import { ownVersion } from '../system/own-version.ts';
import { parseGate } from './run-options.ts';

export interface BenchOptions {
  readonly cwd?: string;
  readonly corpus?: readonly string[];
  readonly runs?: number;
  readonly teams: readonly number[];
  readonly only?: readonly ModeId[];
  readonly gate?: readonly GateId[];
  readonly quick?: boolean;
  readonly minutes?: number;
  readonly compare?: string;
  readonly output?: string;
  readonly json?: boolean;
}

/** What only this repository has: a tokeniser that npm need not install, and benchmarks of parts. */
export interface BenchExtras {
  readonly product: string;
  readonly tokeniser: Tokeniser | null;
  readonly micro: (() => Promise<readonly MicroResult[]>) | null;
}

/** Fewer than five say nothing of the spread. */
const RUNS_DEFAULT = 5;
const RUNS_MAX = 100;
const TEAMS_DEFAULT = [1, 2, 3, 4, 8];
const TEAMS_QUICK = [4];
const TEAMS_MAX = 16;
/** For ending what runs, and writing. */
const END_MS = 10_000;
const QUICK_MS = 2 * 60_000 - END_MS;
const MINUTES_MAX = 24 * 60;

const HELP = `
What is measured: the project's own tools, team after team (a) and each once under concurrently, lefthook and turbo (b); spark-gates
with a run per team (c), cold (d), warm after a one-file edit (e), and with nothing changed (f). All on a copy of the repository;
what the baseline needs besides, and corpora, are installed by npm into the cache folder. Findings and exit status must be equal, or
a row has no time but the difference.

A benchmark that is cut off leaves in --output what it has measured. What npm installs comes on top of --quick and --minutes, once.

Examples:
  $ spark-gates bench --quick                  a first look, within two minutes
  $ spark-gates bench --output bench           this repository: bench/bench.md, .json and .svg
  $ spark-gates bench --corpus zod --runs 7
  $ spark-gates bench --only shared cached --compare bench/bench.json

Exit code: 0 measured, 1 slower than what --compare names beyond the noise, 2 could not.`;

export function defineBench(program: Command, context: CommandContext, finish: Finish): void {
  addBenchOptions(program.command('bench'))
    .summary('how long the gates take here, beside the tools alone')
    .action(async (options: BenchOptions) => {
      finish(await bench(options, context, { product: `spark-gates ${ownVersion()}`, tokeniser: null, micro: null }));
    });
}

export function addBenchOptions(command: Command): Command {
  return command
    .description('Measure how long the gates take on this repository, or on a corpus, beside the same tools run by themselves.')
    .option('--corpus <name...>', 'zod, zod-ts7, rxjs, redux-toolkit, query-core: published packages instead of this repository')
    .addOption(new Option('--runs <n>', `runs of each (default: ${RUNS_DEFAULT})`).argParser(parseRuns))
    .addOption(new Option('--teams <n,n>', 'numbers of teams').argParser(parseTeamCounts).default(TEAMS_DEFAULT, TEAMS_DEFAULT.join()))
    .addOption(new Option('--only <mode...>', 'only these modes').choices(['naive', 'tuned', 'apart', 'shared', 'warm', 'cached']))
    .addOption(new Option('--gate <id...>', 'only these gates').argParser(parseGate))
    .option('--quick', 'end within two minutes, with what has been measured by then')
    .addOption(new Option('--minutes <n>', 'end within so many minutes in the same way').argParser(parseMinutes).conflicts('quick'))
    .option('--compare <file>', 'a stored bench.json: say what became slower or faster, by ratios')
    .addOption(new Option('--output <dir>', 'write bench.md, bench.json and a chart for each tree, anew after each figure').argParser(parseOutput))
    .option('--json', 'print one JSON document')
    .option('--cwd <dir>', 'a folder of the repository to measure (default: this one)')
    .addHelpText('after', HELP);
}

export async function bench(options: BenchOptions, context: CommandContext, extras: BenchExtras): Promise<ExitCode> {
  // Loaded here, so that help need not wait for everything that a benchmark starts.
  const suite = await import('../../bench/suite/index.ts');
  const { stderr, signal } = context;
  let output: BenchOutput | null = null;
  let exitCode: ExitCode;
  let unwritten: string | null;
  try {
    if (options.output !== undefined) output = await BenchOutput.open(path.resolve(context.cwd, options.output), suite);
    exitCode = await measure(options, { context, extras, suite, output });
  } catch (error) {
    if (!signal.aborted) {
      if (!(error instanceof suite.BenchTrouble)) throw error;
      stderr.write(`spark-gates: ${error.message}\n`);
    }
    exitCode = 2;
  } finally {
    unwritten = (await output?.problem()) ?? null;
  }
  if (unwritten !== null) stderr.write(`spark-gates: ${unwritten}\n`);
  if (signal.aborted) return signal.reason as ExitCode;
  return unwritten === null ? exitCode : 2;
}

interface Parts {
  readonly context: CommandContext;
  readonly extras: BenchExtras;
  readonly suite: Suite;
  readonly output: BenchOutput | null;
}

async function measure(options: BenchOptions, { context, extras, suite, output }: Parts): Promise<ExitCode> {
  const { stdout, stderr } = context;
  const before = options.compare === undefined ? null : await readStored(options.compare, context, suite);
  const request = await toRequest(options, context, extras, suite, (latest) => { output?.offer(latest); });
  const nothingShared = `nothing is measured both now and in ${options.compare ?? ''}; measure the same corpora, teams and modes`;
  if (before !== null && !suite.canCompare(before, request)) throw new suite.BenchTrouble(nothingShared);
  const document = await suite.runBench(request);
  output?.offer(document);
  stdout.write(options.json === true ? `${JSON.stringify(document, null, 2)}\n` : suite.renderMarkdown(document));
  const unmeasured = suite.hasFigures(document) ? null : `nothing was measured: ${document.corpora.flatMap(({ rows, notes }) => (rows.length === 0 ? notes : rows.map(({ missing }) => missing)))[0] ?? 'there was nothing to measure'}${hint(options)}`;
  if (before === null) {
    if (unmeasured !== null) throw new suite.BenchTrouble(unmeasured);
    return 0;
  }
  const comparison = suite.compareResults(before, document);
  (options.json === true ? stderr : stdout).write(`${options.json === true ? '' : '\n'}${suite.renderComparison(comparison)}`);
  // Nothing that was compared is no comparison that went well.
  if (comparison.changes.length + comparison.lost.length === 0) throw new suite.BenchTrouble(unmeasured ?? nothingShared);
  return suite.isWorse(comparison) ? 1 : 0;
}

function hint({ quick, minutes }: BenchOptions): string {
  if (quick === true) return '; give it longer by --minutes, or fewer gates by --gate';
  return minutes === undefined ? '' : '; give it more --minutes, or fewer gates by --gate';
}

type Suite = typeof import('../../bench/suite/index.ts');

async function toRequest(options: BenchOptions, context: CommandContext, extras: BenchExtras, suite: Suite, onDocument: BenchRequest['onDocument']): Promise<BenchRequest> {
  const { environment, clock, signal, stderr } = context;
  const folder = cacheFolder(environment);
  if (folder === null) throw new suite.BenchTrouble('there is no folder for what npm installs: set HOME or XDG_CACHE_HOME');
  const cache = path.join(folder, 'bench');
  const onProgress = (sentence: string): void => { stderr.write(`bench: ${sentence}\n`); };
  const isQuick = options.quick === true;
  return {
    subjects: options.corpus === undefined ? [await ownTree(options, context)] : options.corpus.map((name) => corpusOf(name, cache, { environment, signal, onProgress }, suite)),
    cache, environment, clock, signal, onProgress, onDocument, ...extras,
    runs: options.runs ?? RUNS_DEFAULT,
    teamCounts: isQuick && options.teams === TEAMS_DEFAULT ? TEAMS_QUICK : options.teams,
    modes: options.only ?? null,
    gates: options.gate ?? null,
    isQuick,
    timeLimitMs: isQuick ? QUICK_MS : options.minutes === undefined ? null : options.minutes * 60_000 - END_MS,
  };
}

async function ownTree({ cwd = '.' }: BenchOptions, context: CommandContext): Promise<Subject> {
  const { root } = await findRoot(path.resolve(context.cwd, cwd), context.environment);
  return { name: path.basename(root), title: path.basename(root), source: () => Promise.resolve(root) };
}

function corpusOf(name: string, cache: string, options: Parameters<Suite['prepareCorpus']>[2], suite: Suite): Subject {
  const corpus = suite.CORPORA.find((one) => one.name === name);
  if (corpus === undefined) throw new suite.BenchTrouble(`there is no corpus "${name}"; the corpora are ${suite.CORPORA.map((one) => one.name).join(', ')}`);
  return { name, title: corpus.title, source: () => suite.prepareCorpus(corpus, cache, options) };
}

async function readStored(file: string, { cwd }: CommandContext, suite: Suite): Promise<BenchDocument> {
  let text: string;
  try {
    text = await readFile(path.resolve(cwd, file), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EISDIR') throw new suite.BenchTrouble(`${file}, named by --compare, is a folder; name the bench.json in it`);
    if (isMissing(error)) throw new suite.BenchTrouble(`${file}, named by --compare, is not there; store a result with --output first`);
    throw error;
  }
  const parsed = suite.benchDocumentSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new suite.BenchTrouble(`${file}, named by --compare, is no stored benchmark of this version; store a new one with --output`);
  return parsed.data;
}

function parseRuns(value: string): number {
  const runs = Number(value);
  if (!/^\d+$/.test(value) || runs < 1 || runs > RUNS_MAX) throw new InvalidArgumentError(`It must be a whole number from 1 to ${RUNS_MAX}.`);
  return runs;
}

function parseMinutes(value: string): number {
  const minutes = Number(value);
  if (!/^\d+$/.test(value) || minutes < 1 || minutes > MINUTES_MAX) throw new InvalidArgumentError(`It must be a whole number from 1 to ${MINUTES_MAX}.`);
  return minutes;
}

function parseTeamCounts(value: string): number[] {
  const counts = value.split(',').map(Number);
  if (!/^\d+(?:,\d+)*$/.test(value) || counts.some((count) => count < 1 || count > TEAMS_MAX)) throw new InvalidArgumentError(`It must be whole numbers from 1 to ${TEAMS_MAX}, with commas between them.`);
  return [...new Set(counts)].sort((a, b) => a - b);
}
