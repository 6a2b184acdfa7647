import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import picomatch from 'picomatch';
import { glob } from 'tinyglobby';
import type { RunContext } from '../../../src/model/run-context.ts';
import { commandOf } from './script-words.ts';
import { RUNNER_ENVIRONMENT, type Runner, type SuiteRun } from './suite-run.ts';
import { looksLikeTestFile } from './test-files.ts';
import { withoutOptions } from './words.ts';

const REPORTER = pathToFileURL(fileURLToPath(new URL('./node-test-reporter.mjs', import.meta.url))).href;

/** Options of a script that we set ourselves: who reports, and what coverage is enough. */
const OURS = [
  '--test', '--test-reporter=', '--test-reporter-destination=', '--experimental-test-coverage', '--test-coverage-lines=', '--test-coverage-branches=', '--test-coverage-functions=',
  '--test-coverage-include=', '--test-coverage-exclude=', '--watch', '--test-update-snapshots',
];
/** Options of Node that are followed by a value of their own. */
const VALUED = new Set(['--import', '--require', '-r', '--loader', '--experimental-loader', '--conditions', '-C', '--env-file', '--test-name-pattern', '--test-skip-pattern', '--test-timeout', '--test-concurrency', '--test-shard', '--test-isolation', '--test-global-setup']);

/** Node's own runner with the script's options, a reporter of ours, and V8 coverage. */
export const runNodeTest: Runner = async (run, folders, context) => {
  const command = run.suite.script === null ? null : commandOf(run.scripts, run.suite.script, (word) => /(?:^|\/)node$/.test(word));
  const { options, positionals } = splitWords(withoutOptions([...(command?.words ?? []), ...run.args], OURS));
  const files = await testFiles(run, positionals, folders.suite, context);
  if (files?.length === 0) return { ok: true, process: null, coverage: run.sources.length === 0 ? 'none' : 'v8' };
  const ended = await context.subprocess({
    file: process.execPath,
    args: [
      ...options,
      '--test',
      ...(options.some((option) => option.startsWith('--test-concurrency')) ? [] : [`--test-concurrency=${String(context.slots)}`]),
      `--test-reporter=${REPORTER}`,
      '--test-reporter-destination=stdout',
      ...(files ?? []),
    ],
    cwd: folders.suite,
    environment: { ...RUNNER_ENVIRONMENT, ...command?.environment, SPARK_GATES_RUN_LOG: folders.logFile, NODE_V8_COVERAGE: run.sources.length === 0 ? undefined : folders.v8 },
  });
  return { ok: true, process: ended, coverage: run.sources.length === 0 ? 'none' : 'v8' };
};

function splitWords(words: readonly string[]): { readonly options: readonly string[]; readonly positionals: readonly string[] } {
  const options: string[] = [];
  const positionals: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) positionals.push(word);
    else {
      options.push(word);
      const value = words[index + 1];
      if (VALUED.has(word) && value !== undefined) {
        options.push(value);
        index += 1;
      }
    }
  }
  return { options, positionals };
}

/** Relative to the suite's folder; null leaves the search to Node. */
async function testFiles(run: SuiteRun, positionals: readonly string[], folder: string, context: RunContext): Promise<readonly string[] | null> {
  const named = positionals.length === 0 ? null : await expand(positionals, folder);
  if (run.related === null) return named;
  const related = run.related.map((file) => path.relative(folder, path.join(context.workspace.root, file)));
  return related.filter((file) => (named === null ? isNodeTestFile(file) : named.includes(file)));
}

/** What npm's shell would expand, and newer Node versions themselves. A folder means the test files in it. */
async function expand(positionals: readonly string[], folder: string): Promise<readonly string[]> {
  const found = await glob([...positionals], { cwd: folder, ignore: ['**/node_modules/**'], expandDirectories: false });
  const inFolders = await glob(positionals.map((one) => `${one.replace(/\/$/, '')}/**`), { cwd: folder, ignore: ['**/node_modules/**'], expandDirectories: false });
  return [...new Set([...found, ...inFolders.filter(looksLikeTestFile)])].map((file) => path.normalize(file)).sort();
}

/** The names that `node --test` looks for by itself (Node's documentation, "Running tests from the command line"). */
const isNodeTestFile = picomatch(['**/*.test.?(c|m)[jt]s', '**/*-test.?(c|m)[jt]s', '**/*_test.?(c|m)[jt]s', '**/test-*.?(c|m)[jt]s', '**/test.?(c|m)[jt]s', '**/test/**/*.?(c|m)[jt]s']);
