import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Coordination } from '../model/documents.ts';
import { LIMITS } from '../model/limits.ts';
import { describeRefusal } from '../model/orchestrator-refusal.ts';
import type { ParallelExecution } from '../orchestrator/decision.ts';
import { OrchestratorTrouble } from '../orchestrator/orchestrator-trouble.ts';
import { allTasks } from '../orchestrator/relay-state.ts';
import { keepOutOfGit } from '../relay/keep-out-of-git.ts';
import { printable } from '../reporters/pretty/text.ts';
import { systemDisk } from '../system/disk.ts';
import { resolveTasks } from '../workspace/task-source/resolve-tasks.ts';
import { refused, type CommandAnswer } from './answer.ts';
import type { CommandContext } from './command-context.ts';
import { addRelayOptions, parsePath, type Orchestration, type RelayOptions } from './orchestration.ts';
import { readTasks } from './tasks.ts';

/** More names than these make a sentence hard to read. */
const NAMED_MAX = 5;

/** What `multi-implement` and `execute` can be told of the session that they start. */
export interface SessionOptions extends RelayOptions {
  readonly tasks?: string;
  readonly teams?: number;
  readonly pipelined?: boolean;
  readonly replace?: boolean;
  readonly again?: boolean;
  readonly agentPrefix?: string;
}

export function addSessionOptions(command: Command): Command {
  return addRelayOptions(command)
    .option('--tasks <file>', 'where the tasks are (default: tasks.json, .yaml, .yml or .md in the relay\'s folder, then in the root)', parsePath)
    .addOption(new Option('--teams <n>', `most teams at once (default: ${LIMITS.parallelTeamsDefault})`).argParser(parseTeams))
    .option('--pipelined', 'a team begins its next phase without waiting for the others')
    .option('--replace', 'give up a session that is not finished, and start this one in its place')
    .option('--again', 'also tasks that are completed already');
}

export type Started = { readonly ok: true; readonly decision: ParallelExecution } | { readonly ok: false; readonly answer: CommandAnswer };

/** Starts a session with these tasks, or answers why it cannot. */
export async function multiImplement(taskIds: readonly string[], options: SessionOptions, { orchestration, context }: { orchestration: Orchestration; context: CommandContext }): Promise<Started> {
  const source = await readTasks(options.tasks, { orchestration, context });
  if (!source.ok) return source;
  const resolved = resolveTasks(source, taskIds, { completed: await completedTasks(orchestration), again: options.again === true });
  if (!resolved.ok) return { ok: false, answer: refused({ reason: 'tasks' }, ...resolved.problems) };
  for (const line of resolved.notes) context.stderr.write(`spark-gates: ${printable(line)}\n`);
  const answer = await orchestration.orchestrator.handleMultiImplement({
    taskIds: resolved.tasks.map(({ id }) => id),
    tasks: resolved.tasks,
    synchronisation: options.pipelined === true ? 'pipelined' : 'barrier',
    ...(options.teams === undefined ? {} : { teams: options.teams }),
    ...(options.agentPrefix === undefined ? {} : { agentPrefix: options.agentPrefix }),
    replace: options.replace === true,
  });
  if (!answer.ok) return { ok: false, answer: refused(answer.refusal, describeRefusal(answer.refusal)) };
  // A folder that was given for the relay may hold other things.
  if (orchestration.folder !== orchestration.mainRoot) await keepOutOfGit(orchestration.folder, systemDisk);
  return answer;
}

/** A task may depend on one that the session before has completed. */
async function completedTasks({ store }: Orchestration): Promise<ReadonlySet<string>> {
  const read = await store.read();
  if (!read.ok) throw new OrchestratorTrouble(read.problem);
  const { coordination } = read.value;
  return new Set(coordination === null ? [] : allTasks(coordination).flatMap(([id, { status }]) => (status === 'completed' ? [id] : [])));
}

/** A session to execute: the one that is not finished, when no tasks are named or just its own; else a new one. */
export async function startSession(taskIds: readonly string[], options: SessionOptions, surroundings: { orchestration: Orchestration; context: CommandContext }): Promise<'started' | CommandAnswer> {
  const { orchestration, context } = surroundings;
  const read = await orchestration.store.read();
  if (!read.ok) throw new OrchestratorTrouble(read.problem);
  const { coordination } = read.value;
  if (options.replace !== true && options.again !== true && coordination !== null && isUnfinished(coordination)) {
    const { session_id: session } = coordination;
    const differing = [...differingTasks(coordination, taskIds), ...differingOptions(coordination, options)];
    if (differing.length > 0) return refused({ reason: 'session-differs' }, `session ${session} goes on as it was begun: leave out ${differing.join(' and ')}, or give it up for another with --replace`);
    context.stderr.write(`spark-gates: going on with session ${session}\n`);
    return 'started';
  }
  if (taskIds.length === 0) return refused({ reason: 'no-session' }, 'there is no unfinished session to go on with: name the tasks, spark-gates tasks lists them');
  const started = await multiImplement(taskIds, options, surroundings);
  if (!started.ok) return started.answer;
  for (const note of started.decision.notes) context.stderr.write(`spark-gates: ${note}\n`);
  return 'started';
}

function isUnfinished(coordination: Coordination): boolean {
  return allTasks(coordination).some(([, { status }]) => status === 'queued' || status === 'active');
}

/** All of its tasks are as good as none: it is what a person types who has the line still at hand. */
function differingTasks(coordination: Coordination, taskIds: readonly string[]): string[] {
  const own = allTasks(coordination).map(([id]) => id);
  if (taskIds.length === 0 || (own.every((id) => taskIds.includes(id)) && taskIds.every((id) => own.includes(id)))) return [];
  const more = own.length > NAMED_MAX ? ` and ${own.length - NAMED_MAX} more` : '';
  return [`the tasks (it has ${own.slice(0, NAMED_MAX).join(', ')}${more})`];
}

/** What was decided when the session was begun is not changed on the way. */
function differingOptions({ synchronisation, total_teams: teams }: Coordination, options: SessionOptions): string[] {
  return [
    ...(options.pipelined === true && synchronisation !== 'pipelined' ? ['--pipelined'] : []),
    ...(options.teams !== undefined && options.teams !== teams ? ['--teams'] : []),
  ];
}

function parseTeams(value: string): number {
  const teams = Number(value);
  if (!/^\d+$/.test(value) || teams < 1 || teams > LIMITS.parallelTeamsMax) throw new InvalidArgumentError(`It must be a whole number from 1 to ${LIMITS.parallelTeamsMax}.`);
  return teams;
}
