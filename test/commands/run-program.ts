import type { CommandContext } from '../../src/commands/command-context.ts';
import { runProgram } from '../../src/commands/program.ts';
import type { Clock } from '../../src/system/clock.ts';
import { recordOutput } from '../reporters/events.ts';

/** Runs a command line in this process, as `cli.ts` would, without colours or a terminal. */
export function runLine(cwd: string, ...args: string[]): Promise<Ran> {
  return runLineAt(recordOutput().options.clock, cwd, ...args);
}

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runLineAt(clock: Clock, cwd: string, ...args: string[]): Promise<Ran> {
  return runLineWith({ clock }, cwd, ...args);
}

export async function runLineWith(more: Partial<CommandContext>, cwd: string, ...args: string[]): Promise<Ran> {
  const { options, written } = recordOutput();
  const never = new AbortController().signal;
  const { PATH, HOME } = process.env;
  const exitCode = await runProgram(args, { ...options, cwd, environment: { PATH, HOME }, signal: never, force: never, daemon: null, kept: null, ...more });
  return { exitCode, ...written };
}
