import type { Command } from 'commander';
import type { CommandContext, Finish } from './command-context.ts';

/** Adds a subcommand to the program. */
export type DefineCommand = (program: Command, context: CommandContext, finish: Finish) => void;

/**
 * Every subcommand by the word that it is called with, in the order of the help. A new one is a file beside this one and a line below.
 * Each is loaded when it is asked for: no command waits for what the others need.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<DefineCommand>>> = {
  run: async () => (await import('./run.ts')).defineRun,
  plan: async () => (await import('./plan.ts')).definePlan,
  gates: async () => (await import('./gates.ts')).defineGates,
  doctor: async () => (await import('./doctor.ts')).defineDoctor,
  cache: async () => (await import('./cache.ts')).defineCache,
  daemon: async () => (await import('./daemon.ts')).defineDaemon,
  bench: async () => (await import('./bench.ts')).defineBench,
  tasks: async () => (await import('./tasks.ts')).defineTasks,
  'multi-implement': async () => (await import('./multi-implement.ts')).defineMultiImplement,
  next: async () => (await import('./next.ts')).defineNext,
  phase: async () => (await import('./phase.ts')).definePhase,
  message: async () => (await import('./message.ts')).defineMessage,
  lock: async () => (await import('./lock.ts')).defineLock,
  status: async () => (await import('./status.ts')).defineStatus,
  report: async () => (await import('./report.ts')).defineReport,
  execute: async () => (await import('./execute.ts')).defineExecute,
  'end-session': async () => (await import('./end-session.ts')).defineEndSession,
  init: async () => (await import('./init.ts')).defineInit,
  uninstall: async () => (await import('./uninstall.ts')).defineUninstall,
  agents: async () => (await import('./agents.ts')).defineAgents,
  hook: async () => (await import('./hook.ts')).defineHook,
};
