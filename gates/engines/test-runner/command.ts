import { createHash } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunContext } from '../../../src/model/run-context.ts';
import type { CommandStep } from '../../../src/model/workspace.ts';
import type { SubprocessResult } from '../../../src/system/subprocess.ts';
import { scriptEnvironment } from './runner-call.ts';
import { RUNNER_ENVIRONMENT, type RunFolders, type RunnerResult, type SuiteRun } from './suite-run.ts';

/** Kept of what a failed command printed last. */
const TAIL_LINES_MAX = 40;

export interface CommandRole {
  /** It is a test by itself, no preparation of one: it is counted. */
  readonly isTest: boolean;
  /** V8 measures what it runs. */
  readonly measured: boolean;
}

/**
 * A command of a script in exactly its own words, as npm would run it. All that is known of it is the exit code; narrowing it
 * to a team's files is not possible.
 */
export async function runCommand(step: CommandStep, run: SuiteRun, role: CommandRole, folders: RunFolders, context: RunContext): Promise<RunnerResult> {
  const folder = path.join(context.workspace.root, step.folder);
  const line = [step.text, ...(step.script === run.suite.script && run.suite.runner === 'command' ? run.args : [])].join(' ');
  const ended = await once(step, run, context, async () => context.subprocess({
    file: line,
    args: [],
    shell: true,
    cwd: folder,
    environment: {
      ...RUNNER_ENVIRONMENT,
      ...(await scriptEnvironment(folder, step.script, context)),
      npm_lifecycle_script: line,
      NODE_V8_COVERAGE: role.measured && run.sources.length > 0 ? folders.v8 : undefined,
    },
  }));
  const { outcome, durationMs } = ended;
  // The shell found no such program: nothing was tested, and nothing is wrong with the code.
  if (outcome.kind !== 'exited' || outcome.exitCode === 127) return { ok: true, process: ended, coverage: 'none' };
  const failure = outcome.exitCode === 0 ? null : [`${line}: exit code ${String(outcome.exitCode)}`, ...tail(ended)].join('\n');
  const events = [{ type: 'command', file: path.join(folder, 'package.json'), name: line, isTest: role.isTest, durationMs, failure }, { type: 'end', success: failure === null }];
  await appendFile(folders.logFile, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return { ok: true, process: ended, coverage: role.measured ? 'v8' : 'none' };
}

/** What prepares the tests of several packages is run once in a run, not once for each; test runs never overlap. */
async function once(step: CommandStep, run: SuiteRun, context: RunContext, start: () => Promise<SubprocessResult>): Promise<SubprocessResult> {
  if (step.folder === run.suite.folder) return start();
  const file = path.join(context.runFolder, `${createHash('sha256').update(JSON.stringify(step)).digest('hex')}.json`);
  const known = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  // Written below, by this same version.
  if (known !== null) return JSON.parse(known) as SubprocessResult;
  const ended = await start();
  if (ended.outcome.kind === 'exited') await writeFile(file, JSON.stringify(ended));
  return ended;
}

function tail({ stdout, stderr }: SubprocessResult): readonly string[] {
  return [stdout, stderr].flatMap((text) => text.trimEnd().split('\n').slice(-TAIL_LINES_MAX)).filter((line) => line.trim() !== '');
}
