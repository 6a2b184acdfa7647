// Loaded by the project's Mocha as a reporter: CommonJS because that is what Mocha before 12 can load. Writes the run log
// named in SPARK_GATES_RUN_LOG as the tests end.
'use strict';
const { appendFileSync } = require('node:fs');
const { stripVTControlCharacters } = require('node:util');

const log = (event) => { appendFileSync(process.env.SPARK_GATES_RUN_LOG, `${JSON.stringify(event)}\n`); };

module.exports = function RunLogReporter(runner) {
  let failed = 0;
  runner.on('pass', (test) => { report(test, 'passed'); });
  runner.on('pending', (test) => { report(test, 'skipped'); });
  runner.on('fail', (test, error) => {
    failed += 1;
    if (test.type === 'hook') log({ type: 'file-error', file: fileOf(test), name: nameOf(test), errors: [describe(error)] });
    else report(test, 'failed', error);
  });
  runner.on('end', () => { log({ type: 'end', success: failed === 0 }); });
};

function report(test, status, error) {
  log({
    type: 'test',
    file: fileOf(test),
    name: nameOf(test),
    status,
    durationMs: test.duration ?? 0,
    retries: test._currentRetry ?? (typeof test.currentRetry === 'function' ? test.currentRetry() : 0),
    ...(error === undefined ? {} : { errors: [describe(error)] }),
  });
}

function nameOf(test) {
  return (typeof test.titlePath === 'function' ? test.titlePath() : [test.fullTitle()]).filter((title) => title !== '').join(' > ');
}

function fileOf(test) {
  for (let one = test; one !== undefined && one !== null; one = one.parent) if (typeof one.file === 'string') return one.file;
  return process.cwd();
}

function describe(error) {
  const text = stripVTControlCharacters(String(error?.message ?? error));
  const name = error?.name !== undefined && error.name !== 'Error' && !text.startsWith(error.name) ? `${String(error.name)}: ` : '';
  const { actual, expected } = error ?? {};
  const isShown = error?.showDiff !== false && expected !== undefined && !/^\s*[+-] /m.test(text);
  return {
    message: `${name}${text}`,
    ...(isShown ? { diff: `Expected: ${show(expected)}\nReceived: ${show(actual)}` } : {}),
    ...(typeof error?.stack === 'string' ? { stack: stripVTControlCharacters(error.stack) } : {}),
  };
}

function show(value) {
  return require('node:util').inspect(value, { depth: 6, sorted: true, colors: false });
}
