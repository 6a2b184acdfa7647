// Runs inside the project under check, in a process of its own: starts the project's Vitest with our reporter. Plain
// JavaScript because the Node that runs it may not strip types. Its request comes on stdin as one JSON object:
// { packageFolder, folder, logFile, related, configFile, words, slots, coverage: { folder, include } | null }
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const request = JSON.parse(readFileSync(0, 'utf8'));
const log = (event) => { appendFileSync(request.logFile, `${JSON.stringify(event)}\n`); };
let sawCrash = false;
/** Options of a script that we set ourselves, or that make no sense here. */
const OURS = new Set(['reporter', 'reporters', 'outputFile', 'ui', 'open', 'color', 'run', 'watch', 'update']);

try {
  await main();
} catch (error) {
  crash(error);
}
process.exit(sawCrash ? 1 : (process.exitCode ?? 0));

async function main() {
  const vitest = await import(pathToFileURL(entryOf(request.packageFolder, './node')).href);
  const fromScript = typeof vitest.parseCLI === 'function' && request.words.length > 0
    ? vitest.parseCLI(['vitest', ...request.words], { allowUnknownOptions: true })
    : { filter: [], options: {} };
  const { coverage: scriptCoverage, maxWorkers, minWorkers, ...others } = fromScript.options;
  const options = Object.fromEntries(Object.entries(others).filter(([name]) => !OURS.has(name)));
  const reporter = makeReporter();
  const isChosen = matcher(fromScript.filter, path.resolve(options.root ?? '.', options.dir ?? '.'));
  const filters = request.related === null ? fromScript.filter : request.related.filter(isChosen);
  // Without a filter Vitest runs every test.
  if (request.related !== null && filters.length === 0) {
    log({ type: 'end', success: true });
    return;
  }
  const context = await vitest.startVitest('test', filters, {
    ...options,
    ...(request.configFile === null ? {} : { config: request.configFile }),
    run: true,
    watch: false,
    update: false,
    cache: false,
    reporters: [reporter],
  }, { plugins: [settingsPlugin(scriptCoverage, { ...(maxWorkers === undefined ? {} : { maxWorkers }), ...(minWorkers === undefined ? {} : { minWorkers }) })] });
  // A run without a test file is not a failed one. To Vitest's option for this, a file without a test would be none either.
  if (reporter.isEmpty) process.exitCode = 0;
  if (!reporter.ended) crash(new Error('Vitest ended without reporting a result'));
  else log({ type: 'end', success: (process.exitCode ?? 0) === 0 });
  await context?.close?.();
}

/** Whether the script's own filters let Vitest run a file; as in its `filterFiles`. `dir` is where it looks for tests. */
function matcher(filters, dir) {
  const parts = filters.map((filter) => filter.replace(/:\d+$/, '')).flatMap((filter) => [filter, path.relative(dir, filter)]).map((one) => one.toLowerCase());
  return (file) => filters.length === 0 || filters.some((filter) => path.isAbsolute(filter) && file.startsWith(filter))
    || parts.some((part) => path.relative(dir, file).toLowerCase().includes(part));
}

/** The file behind an entry of the package's exports: always as an ES module. */
function entryOf(folder, name) {
  const { exports } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  let target = exports?.[name];
  while (typeof target === 'object' && target !== null) target = target.import ?? target.default;
  if (typeof target !== 'string') throw new Error(`this version of Vitest has no ${name}`);
  return path.join(folder, target);
}

/** Sees the project's configuration before Vitest does: bounds its workers, points its coverage at our folder. */
function settingsPlugin(scriptCoverage, scriptWorkers) {
  return {
    name: 'spark-gates:settings',
    config: {
      order: 'pre',
      handler(config) {
        config.test = { ...config.test, ...scriptWorkers };
        boundWorkers(config.test, request.slots);
        config.test.coverage = coverageSettings({ ...config.test.coverage, ...(typeof scriptCoverage === 'object' ? scriptCoverage : {}) });
      },
    },
  };
}

/** Never more workers than granted, never more than the project wants. */
function boundWorkers(test, slots) {
  const bound = (value) => {
    const wanted = typeof value === 'string' && value.endsWith('%') ? Math.round((Number.parseFloat(value) / 100) * cpus().length) : Number(value);
    return Number.isFinite(wanted) && wanted >= 1 ? Math.min(wanted, slots) : slots;
  };
  test.maxWorkers = bound(test.maxWorkers);
  if (test.minWorkers !== undefined) test.minWorkers = Math.min(bound(test.minWorkers), test.maxWorkers);
  for (const pool of Object.values(test.poolOptions ?? {})) {
    for (const key of ['maxForks', 'minForks', 'maxThreads', 'minThreads']) if (pool?.[key] !== undefined) pool[key] = bound(pool[key]);
  }
}

