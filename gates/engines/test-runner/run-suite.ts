import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { CheckOutcome } from '../../../src/model/check.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { compareText, type Finding } from '../../../src/model/finding.ts';
import type { GateId } from '../../../src/model/gate.ts';
import type { TestResult } from '../../../src/model/measurement.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import type { TestSuite } from '../../../src/model/workspace.ts';
import type { SubprocessResult } from '../../../src/system/subprocess.ts';
import { runCommand } from './command.ts';
import { ofType, testFindings, testResults, type Place } from './findings.ts';
import { runJest } from './jest.ts';
import { runMocha } from './mocha.ts';
import { runNodeTest } from './node-test.ts';
import { readRunLog, type RunLogEvent } from './run-log.ts';
import { suiteCoverage, type CoverageByFile } from './suite-coverage.ts';
import { resolveCall } from './runner-call.ts';
import type { Runner, RunFolders, RunnerResult, SuiteRun } from './suite-run.ts';
import { runVitest } from './vitest.ts';
import { workspacePath } from '../workspace-path.ts';

const RUNNERS: { readonly [Name in Exclude<TestSuite['runner'], 'command'>]: Runner } = {
  vitest: runVitest,
  jest: runJest,
  'node:test': runNodeTest,
  mocha: runMocha,
};

/** Kept of what a runner that broke off had printed last. */
const TAIL_LINES_MAX = 25;

/** Runs a suite once and tells what its tests and, where asked, its coverage say. Writes nothing into the workspace. */
export async function runSuite(run: SuiteRun, gate: GateId, context: RunContext): Promise<CheckOutcome> {
  const place: Place = { gate, root: context.workspace.root, folder: run.suite.folder };
  const { events, coverageFolders, kind, failure } = await runSteps(run, place, context);
  const findings = testFindings(events, place);
  const tests = testResults(events, place);
  const inspected = { files: [...new Set(tests.map(({ file }) => file))].sort(compareText), tests };
  // Of a run that we ended, a runner reports the files that it was ended in as failed: that is our doing, not the code's.
  const own = context.signal.aborted ? findings.filter(({ rule }) => rule === 'test') : findings;
  if (failure !== null) return { status: 'error', failure, findings: own, inspected };
  const notes = retriedNotes(events);
  const unloaded = unloadedTests(events, place);
  const coverage = await suiteCoverage({ run, kind, events, folders: coverageFolders, context });
  if (!coverage.ok) return { status: 'error', failure: coverage.failure, findings, inspected };
  return outcome(run, { findings, tests, coverage: coverage.files, unloaded, notes, doubt: doubtOf(events, findings) });
}

interface StepsRun {
  readonly events: readonly RunLogEvent[];
  /** Of the steps that leave coverage, all of one kind. */
  readonly coverageFolders: readonly RunFolders[];
  readonly kind: 'istanbul' | 'v8' | 'none';
  /** Why the run broke off, or null when it came to its end. */
  readonly failure: Failure | null;
}

/**
 * One step after the other. Where a command fails, nothing after it is run, as in the script. A failed test stops nothing: it
 * may be one team's, and the others are still to learn what the steps behind it say.
 */
async function runSteps(run: SuiteRun, place: Place, context: RunContext): Promise<StepsRun> {
  const temp = await context.tempFolder();
  const v8 = path.join(temp, 'v8');
  await mkdir(v8);
  const events: RunLogEvent[] = [];
  const coverageFolders: RunFolders[] = [];
  let kind: StepsRun['kind'] = 'none';
  for (const index of run.suite.steps.keys()) {
    const folders = await makeFolders(run, { temp: path.join(temp, String(index)), v8, context });
    const result = await runStep(run, index, folders, context);
    if (!result.ok) return { events, coverageFolders, kind, failure: result.failure };
    const own = await readRunLog(folders.logFile);
    events.push(...own);
    const engine = run.suite.steps[index]?.kind === 'command' ? 'command' : run.suite.runner;
    const failure = context.signal.aborted ? (context.signal.reason as Failure) : brokenRun(engine, result.process, own, testFindings(own, place));
    if (failure !== null) return { events, coverageFolders, kind, failure };
    if (result.coverage !== 'none') {
      kind = result.coverage;
      coverageFolders.push(folders);
    }
    if (ofType(own, 'command').some((command) => command.failure !== null)) break;
  }
  return { events, coverageFolders, kind, failure: null };
}

