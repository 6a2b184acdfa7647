import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { RUNNER_ENVIRONMENT, type Runner } from './suite-run.ts';

/** Kept of what a failed command printed last. */
const TAIL_LINES_MAX = 40;

/**
 * A script in exactly its own words, as npm would run it, under V8 coverage. All that is known of its tests is the exit
 * code; narrowing it to a team's files is not possible.
 */
export const runCommand: Runner = async (run, folders, context) => {
  const words = run.suite.script === null ? undefined : run.scripts[run.suite.script];
  if (words === undefined) return { ok: false, failure: { reason: 'project-config', file: path.posix.join(run.suite.folder, 'package.json'), detail: `has no script ${run.suite.script ?? ''}` } };
  const ended = await context.subprocess({
    file: [words, ...run.args].join(' '),
    args: [],
    shell: true,
    cwd: folders.suite,
    environment: {
      ...RUNNER_ENVIRONMENT,
      PATH: [...binFolders(folders.suite), context.environment['PATH'] ?? ''].join(path.delimiter),
      npm_lifecycle_event: run.suite.script ?? undefined,
      NODE_V8_COVERAGE: run.sources.length === 0 ? undefined : folders.v8,
    },
  });
  const { outcome, stdout, stderr } = ended;
  if (outcome.kind === 'exited') {
    const isMissing = outcome.exitCode === 127;
    const success = outcome.exitCode === 0;
    if (!success && !isMissing) await log(folders.logFile, { type: 'command-failed', message: [`${words}: exit code ${outcome.exitCode}`, ...tail(stdout, stderr)].join('\n') });
    if (!isMissing) await log(folders.logFile, { type: 'end', success });
  }
  return { ok: true, process: ended, coverage: run.sources.length === 0 ? 'none' : 'v8' };
};

/** `node_modules/.bin` of the folder and all above it, as npm puts them into PATH. */
function binFolders(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return [path.join(folder, 'node_modules', '.bin'), ...(parent === folder ? [] : binFolders(parent))];
}

function tail(stdout: string, stderr: string): readonly string[] {
  return [stdout, stderr].flatMap((text) => text.trimEnd().split('\n').slice(-TAIL_LINES_MAX)).filter((line) => line.trim() !== '');
}

async function log(file: string, event: unknown): Promise<void> {
  await appendFile(file, `${JSON.stringify(event)}\n`);
}
