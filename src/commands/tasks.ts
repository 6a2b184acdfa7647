import type { Command } from 'commander';
import path from 'node:path';
import type { Task } from '../model/task.ts';
import { OrchestratorTrouble } from '../orchestrator/orchestrator-trouble.ts';
import { taskRow, type RelayState } from '../orchestrator/relay-state.ts';
import { loadTasks, type TaskSource } from '../workspace/task-source/load-tasks.ts';
import { alignColumns } from './align-columns.ts';
import { answer, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { addRelayOptions, openOrchestration, parsePath, type Orchestration, type RelayOptions } from './orchestration.ts';

interface TasksOptions extends RelayOptions {
  readonly tasks?: string;
  readonly json?: boolean;
}

const HELP = `
Tasks are listed in tasks.json, tasks.yaml or tasks.md, in the relay's folder or in the root:

  - [ ] TASK-API-01: an endpoint for signing in (files: src/api/**, test/api.test.ts; after: TASK-DB-01; priority: 2)

Exit code: 0 printed, 2 there is no list of tasks, or it has faults; all are named.`;

export function defineTasks(program: Command, context: CommandContext, finish: Finish): void {
  addRelayOptions(program.command('tasks'))
    .summary('the tasks that there are, and what became of them')
    .description('Print the tasks of the task source, checked, and what became of them in the session.')
    .option('--tasks <file>', 'where the tasks are', parsePath)
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: TasksOptions) => {
      finish(await answer(options, context, () => tasks(options, context)));
    });
}

async function tasks(options: TasksOptions, context: CommandContext): Promise<CommandAnswer> {
  const orchestration = await openOrchestration(options, context);
  const source = await readTasks(options.tasks, { orchestration, context });
  if (!source.ok) return source.answer;
  const read = await orchestration.store.read();
  if (!read.ok) throw new OrchestratorTrouble(read.problem);
  const { file } = source;
  const rows = source.tasks.map((task) => ({ ...task, status: statusOf(task.id, source, read.value) }));
  const lines = alignColumns(rows.map((row) => [`  ${row.id}`, row.status, `${row.description}${remarks(row)}`]));
  return done([file, ...lines, ''].join('\n'), { file, tasks: rows });
}

function remarks({ dependencies, files }: Task): string {
  const said = [...(dependencies.length === 0 ? [] : [`after ${dependencies.join(', ')}`]), ...(files.length === 0 ? ['names no files'] : [])];
  return said.length === 0 ? '' : ` (${said.join('; ')})`;
}

function statusOf(id: string, { done }: TaskSource, { coordination }: RelayState): string {
  const row = coordination === null ? null : taskRow(coordination, id);
  return row?.status ?? (done.has(id) ? 'completed' : 'open');
}

export type ReadTasks = ({ readonly ok: true } & TaskSource) | { readonly ok: false; readonly answer: CommandAnswer };

export async function readTasks(explicit: string | undefined, { orchestration, context }: { orchestration: Orchestration; context: CommandContext }): Promise<ReadTasks> {
  const { cwd, root, mainRoot, folder, settings } = orchestration;
  const configured = settings.tasks === null ? null : path.resolve(mainRoot, settings.tasks);
  const result = await loadTasks({ root, mainRoot, relay: folder, explicit: explicit ?? configured, cwd });
  if (!result.ok) return { ok: false, answer: refused({ reason: 'tasks' }, ...result.problems) };
  for (const line of result.source.notes) context.stderr.write(`spark-gates: ${line}\n`);
  return { ok: true, ...result.source };
}
