import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { binaryOf } from './binary.ts';
import { splitJestWords } from './jest-words.ts';
import { nodeRequest } from './runner-call.ts';
import type { Runner } from './suite-run.ts';
import { withoutOptions } from './words.ts';

const FILTER = fileURLToPath(new URL('./jest-filter.cjs', import.meta.url));
const REPORTER = fileURLToPath(new URL('./jest-reporter.mjs', import.meta.url));

/** Options of a script that we set ourselves, or that would write or ask. */
const OURS = [
  '--coverage', '--collectCoverage', '--coverageReporters=*', '--coverageDirectory=', '--coverageThreshold=', '--reporters=*', '--watch', '--watchAll', '--updateSnapshot', '-u',
  '--json', '--outputFile=', '--verbose', '--silent', '--colors', '--color', '--onlyChanged', '-o', '--bail', '--notify', '--passWithNoTests',
];

/** The project's Jest through its command line, with a reporter of ours; coverage by the provider that it configures. */
export const runJest: Runner = async (run, call, folders, context) => {
  const { tool } = run.suite;
  if (tool === null) return { ok: false, failure: { reason: 'engine-missing', engine: 'Jest', install: `${run.install} jest` } };
  const withCoverage = run.sources.length > 0;
  const written = withoutOptions(call.words, OURS);
  // Jest ignores patterns where it is asked for related tests, and takes bare ones for files to relate to.
  const { options, patterns } = run.related === null ? { options: written, patterns: [] } : splitJestWords(written);
  const args = [
    await binaryOf(tool.folder, 'jest'),
    ...options,
    ...(run.configFile === null ? [] : [`--config=${path.join(context.workspace.root, run.configFile)}`]),
    '--ci',
    '--watchman=false',
    '--passWithNoTests',
    '--testLocationInResults',
    ...(options.some((word) => /^(?:--runInBand|-i|--maxWorkers|-w)(?:=|$)/.test(word)) ? [] : [`--maxWorkers=${String(context.slots)}`]),
    `--coverage=${String(withCoverage)}`,
    ...(withCoverage ? ['--coverageReporters=json', `--coverageDirectory=${folders.coverage}`, '--coverageThreshold={}'] : []),
    `--reporters=${REPORTER}`,
    ...(patterns.length === 0 ? [] : [`--filter=${FILTER}`]),
    // Jest follows the imports once more with its own resolver; only files that it takes for tests run.
    ...(run.related === null ? [] : ['--findRelatedTests', '--', ...run.related.map((file) => path.join(context.workspace.root, file))]),
  ];
  const ended = await context.subprocess({
    ...nodeRequest(call, args),
    cwd: folders.suite,
    environment: {
      ...call.environment,
      SPARK_GATES_RUN_LOG: folders.logFile,
      SPARK_GATES_TEST_PATTERNS: JSON.stringify({ patterns, rootFolder: folders.suite, asObjects: Number.parseInt(tool.version, 10) < 30 }),
    },
  });
  return { ok: true, process: ended, coverage: withCoverage ? 'istanbul' : 'none' };
};
