import type { Command } from 'commander';
import type { CommandContext, Finish } from './command-context.ts';
import { defineAgents } from './agents.ts';
import { defineBench } from './bench.ts';
import { defineCache } from './cache.ts';
import { defineDaemon } from './daemon.ts';
import { defineDoctor } from './doctor.ts';
import { defineEndSession } from './end-session.ts';
import { defineExecute } from './execute.ts';
import { defineGates } from './gates.ts';
import { defineHook } from './hook.ts';
import { defineInit } from './init.ts';
import { defineLock } from './lock.ts';
import { defineMessage } from './message.ts';
import { defineMultiImplement } from './multi-implement.ts';
import { defineNext } from './next.ts';
import { definePhase } from './phase.ts';
import { definePlan } from './plan.ts';
import { defineReport } from './report.ts';
import { defineRun } from './run.ts';
import { defineStatus } from './status.ts';
import { defineTasks } from './tasks.ts';
import { defineUninstall } from './uninstall.ts';

/** Every subcommand. A new one is a file beside this one and a line below. */
export const COMMANDS: readonly ((program: Command, context: CommandContext, finish: Finish) => void)[] = [
  defineRun, definePlan, defineGates, defineDoctor, defineCache, defineDaemon, defineBench,
  defineTasks, defineMultiImplement, defineNext, definePhase, defineMessage, defineLock, defineStatus, defineReport, defineExecute, defineEndSession,
  defineInit, defineUninstall, defineAgents, defineHook,
];
