// Loaded by `node --test` as a reporter (--test-reporter); plain JavaScript because that Node may not strip types. Writes
// the run log named in SPARK_GATES_RUN_LOG as the events arrive, and yields nothing.
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const log = (event) => { appendFileSync(process.env.SPARK_GATES_RUN_LOG, `${JSON.stringify(event)}\n`); };

// eslint-disable-next-line require-yield -- a reporter must be a generator, even one that prints nothing
export default async function* runLog(source) {
  /** Names of the open tests by nesting: start events come in order of definition, parents first. */
  const open = [];
  /** What a file printed while it died, which is where the reason is. */
  const printed = new Map();
  /** What Node says about a file besides its tests: that it threw something after them. It need not name the file. */
  const remarks = new Map();
  let current = '';
  let failed = 0;
  for await (const { type, data } of source) {
    // Unlike others, these come file by file.
    if (data.file !== undefined && (type === 'test:start' || type === 'test:pass' || type === 'test:fail')) current = path.resolve(data.file);
    if (type === 'test:start') {
      open.length = data.nesting;
      open.push(data.name);
    } else if (type === 'test:stderr' && data.file !== undefined) {
      // Node 24 names the file relative to the working folder here, and in full in the other events.
      const file = path.resolve(data.file);
      printed.set(file, `${printed.get(file) ?? ''}${data.message}`.slice(-20_000));
    } else if (type === 'test:diagnostic') {
      remarks.set(current, `${remarks.get(current) ?? ''}${data.message}\n`.slice(-20_000));
    } else if (type === 'test:pass' || type === 'test:fail') {
      if (type === 'test:fail' && data.todo === undefined) failed += 1;
      report(type === 'test:pass', data, [...open.slice(0, data.nesting), data.name], { printed, remarks });
    }
  }
  log({ type: 'end', success: failed === 0 });
}

function report(passed, data, names, { printed, remarks }) {
  const { details } = data;
  const file = data.file ?? path.resolve(data.name);
  const isFile = data.nesting === 0 && path.resolve(data.name) === file;
  const error = details.error;
  if (!passed && error?.failureType === 'subtestsFailed') return;
  if (isFile && !passed) {
    log({ type: 'file-error', file, errors: [fileError(error, printed.get(file) ?? '', remarks.get(file) ?? '')] });
    return;
  }
  if (details.type === 'suite') {
    if (!passed) log({ type: 'file-error', file, name: names.join(' > '), errors: [describe(error)] });
    return;
  }
  // A test that is expected to fail (todo) fails nothing.
  const isOff = data.skip !== undefined && data.skip !== false || data.todo !== undefined && data.todo !== false;
  const status = isOff ? 'skipped' : passed ? 'passed' : 'failed';
  log({
    type: 'test',
    file,
    name: isFile ? path.basename(file) : names.join(' > '),
    status,
    durationMs: details.duration_ms ?? 0,
    line: isFile ? null : (data.line ?? null),
    column: isFile ? null : (data.column ?? null),
    ...(status === 'failed' ? { errors: [describe(error)] } : {}),
  });
}

/** Node wraps what was thrown; the reason is its cause. */
function describe(error) {
  const cause = error?.cause ?? error;
  if (typeof cause !== 'object' || cause === null) return { message: stripVTControlCharacters(String(cause)) };
  const message = stripVTControlCharacters(String(cause.message ?? cause));
  const name = cause.name !== undefined && cause.name !== 'Error' && cause.code !== 'ERR_TEST_FAILURE' ? `${cause.name}: ` : '';
  const prefix = error?.failureType === 'hookFailed' ? `${String(error.message)}: ` : '';
  return { message: `${prefix}${name}${message}`, ...(typeof cause.stack === 'string' ? { stack: stripVTControlCharacters(cause.stack) } : {}) };
}

/** Why a file failed none of whose tests did: what it died of, what it threw too late, or else how it ended. */
function fileError(error, printed, remarks) {
  const text = stripVTControlCharacters(printed).trim();
  // Node prints the place, the code, then the error with its stack.
  const line = text.split('\n').find((one) => /^(?:Uncaught )?[A-Za-z]*(?:Error|Exception)\b/.test(one));
  if (line !== undefined) return { message: line, stack: text };
  const late = /created the error "([^]*?)"(?= (?:which|and) )/.exec(stripVTControlCharacters(remarks))?.[1];
  if (late !== undefined) return { message: `threw after its tests had ended: ${late}` };
  const { message } = describe(error);
  if (message !== 'test failed') return { message };
  const end = error.signal ? `was ended by ${error.signal}` : `ended with exit code ${String(error.exitCode)}`;
  return { message: `none of its tests failed, but the file ${end}${text === '' ? '' : `; it printed:\n${text}`}` };
}