function coverageSettings(project) {
  if (request.coverage === null) return { ...project, enabled: false };
  const provider = project.provider ?? 'v8';
  if (provider !== 'custom') {
    const name = `@vitest/coverage-${provider}`;
    if (!isInstalled(name)) {
      log({ type: 'coverage-missing', package: name });
      return { ...project, enabled: false };
    }
  }
  log({ type: 'coverage-settings', include: project.include ?? null, exclude: project.exclude ?? [], excludeAs: 'glob' });
  return {
    ...project,
    include: project.include ?? request.coverage.include,
    enabled: true,
    clean: true,
    reporter: [['json', { file: 'coverage-final.json' }]],
    reportsDirectory: request.coverage.folder,
    reportOnFailure: true,
    // We judge; and autoUpdate would write to the configuration file.
    thresholds: undefined,
  };
}

function isInstalled(name) {
  for (const start of [request.folder, request.packageFolder]) {
    for (let folder = start; ; folder = path.dirname(folder)) {
      if (existsSync(path.join(folder, 'node_modules', name, 'package.json'))) return true;
      if (folder === path.dirname(folder)) break;
    }
  }
  return false;
}

function makeReporter() {
  const seen = new Set();
  const test = (testCase) => {
    const result = testCase.result();
    if (seen.has(testCase.id) || result === undefined || result.state === 'pending') return;
    seen.add(testCase.id);
    const diagnostic = testCase.diagnostic();
    log({
      type: 'test',
      file: testCase.module.moduleId,
      name: testCase.fullName,
      status: result.state,
      durationMs: diagnostic?.duration ?? 0,
      retries: diagnostic?.retryCount ?? 0,
      line: testCase.location?.line ?? null,
      column: testCase.location?.column ?? null,
      ...(result.state === 'failed' ? { errors: (result.errors ?? []).map(describe) } : {}),
    });
  };
  const module = (testModule) => {
    for (const testCase of testModule.children.allTests()) test(testCase);
    const broken = [testModule, ...testModule.children.allSuites()];
    for (const suite of broken) {
      const errors = suite.errors();
      if (errors.length > 0 && !seen.has(suite.id)) {
        seen.add(suite.id);
        log({ type: 'file-error', file: testModule.moduleId, ...(suite === testModule ? {} : { name: suite.fullName }), errors: errors.map(describe) });
      }
    }
  };
  return {
    ended: false,
    /** No test file was found. */
    isEmpty: false,
    onTestCaseResult: test,
    onTestModuleEnd: module,
    onTestRunEnd(modules, unhandled) {
      this.ended = true;
      this.isEmpty = modules.length + unhandled.length === 0;
      for (const testModule of modules) module(testModule);
      for (const error of unhandled) log({ type: 'unhandled', file: error.VITEST_TEST_PATH ?? null, errors: [describe(error)] });
    },
    // Vitest before 3 reports raw tasks, once, at the end.
    onFinished(files, unhandled) {
      if (this.ended) return;
      this.ended = true;
      this.isEmpty = (files ?? []).length + (unhandled ?? []).length === 0;
      for (const file of files ?? []) rawTasks(file, file, []);
      for (const error of unhandled ?? []) log({ type: 'unhandled', file: error.VITEST_TEST_PATH ?? null, errors: [describe(error)] });
    },
  };
}

function rawTasks(task, file, names) {
  const isFile = task === file;
  const path = isFile ? [] : [...names, task.name];
  if (task.type === 'suite') {
    const errors = task.result?.errors ?? [];
    if (errors.length > 0) log({ type: 'file-error', file: file.filepath, ...(isFile ? {} : { name: path.join(' > ') }), errors: errors.map(describe) });
    for (const child of task.tasks) rawTasks(child, file, path);
    return;
  }
  const state = task.result?.state;
  const status = state === 'pass' ? 'passed' : state === 'fail' ? 'failed' : 'skipped';
  log({
    type: 'test',
    file: file.filepath,
    name: path.join(' > '),
    status,
    durationMs: task.result?.duration ?? 0,
    retries: task.result?.retryCount ?? 0,
    ...(status === 'failed' ? { errors: (task.result?.errors ?? []).map(describe) } : {}),
  });
}

function describe(error) {
  const frames = (error.stacks ?? [])
    .filter((frame) => typeof frame.file === 'string')
    .map(({ file, line, column }) => ({ file, line, column: column ?? null }));
  // A file that does not parse: the bundler knows the place, the stack does not.
  if (typeof error.loc?.file === 'string') frames.unshift({ file: error.loc.file, line: error.loc.line, column: (error.loc.column ?? 0) + 1 });
  else if (typeof error.id === 'string' && typeof error.loc?.line === 'number') frames.unshift({ file: error.id, line: error.loc.line, column: (error.loc.column ?? 0) + 1 });
  const text = stripVTControlCharacters(String(error.message ?? error));
  const named = error.name !== undefined && error.name !== 'Error' && !text.startsWith(error.name) ? `${error.name}: ${text}` : text;
  return {
    message: named,
    ...(typeof error.diff === 'string' ? { diff: stripVTControlCharacters(error.diff) } : {}),
    ...(typeof error.stack === 'string' ? { stack: stripVTControlCharacters(error.stack) } : {}),
    ...(frames.length > 0 ? { frames } : {}),
  };
}

function crash(error) {
  sawCrash = true;
  log({ type: 'crash', message: stripVTControlCharacters(String(error?.stack ?? error)) });
}
