#!/usr/bin/env node
import type { CommandContext, ExitCode } from './commands/command-context.ts';
import { systemClock } from './system/clock.ts';
import { openOutput } from './system/output.ts';

const { env: environment, platform } = process;
const stdout = openOutput(process.stdout);
const stderr = openOutput(process.stderr);
const graceful = new AbortController();
const force = new AbortController();

/** The first signal ends the run in good order, the second without waiting, the third at once. */
function onSignal(exitCode: 130 | 143): void {
  if (force.signal.aborted) process.exit(exitCode);
  if (graceful.signal.aborted) force.abort();
  else graceful.abort(exitCode);
}

/** https://no-color.org, https://force-color.org: an empty NO_COLOR is none, FORCE_COLOR wins. */
function takesColour(isTTY: boolean): boolean {
  if (environment.FORCE_COLOR !== undefined) return environment.FORCE_COLOR !== '0' && environment.FORCE_COLOR !== 'false';
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false;
  return isTTY && environment.TERM !== 'dumb';
}

const isCi = environment.CI !== undefined && environment.CI !== '' && environment.CI !== 'false' && environment.CI !== '0';
const isOldConsole = platform === 'win32' && environment.WT_SESSION === undefined && environment.TERM_PROGRAM === undefined;

process.on('SIGINT', () => { onSignal(130); });
process.on('SIGTERM', () => { onSignal(143); });

const args = process.argv.slice(2);
const context: CommandContext = {
  cwd: process.cwd(),
  environment: { ...environment },
  stdout,
  stderr,
  colour: { stdout: takesColour(stdout.isTTY), stderr: takesColour(stderr.isTTY) },
  live: stderr.isTTY && !isCi && environment.TERM !== 'dumb',
  unicode: environment.TERM !== 'linux' && !isOldConsole,
  clock: systemClock,
  signal: graceful.signal,
  force: force.signal,
};
/** An earlier run's report, where that is what a run would say: without loading what a run takes. */
async function replay(): Promise<ExitCode | null> {
  if (args[0] !== 'run') return null;
  const { tryReplay } = await import('./commands/replay.ts');
  try {
    return await tryReplay(args, context);
  } catch (error) {
    // Whatever keeps it from being shown again, the run will meet and explain.
    if (error instanceof Error) return null;
    throw error;
  }
}

async function run(): Promise<ExitCode> {
  const { runProgram } = await import('./commands/program.ts');
  return runProgram(args, context);
}

const exitCode = (await replay()) ?? (await run());
// Everything is flushed; whatever a configuration file left running (a timer, a socket) must not keep the process.
process.exit(exitCode);
