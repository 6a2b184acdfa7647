import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { glob } from 'tinyglobby';
import type { RunContext } from '../../../src/model/run-context.ts';
import { nodeRequest } from './runner-call.ts';
import type { Runner, SuiteRun } from './suite-run.ts';
import { looksLikeTestFile } from './test-files.ts';
import { withoutOptions } from './words.ts';

const REPORTER = pathToFileURL(fileURLToPath(new URL('./node-test-reporter.mjs', import.meta.url))).href;

/** Options of a script that we set ourselves: who reports, and what coverage is enough. */
const OURS = [
  '--test', '--test-reporter=', '--test-reporter-destination=', '--experimental-test-coverage', '--test-coverage-lines=', '--test-coverage-branches=', '--test-coverage-functions=',
  '--test-coverage-include=', '--test-coverage-exclude=', '--watch', '--test-update-snapshots',
];
/** Options of Node that are followed by a value of their own. */
const VALUED = new Set(['--import', '--require', '-r', '--loader', '--experimental-loader', '--conditions', '-C', '--env-file', '--env-file-if-exists', '--test-name-pattern', '--test-skip-pattern', '--test-timeout', '--test-concurrency', '--test-shard', '--test-isolation', '--test-global-setup']);

/** Node's own runner with the script's options, a reporter of ours, and V8 coverage. */
export const runNodeTest: Runner = async (run, call, folders, context) => {
  const { options, positionals } = splitWords(withoutOptions(call.words, OURS));
  const files = await testFiles(run, positionals, folders.suite, context);
  if (files?.length === 0) return { ok: true, process: null, coverage: run.sources.length === 0 ? 'none' : 'v8' };
  const ended = await context.subprocess({
    ...nodeRequest(call, [
      ...options,
      '--test',
      ...(options.some((option) => option.startsWith('--test-concurrency')) ? [] : [`--test-concurrency=${String(context.slots)}`]),
      `--test-reporter=${REPORTER}`,
      '--test-reporter-destination=stdout',
      ...(files ?? []),
    ]),
    cwd: folders.suite,
    environment: { ...call.environment, SPARK_GATES_RUN_LOG: folders.logFile, NODE_V8_COVERAGE: run.sources.length === 0 ? undefined : folders.v8 },
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
  if (run.related === null) return positionals.length === 0 ? null : expand(positionals, folder);
  const { root, files } = context.workspace;
  const relative = (file: string): string => path.relative(folder, path.join(root, file));
  const candidates = positionals.length === 0 ? await glob([...NODE_TEST_FILES], { cwd: folder, ignore: ['**/node_modules/**'] }) : await expand(positionals, folder);
  const related = new Set(run.related.map(relative));
  // What was built, and is no file of the workspace, may have been made of any of its sources.
  const known = new Set(files.map(relative));
  return candidates.map((file) => path.normalize(file)).filter((file) => related.has(file) || !known.has(file)).sort();
}

/** What npm's shell left, and newer Node versions expand themselves. A folder means the test files in it. */
async function expand(positionals: readonly string[], folder: string): Promise<readonly string[]> {
  const found = await Promise.all(positionals.map(async (positional) => {
    const there = await stat(path.resolve(folder, positional)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    });
    if (there?.isFile() === true) return [positional];
    const options = { ignore: ['**/node_modules/**'], expandDirectories: false } as const;
    if (there === null) return glob([positional], { ...options, cwd: folder });
    const inside = await glob(['**'], { ...options, cwd: path.resolve(folder, positional) });
    return inside.map((file) => path.join(positional, file)).filter((file) => looksLikeTestFile(path.relative(folder, path.resolve(folder, file))));
  }));
  return [...new Set(found.flat().map((file) => path.normalize(file)))].sort();
}

/** The names that `node --test` looks for by itself (Node's documentation, "Running tests from the command line"). */
const NODE_TEST_FILES = ['**/*.test.?(c|m)[jt]s', '**/*-test.?(c|m)[jt]s', '**/*_test.?(c|m)[jt]s', '**/test-*.?(c|m)[jt]s', '**/test.?(c|m)[jt]s', '**/test/**/*.?(c|m)[jt]s'];
