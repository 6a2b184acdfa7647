import type { Command } from 'commander';
import type { CommandContext, Finish } from './command-context.ts';
import { defineDoctor } from './doctor.ts';
import { defineGates } from './gates.ts';
import { defineLock } from './lock.ts';
import { definePlan } from './plan.ts';
import { defineRun } from './run.ts';

/** Every subcommand. A new one is a file beside this one and a line below. */
export const COMMANDS: readonly ((program: Command, context: CommandContext, finish: Finish) => void)[] = [defineRun, definePlan, defineGates, defineDoctor, defineLock];
