import path from 'node:path';
import picomatch from 'picomatch';
import type { Failure } from '../../../src/model/failure.ts';
import type { FileCoverage } from '../../../src/model/measurement.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import { isEmptyCoverage, readCoverage } from './coverage.ts';
import { ofType } from './findings.ts';
import { workspacePath } from './location.ts';
import type { RunLogEvent } from './run-log.ts';
import type { RunFolders, SuiteRun } from './suite-run.ts';
import { untestedCoverage } from './untested.ts';
import { reportV8Coverage } from './v8-report.ts';

export type CoverageByFile = Readonly<Record<string, FileCoverage>>;

export interface CoverageRequest {
  readonly run: SuiteRun;
  readonly kind: 'istanbul' | 'v8' | 'none';
  readonly events: readonly RunLogEvent[];
  /** Of the steps that left coverage. */
  readonly folders: readonly RunFolders[];
  readonly context: RunContext;
}

type CoverageResult = { readonly ok: true; readonly files: CoverageByFile } | { readonly ok: false; readonly failure: Failure };

/** Coverage of the suite's sources, those that no test loaded included, those that the project leaves out excluded. */
export async function suiteCoverage(request: CoverageRequest): Promise<CoverageResult> {
  const { run, kind, events, folders, context } = request;
  const [first] = folders;
  if (kind === 'none' || first === undefined || run.sources.length === 0) return { ok: true, files: {} };
  const [missing] = ofType(events, 'coverage-missing');
  if (missing !== undefined) {
    const version = run.suite.tool === null ? '' : `@${run.suite.tool.version}`;
    return { ok: false, failure: { reason: 'engine-missing', engine: missing.package, install: `${run.install} ${missing.package}${version}` } };
  }
  const broken = kind === 'v8' ? await reportV8Coverage(first, context) : null;
  if (broken !== null) return { ok: false, failure: broken };
  const measured = await readCoverage(folders.map(({ coverage }) => path.join(coverage, 'coverage-final.json')), context.workspace.root);
  if (measured === null && ofType(events, 'test').length > 0) {
    return { ok: false, failure: { reason: 'engine-crashed', engine: run.suite.runner, detail: 'the tests ran, but no coverage was written' } };
  }
  return { ok: true, files: await completeCoverage(request, measured ?? {}) };
}

async function completeCoverage({ run, kind, events, context }: CoverageRequest, measured: CoverageByFile): Promise<CoverageByFile> {
  const isCounted = countedByProject(events, run.suite.folder);
  const isTestFile = testFilesOf(events, context.workspace.root);
  const files: Record<string, FileCoverage> = {};
  for (const file of run.sources) {
    if (isTestFile(file)) continue;
    const reported = measured[file];
    if (reported === undefined ? !isCounted(file) : isEmptyCoverage(reported)) continue;
    // c8 counts every line of a file that was never loaded, even of one that holds only types.
    const isUnloaded = reported === undefined || (kind === 'v8' && reported.lines.covered === 0);
    const untested = isUnloaded ? await untestedCoverage(context.workspace.root, file) : null;
    const coverage = isUnloaded && untested === null ? undefined : (reported ?? untested);
    if (coverage !== undefined && coverage !== null) files[file] = coverage;
  }
  return files;
}

/** Files that the runner took for tests, whatever their names, and what belongs to them in a folder named `spec` or `specs`. */
function testFilesOf(events: readonly RunLogEvent[], root: string): (file: string) => boolean {
  const tests = new Set([...ofType(events, 'test'), ...ofType(events, 'file-error')].flatMap(({ file }) => workspacePath(root, file) ?? []));
  const folders = new Set([...tests].flatMap((file) => /^(?:.*\/)?specs?\//.exec(file)?.[0] ?? []));
  return (file) => tests.has(file) || [...folders].some((folder) => file.startsWith(folder));
}

/** Whether the project wants the coverage of a file known that no test loaded. */
function countedByProject(events: readonly RunLogEvent[], folder: string): (file: string) => boolean {
  const calls = ofType(events, 'coverage-settings').map((settings) => countedBy(settings, folder));
  return (file) => calls.length === 0 || calls.some((isCounted) => isCounted(file));
}

function countedBy(settings: Extract<RunLogEvent, { type: 'coverage-settings' }>, folder: string): (file: string) => boolean {
  const included = settings.include === null ? () => true : picomatch([...settings.include], { contains: true, dot: true });
  const excluded = isExcluded(settings.exclude, settings.excludeAs);
  return (file) => {
    const inside = folder === '' ? file : file.slice(folder.length + 1);
    return included(inside) && !excluded(inside);
  };
}

function isExcluded(patterns: readonly string[], as: 'glob' | 'regexp'): (file: string) => boolean {
  if (patterns.length === 0) return () => false;
  if (as === 'glob') return picomatch([...patterns], { contains: true, dot: true });
  const expressions = patterns.map((pattern) => new RegExp(pattern));
  return (file) => expressions.some((expression) => expression.test(`/${file}`));
}
