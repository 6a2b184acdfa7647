// Loaded by the project's Jest as a reporter; plain JavaScript because that Jest may not strip types. Writes the run log.
import { appendFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

export default class RunLogReporter {
  constructor(globalConfig) {
    this.logFile = process.env.SPARK_GATES_RUN_LOG;
    this.seen = new Set();
    this.include = globalConfig.collectCoverageFrom ?? [];
  }

  log(event) {
    appendFileSync(this.logFile, `${JSON.stringify(event)}\n`);
  }

  onTestFileStart(test) {
    // A file that is run again, or in a second project, tells its tests again.
    for (const key of [...this.seen]) if (key.startsWith(`${test.path}\n`)) this.seen.delete(key);
  }

  onTestCaseResult(test, result) {
    this.testCase(test.path, result);
  }

  onTestResult(test, result) {
    for (const one of result.testResults) this.testCase(test.path, one);
    if (result.testExecError !== undefined && result.testExecError !== null) {
      this.log({ type: 'file-error', file: test.path, errors: [describe(result.testExecError)] });
    } else if (result.failureMessage && result.testResults.every(({ status }) => status !== 'failed')) {
      this.log({ type: 'file-error', file: test.path, errors: [{ message: clean(result.failureMessage) }] });
    }
  }

  testCase(file, result) {
    const name = [...result.ancestorTitles, result.title].join(' > ');
    const key = `${file}\n${name}\n${result.location?.line ?? ''}:${result.location?.column ?? ''}\n${result.status}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const status = result.status === 'passed' || result.status === 'failed' ? result.status : 'skipped';
    this.log({
      type: 'test',
      file,
      name,
      status,
      durationMs: result.duration ?? 0,
      retries: Math.max(0, (result.invocations ?? 1) - 1),
      line: result.location?.line ?? null,
      column: result.location === null || result.location === undefined ? null : result.location.column,
      ...(status === 'failed' ? { errors: result.failureMessages.map(fromText) } : {}),
    });
  }

  onRunComplete(contexts, results) {
    const exclude = [...contexts].flatMap(({ config }) => config.coveragePathIgnorePatterns ?? []);
    this.log({ type: 'coverage-settings', include: this.include.length === 0 ? null : this.include, exclude, excludeAs: 'regexp' });
    if (results.runExecError) this.log({ type: 'unhandled', file: null, errors: [describe(results.runExecError)] });
    // Jest sets `results.success` only after its reporters have ended.
    this.log({ type: 'end', success: results.numFailedTests === 0 && results.numFailedTestSuites === 0 && !results.wasInterrupted });
  }
}

/** Jest hands over messages with their stack appended. */
function fromText(text) {
  const stack = clean(text);
  const at = stack.search(/\n\s+at /);
  return { message: (at === -1 ? stack : stack.slice(0, at)).replace(/^Error: (?=expect\()/, ''), stack };
}

function describe(error) {
  const message = clean(String(error.message ?? error));
  const stack = clean(String(error.stack ?? ''));
  return { message: message === '' ? stack : message, stack };
}

function clean(text) {
  return stripVTControlCharacters(text);
}
