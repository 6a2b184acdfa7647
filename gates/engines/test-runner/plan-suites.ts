import type { CheckRequest } from '../../../src/model/check.ts';
import { compareText } from '../../../src/model/finding.ts';
import type { GateId, GatePlan, PlanContext } from '../../../src/model/gate.ts';
import { TEST_RUN_LOCK } from '../../../src/model/worker-message.ts';
import type { TestSuite } from '../../../src/model/workspace.ts';
import { addCommand } from '../install-line.ts';
import type { SuiteRun } from './suite-run.ts';
import { isMeasuredSource, looksLikeTestFile } from './test-files.ts';

/** Most cores that a test run is granted; runners gain little beyond and starve the other checks. */
const SLOTS_MAX = 8;

/** Beyond this many related files a runner is not narrowed: nearly everything is related, and command lines are bounded. */
const RELATED_MAX = 5_000;

/** First guess of a run's time: start-up, and about this much for each test file. */
const EXPECTED_START_MS = 3_000;
const EXPECTED_FILE_MS = 250;

export interface SuitePlanOptions {
  readonly gate: GateId;
  readonly role: TestSuite['role'];
  /** Measure what the tests cover. */
  readonly coverage: boolean;
  /** Only the tests related to the teams' files. */
  readonly narrow: boolean;
  readonly timeLimitMs: number;
  readonly args: readonly string[];
  readonly configFile: string | null;
}

/** One check for each suite of the role that the teams' files can concern; each runs once for all teams. */
export function planSuites(context: Omit<PlanContext, 'settings'>, options: SuitePlanOptions): GatePlan {
  const suites = context.workspace.testSuites.filter(({ role }) => role === options.role);
  const checks = suites.flatMap((suite) => planSuite(suite, suites, context, options));
  const reached = new Set(checks.flatMap(({ files }) => files));
  const unreached = context.teams.filter(({ files }) => !files.some((file) => reached.has(file))).map(({ name }) => name);
  return { checks, notes: unreached.length === 0 ? [] : [{ status: 'skipped', reason: 'no test suite reaches its files', teams: unreached }] };
}

function planSuite(suite: TestSuite, suites: readonly TestSuite[], context: Omit<PlanContext, 'settings'>, options: SuitePlanOptions): readonly CheckRequest[] {
  const { workspace } = context;
  const everything = !options.narrow || context.wholeWorkspace || [...context.files, ...context.removed].some((file) => concernsEveryTest(file, suite));
  const found = everything ? null : relatedFiles(context).filter((file) => isInside(file, suite.folder));
  const related = found !== null && found.length > RELATED_MAX ? null : found;
  if (related?.length === 0) return [];
  const inputs = new Set(related ?? workspace.files.filter((file) => isInside(file, suite.folder)));
  const testFiles = [...inputs].filter(looksLikeTestFile);
  const sources = options.coverage ? context.files.filter((file) => owningFolder(file, suites) === suite.folder && isMeasuredSource(file)) : [];
  const run: SuiteRun = {
    suite,
    scripts: workspace.packages.find(({ folder }) => folder === suite.folder)?.scripts ?? {},
    related,
    sources,
    args: options.args,
    configFile: options.configFile,
    install: addCommand(workspace),
  };
  return [{
    name: ['tests', options.role, suite.runner, suite.folder, suite.script ?? ''].join(':'),
    gate: options.gate,
    engine: suite.runner,
    engineVersion: suite.runner === 'node:test' ? process.versions.node : (suite.tool?.version ?? null),
    engineOrigin: 'project',
    title: `${options.role} tests of ${suite.folder === '' ? 'the workspace' : suite.folder}`,
    files: [...new Set([...testFiles, ...context.files.filter((file) => inputs.has(file))])].sort(compareText),
    workspaceWide: false,
    locks: [TEST_RUN_LOCK],
    slotsMax: suite.runner === 'command' ? 1 : SLOTS_MAX,
    expectedMs: EXPECTED_START_MS + EXPECTED_FILE_MS * testFiles.length,
    timeLimitMs: options.timeLimitMs,
    params: run,
  }];
}

/**
 * The teams' files and everything that imports them, a snapshot's test among them; and what may reach them without saying so:
 * whoever reaches an import that only running it would resolve, and tests that start programs.
 */
function relatedFiles(context: Omit<PlanContext, 'settings'>): readonly string[] {
  const files = [...context.files, ...context.removed];
  const snapshotted = files.flatMap((file) => {
    const match = /^(.*?)__snapshots__\/([^/]+)\.snap(?:shot)?$/.exec(file);
    return match === null ? [] : [`${match[1] ?? ''}${match[2] ?? ''}`];
  });
  const there = new Set(context.workspace.files);
  const graph = context.graph();
  return [...graph.dependentsOf([...files, ...snapshotted, ...graph.open, ...[...graph.starters].filter(looksLikeTestFile)])].filter((file) => there.has(file)).sort(compareText);
}

const SHARED = /^(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|tsconfig[^/]*\.json|\.env[^/]*|\.(?:mocharc|babelrc|swcrc)[^/]*|(?:vite|vitest|jest|babel)\.[^/]*)$/;
const SETUP = /(?:^|[./_-])(?:global-?)?setup(?:[-_]?(?:tests?|env|files?|after-?env))?\.[cm]?[jt]sx?$/i;

/** Files that steer every test without being imported by it: configuration, dependencies, setup files. */
function concernsEveryTest(file: string, suite: TestSuite): boolean {
  if (file === suite.config) return true;
  const slash = file.lastIndexOf('/');
  const folder = slash === -1 ? '' : file.slice(0, slash);
  const name = file.slice(slash + 1);
  return (SHARED.test(name) && isInside(`${suite.folder}/x`, folder)) || (SETUP.test(name) && isInside(file, suite.folder));
}

function isInside(file: string, folder: string): boolean {
  return folder === '' || file.startsWith(`${folder}/`);
}

/** The folder of the nearest suite around the file: a package's own suite before the root's. */
function owningFolder(file: string, suites: readonly TestSuite[]): string | null {
  return suites
    .map(({ folder }) => folder)
    .filter((folder) => isInside(file, folder))
    .reduce<string | null>((nearest, folder) => (nearest === null || folder.length > nearest.length ? folder : nearest), null);
}
