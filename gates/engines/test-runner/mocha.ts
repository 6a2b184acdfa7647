import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SubprocessResult } from '../../../src/system/subprocess.ts';
import { binaryOf } from './binary.ts';
import { locationsOf, workspacePath } from './location.ts';
import { readRunLog } from './run-log.ts';
import { nodeRequest } from './runner-call.ts';
import type { Runner } from './suite-run.ts';
import { withoutOptions } from './words.ts';

const DRIVER = fileURLToPath(new URL('./mocha-driver.mjs', import.meta.url));
const REPORTER = fileURLToPath(new URL('./mocha-reporter.cjs', import.meta.url));

/** Options of a script that we set ourselves. */
const OURS = ['--reporter=', '-R=', '--reporter-option=', '--reporter-options=', '-O=', '--watch', '-w', '--color', '--colors', '-c', '--bail', '-b'];

/** The project's Mocha with the project's options, a reporter of ours, and V8 coverage. */
export const runMocha: Runner = async (run, call, folders, context) => {
  const { tool } = run.suite;
  if (tool === null) return { ok: false, failure: { reason: 'engine-missing', engine: 'Mocha', install: `${run.install} mocha` } };
  const { root } = context.workspace;
  const config = run.configFile === null ? [] : ['--config', path.join(root, run.configFile)];
  const ended = await context.subprocess({
    ...nodeRequest(call, [DRIVER]),
    cwd: folders.suite,
    environment: {
      ...call.environment,
      SPARK_GATES_RUN_LOG: folders.logFile,
      NODE_V8_COVERAGE: run.sources.length === 0 ? undefined : folders.v8,
    },
    input: JSON.stringify({
      packageFolder: tool.folder,
      binary: await binaryOf(tool.folder, 'mocha'),
      temp: folders.temp,
      words: [...withoutOptions(call.words, OURS), ...config],
      reporter: REPORTER,
      related: run.related?.map((file) => path.join(root, file)) ?? null,
      files: run.related === null ? [] : context.workspace.files.map((file) => path.join(root, file)),
      slots: context.slots,
    }),
  });
  await reportLoadError(ended, folders.logFile, root);
  return { ok: true, process: ended, coverage: run.sources.length === 0 ? 'none' : 'v8' };
};

/** Mocha dies of a test file that it cannot load, before any reporter exists; the reason is only in what it printed. */
async function reportLoadError({ outcome, stderr }: SubprocessResult, logFile: string, root: string): Promise<void> {
  if (outcome.kind !== 'exited' || outcome.exitCode === 0 || (await readRunLog(logFile)).length > 0) return;
  const lines = stderr.split('\n');
  const message = lines.map((line) => line.trim().replace(/^Exception during run: /, '')).find((line) => /^\[?[A-Za-z]*Error\b/.test(line));
  if (message === undefined) return;
  const named = [...stderr.matchAll(/(?:imported from |^- |^)((?:file:\/\/)?\/[^\s:]+)/gm)].map(([, file = '']) => workspacePath(root, file)).find((file) => file !== null);
  const file = locationsOf(root, { message, stack: stderr })[0]?.file ?? named;
  if (file === undefined) return;
  const events = [{ type: 'file-error', file: path.join(root, file), errors: [{ message, stack: stderr }] }, { type: 'end', success: false }];
  await appendFile(logFile, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}
