import type { Command } from 'commander';
import { executionAnswer } from '../orchestrator/answers.ts';
import { printable } from '../reporters/pretty/text.ts';
import { answer, done, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { openOrchestration } from './orchestration.ts';
import { addSessionOptions, multiImplement, type SessionOptions } from './session.ts';

interface MultiImplementOptions extends SessionOptions {
  readonly json?: boolean;
}

const HELP = `
Examples:
  $ spark-gates multi-implement TASK-API-01 TASK-UI-02 TASK-SEC-03
  $ spark-gates multi-implement TASK-API-01 TASK-UI-02 --json

More tasks than teams are queued, and start as teams become free.

Exit code: 0 the session is started, 2 it could not be; nothing has changed then.`;

export function defineMultiImplement(program: Command, context: CommandContext, finish: Finish): void {
  addSessionOptions(program.command('multi-implement').argument('<tasks...>', 'ids of tasks; spark-gates tasks lists them'))
    .summary('give tasks to teams, and say which agents to start')
    .description('Start a session: give the tasks to teams, write their contexts, and print the instructions for parallel execution.')
    .option('--agent-prefix <text>', 'put before the names of agents, in this whole session: "spark-gates:" where they come from the plugin')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (tasks: string[], options: MultiImplementOptions) => {
      finish(await answer(options, context, () => start(tasks, options, context)));
    });
}

async function start(tasks: readonly string[], options: MultiImplementOptions, context: CommandContext): Promise<CommandAnswer> {
  const orchestration = await openOrchestration(options, context);
  const started = await multiImplement(tasks, options, { orchestration, context });
  return started.ok ? done(executionAnswer(started.decision).split('\n').map(printable).join('\n'), { ...started.decision }) : started.answer;
}
