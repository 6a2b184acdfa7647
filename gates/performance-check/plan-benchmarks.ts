import type { CheckRequest } from '../../src/model/check.ts';
import type { GatePlan, PlanContext, PlanNote } from '../../src/model/gate.ts';
import { TEST_RUN_LOCK } from '../../src/model/worker-message.ts';
import type { Tool } from '../../src/model/workspace.ts';
import { installLine } from '../engines/install-line.ts';

type Context = PlanContext<'performance_check'>;

/** Vitest's own default for benchmarks. */
const BENCHMARK_FILE = /\.(?:bench|benchmark)\.[cm]?[jt]sx?$/;
const SLOWDOWN_MAX = 1.25;
/** First-run guess: three rounds of both trees, each benchmark with Vitest's warm-up and half a second of samples. */
const EXPECTED_MS = 20_000;

/** How the benchmarks are run. `folder` is workspace-relative, `files` are relative to it. */
export type BenchmarkRunner =
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'vitest'; readonly tool: Tool; readonly folder: string; readonly config: string | null; readonly files: readonly string[] };

export interface BenchmarkParams {
  readonly runner: BenchmarkRunner;
  /** The base as the user wrote it, or a workspace-relative file of stored figures. */
  readonly baseline: { readonly kind: 'base'; readonly ref: string } | { readonly kind: 'file'; readonly file: string };
  readonly maxSlowdown: number;
  /** False when only some of the workspace's benchmarks run: stored figures then speak of others, too. */
  readonly complete: boolean;
}

/** Benchmarks by the user's command, or Vitest's where there are any; a baseline decides whether they can be judged at all. */
export function planBenchmarks(context: Context): GatePlan {
  const { command, baseline } = context.settings.benchmarks;
  const { workspace } = context;
  const files = workspace.files.filter((file) => BENCHMARK_FILE.test(file));
  if (baseline === undefined) return unmeasured(command === undefined ? files : null);
  if (workspace.setupProblem !== null) return failed(`benchmarks: ${workspace.setupProblem}`);
  if (baseline === 'base' && workspace.head === null) return failed('benchmarks.baseline is "base", but there is no commit to compare with: commit first, or name a file of stored figures');
  if (command !== undefined) return { checks: [requestOf(context, { kind: 'command', command }, true)], notes: [] };
  if (files.length === 0) return failed('benchmarks.baseline is configured, but there is no *.bench.* file and no benchmarks.command');
  const reached = context.wholeWorkspace ? null : context.graph().dependentsOf([...context.files, ...context.removed, ...context.graph().open]);
  const wanted = files.filter((file) => reached?.has(file) ?? true);
  if (wanted.length === 0) return { checks: [], notes: [{ status: 'skipped', reason: "no benchmark reaches the teams' files" }] };
  return planVitest(context, wanted, wanted.length === files.length);
}

function unmeasured(files: readonly string[] | null): GatePlan {
  if (files?.length === 0) return { checks: [], notes: [] };
  const what = files === null ? 'the benchmark command is' : files.length === 1 ? '1 benchmark file is' : `${String(files.length)} benchmark files are`;
  return { checks: [], notes: [{ status: 'skipped', reason: `${what} not measured: set performance_check.benchmarks.baseline to "base" or to a file of stored figures` }] };
}

function failed(reason: string): GatePlan {
  return { checks: [], notes: [{ status: 'error', reason }] };
}

/** One run for each folder that Vitest is at home in: the nearest suite of the benchmark file, or its package. */
function planVitest(context: Context, files: readonly string[], complete: boolean): GatePlan {
  const { workspace } = context;
  const runs = new Map<string, { tool: Tool; folder: string; config: string | null; files: string[] }>();
  const homeless: string[] = [];
  for (const file of files) {
    const home = homeOf(context, file);
    if (home === null) {
      homeless.push(file);
      continue;
    }
    const run = runs.get(home.folder) ?? { ...home, files: [] };
    runs.set(home.folder, run);
    run.files.push(home.folder === '' ? file : file.slice(home.folder.length + 1));
  }
  const notes: PlanNote[] = homeless.length === 0 ? [] : [{ status: 'error', reason: `${homeless[0] ?? ''} needs Vitest, which is not installed: run ${installLine(workspace, 'vitest')}` }];
  if (runs.size > 1 && context.settings.benchmarks.baseline !== 'base') return failed(`one file of stored figures cannot serve the benchmarks of ${[...runs.keys()].map((folder) => folder || 'the root').join(' and ')}: set benchmarks.baseline to "base"`);
  return { checks: [...runs.values()].map((run) => requestOf(context, { kind: 'vitest', ...run }, complete)), notes };
}

function homeOf({ workspace }: Context, file: string): { tool: Tool; folder: string; config: string | null } | null {
  const suite = deepest(workspace.testSuites.filter(({ runner, role }) => runner === 'vitest' && role === 'unit'), file);
  if (suite !== undefined && suite.tool !== null) {
    // Vitest finds a workspace file by itself, and takes it for no configuration.
    const config = suite.config === null || /(?:^|\/)vitest\.workspace\.[^/]+$/.test(suite.config) ? null : suite.config;
    return { tool: suite.tool, folder: suite.folder, config };
  }
  const owner = deepest(workspace.packages, file);
  const tool = owner?.tools.vitest;
  return tool === undefined || owner === undefined ? null : { tool, folder: owner.folder, config: null };
}

function deepest<Place extends { readonly folder: string }>(places: readonly Place[], file: string): Place | undefined {
  return places.filter(({ folder }) => folder === '' || file.startsWith(`${folder}/`)).sort((a, b) => b.folder.length - a.folder.length)[0];
}

function requestOf(context: Context, runner: BenchmarkRunner, complete: boolean): CheckRequest {
  const { settings, base } = context;
  const { baseline, maxSlowdown = SLOWDOWN_MAX } = settings.benchmarks;
  const params: BenchmarkParams = {
    runner,
    baseline: baseline === undefined || baseline === 'base' ? { kind: 'base', ref: base } : { kind: 'file', file: baseline.replace(/^\.\//, '') },
    maxSlowdown,
    complete,
  };
  const isCommand = runner.kind === 'command';
  return {
    name: isCommand ? 'benchmarks' : `benchmarks:${runner.folder}`,
    gate: 'performance_check',
    engine: isCommand ? 'command' : 'vitest',
    engineVersion: isCommand ? null : runner.tool.version,
    engineOrigin: 'project',
    title: isCommand ? `benchmarks of ${runner.command}` : `benchmarks${runner.folder === '' ? '' : ` of ${runner.folder}`}`,
    files: isCommand ? context.files : runner.files.map((file) => (runner.folder === '' ? file : `${runner.folder}/${file}`)),
    // Whoever's code a benchmark runs may have slowed it down.
    workspaceWide: true,
    locks: [TEST_RUN_LOCK],
    slotsMax: 1,
    expectedMs: EXPECTED_MS,
    timeLimitMs: settings.timeLimitMs,
    // Any other base than HEAD moves without the tree showing it.
    inputs: params.baseline.kind === 'file' ? 'workspace' : base === 'HEAD' ? 'commit' : 'never',
    inputFiles: params.baseline.kind === 'file' ? [params.baseline.file] : [],
    params,
  };
}