async function runStep(run: SuiteRun, index: number, folders: RunFolders, context: RunContext): Promise<RunnerResult> {
  const { runner, steps, script } = run.suite;
  const step = steps[index];
  if (step === undefined) throw new Error(`the suite has no step ${String(index)}`);
  if (step.kind === 'runner') {
    if (runner === 'command') throw new Error('a suite of commands calls no runner');
    return RUNNERS[runner](run, await resolveCall(step, run, context), folders, context);
  }
  // What comes before the tests prepares them. Without a runner, the script itself is the test.
  const isTest = runner === 'command' ? index >= steps.findIndex((one) => one.kind === 'command' && one.script === script && one.folder === run.suite.folder) : index > steps.findLastIndex(({ kind }) => kind === 'runner');
  return runCommand(step, run, { isTest, measured: isTest && (runner === 'command' || runner === 'node:test' || runner === 'mocha') }, folders, context);
}

async function makeFolders(run: SuiteRun, { temp, v8, context }: { readonly temp: string; readonly v8: string; readonly context: RunContext }): Promise<RunFolders> {
  const coverage = path.join(temp, 'coverage');
  await mkdir(coverage, { recursive: true });
  return { temp, logFile: path.join(temp, 'run.ndjson'), coverage, v8, suite: path.join(context.workspace.root, run.suite.folder) };
}

/** Why the run says nothing about the tests that it did not report, or null when it came to its end. */
function brokenRun(runner: string, ended: SubprocessResult | null, events: readonly RunLogEvent[], findings: readonly Finding[]): Failure | null {
  if (ended === null) return null;
  const crashed = (detail: string): Failure => ({ reason: 'engine-crashed', engine: runner, detail });
  const [crash] = ofType(events, 'crash');
  if (crash !== undefined) return crashed(crash.message);
  const end = ofType(events, 'end').at(-1);
  const { outcome: exit } = ended;
  if (exit.kind === 'not-started') return crashed(exit.message);
  if (exit.kind !== 'exited') return crashed(withTail(`it was ended by ${exit.kind === 'killed' ? exit.signal : 'a cancel'}`, ended));
  if (end === undefined) return crashed(withTail(`it broke off with exit code ${exit.exitCode}`, ended));
  // Every reported failure explains a bad end; one without any hides a problem that we could not see.
  if (findings.length > 0) return null;
  if (exit.exitCode !== 0) return crashed(withTail(`every test that it reported passed, and yet it ended with exit code ${exit.exitCode}`, ended));
  if (!end.success) return crashed(withTail('it says that the run failed, but names no test that did', ended));
  return null;
}

function withTail(sentence: string, { stdout, stderr }: SubprocessResult): string {
  const text = stderr.trim() === '' ? stdout : stderr;
  const lines = text.trimEnd().split('\n').slice(-TAIL_LINES_MAX);
  return lines.join('').trim() === '' ? sentence : `${sentence}\n${lines.join('\n')}`;
}

interface SuiteMeasurement {
  readonly findings: readonly Finding[];
  readonly tests: readonly TestResult[];
  readonly coverage: CoverageByFile;
  readonly unloaded: readonly string[];
  readonly notes: readonly string[];
  /** Why another run may say something else. */
  readonly doubt: string | null;
}

function outcome(run: SuiteRun, { findings, tests, coverage, unloaded, notes, doubt }: SuiteMeasurement): CheckOutcome {
  const covered = Object.keys(coverage);
  if (tests.length + findings.length + covered.length === 0) {
    return { status: 'skipped', reason: run.related === null ? 'the suite has no tests' : "no test is related to the teams' files" };
  }
  const files = new Set([...tests.map(({ file }) => file), ...covered]);
  return {
    status: 'done',
    findings,
    inspected: { files: [...files].sort(compareText), tests },
    coverage,
    ...(unloaded.length === 0 ? {} : { unloadedTests: unloaded }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(doubt === null ? {} : { validity: { kind: 'unrepeatable', reason: doubt } }),
  };
}

function retriedNotes(events: readonly RunLogEvent[]): readonly string[] {
  return ofType(events, 'test')
    .filter(({ status, retries }) => status === 'passed' && (retries ?? 0) > 0)
    .map(({ name, retries }) => `flaky: "${name}" passed only after ${retries === 1 ? 'a retry' : `${String(retries)} retries`}`);
}

/** A test that is slow on a busy machine is not slow for good. The words are those of Vitest, Jest, Mocha, node:test and Playwright. */
function doubtOf(events: readonly RunLogEvent[], findings: readonly Finding[]): string | null {
  if (ofType(events, 'test').some(({ retries }) => (retries ?? 0) > 0)) return 'a test was tried again';
  return findings.some(({ message }) => /\btimed out (?:in|after) \d|\btimeout of \d[\d.]* ?ms\b/i.test(message)) ? 'a test ran out of its time' : null;
}

/** Test files that could not be loaded, workspace-relative: what they would have covered is not known. */
function unloadedTests(events: readonly RunLogEvent[], place: Place): readonly string[] {
  const files = ofType(events, 'file-error').filter(({ name }) => name === undefined).map(({ file }) => workspacePath(place.root, path.resolve(place.root, place.folder, file)));
  return [...new Set(files.filter((file) => file !== null))].sort(compareText);
}
