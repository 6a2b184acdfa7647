import { runProgram } from '../../src/commands/program.ts';
import { recordOutput } from '../reporters/events.ts';

/** Runs a command line in this process, as `cli.ts` would, without colours or a terminal. */
export async function runLine(cwd: string, ...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const { options, written } = recordOutput();
  const never = new AbortController().signal;
  const { PATH, HOME } = process.env;
  const exitCode = await runProgram(args, { ...options, cwd, environment: { PATH, HOME }, signal: never, force: never, daemon: null, kept: null });
  return { exitCode, ...written };
}
