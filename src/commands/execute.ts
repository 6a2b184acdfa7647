import { InvalidArgumentError, type Command } from 'commander';
import path from 'node:path';
import { LIMITS } from '../model/limits.ts';
import { describeRefusal } from '../model/orchestrator-refusal.ts';
import { startAgent } from '../orchestrator/execution/agent-process.ts';
import { ExecutorRegister } from '../orchestrator/execution/executor-register.ts';
import { ParallelWorkflowExecutor, type Execution, type ExecutionEvent } from '../orchestrator/execution/workflow-executor.ts';
import { orTrouble } from '../orchestrator/orchestrator-trouble.ts';
import { renderJson, renderMarkdown } from '../orchestrator/report-markdown.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { systemDisk } from '../system/disk.ts';
import { describeProcess } from '../system/machine.ts';
import { endOrphans, EXECUTOR_VARIABLE, newMarker } from '../system/process-tree.ts';
import { answer, cancelled, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { narrate, outputName } from './execution-text.ts';
import { openOrchestration, type Orchestration } from './orchestration.ts';
import { consolidate } from './report.ts';
import { addSessionOptions, startSession, type SessionOptions } from './session.ts';

interface ExecuteOptions extends SessionOptions {
  readonly agent: string;
  readonly timeLimit?: number;
  readonly json?: boolean;
}

const HELP = `
The command is run by the system's shell once per team and phase, in the root of this worktree, which is also what the gates
look at, all teams at once. The session is kept under the main worktree.

Its standard input is the prompt. Its environment says what it was started for: SPARK_GATES_TEAM, _TASK, _PHASE, _CONTEXT (the
team's JSON file), _RELAY, _ASSIGNMENT and _RETRY; and _SILENT, for how many seconds it may be without a sign of life, which is
output or phase alive. The prompt's commands reach this relay; a script's own need --relay "$SPARK_GATES_RELAY" where it is not
the one of the configuration. Exit code 0 says that the phase is completed, and the gates then check it; 126 and 127 that it cannot be
run, which ends the execution; any other is a crash, and the task is given to another team. What it prints is kept in
agent-output/ of the relay's folder.

Without tasks, or with all those of a session that is not finished, it goes on where that stopped, as it was begun: with other
tasks, --pipelined or --teams it is refused, unless --replace gives that session up.

Examples:
  $ spark-gates execute TASK-API-01 TASK-UI-02 --agent './my-agent.sh'
  $ spark-gates execute --agent './my-agent.sh' --pipelined

Exit code: 0 every task is completed, 1 some failed, 2 could not start or go on. report.md and report.json are in the relay's folder.`;

export function defineExecute(program: Command, context: CommandContext, finish: Finish): void {
  addSessionOptions(program.command('execute').argument('[tasks...]', 'ids of tasks; none: go on with the session that is not finished'))
    .summary('run a session headless, one agent process per team and phase')
    .description('Start one agent process per team and phase, all teams in parallel, measure, decide, and go on until every task is completed or failed.')
    .requiredOption('--agent <command>', 'how an agent is started', parseCommand)
    .option('--time-limit <s>', `an agent at work on one phase for longer is ended (default: ${LIMITS.agentTimeLimitMs / 1000})`, parseSeconds)
    .option('--silent <s>', `an agent without a sign of life for longer is taken for crashed (default: ${LIMITS.agentSilentMs / 1000})`, parseSeconds)
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (tasks: string[], options: ExecuteOptions) => {
      finish(await answer(options, context, () => execute(tasks, options, context)));
    });
}

async function execute(tasks: readonly string[], options: ExecuteOptions, given: CommandContext): Promise<CommandAnswer> {
  const marker = newMarker();
  const context: CommandContext = { ...given, environment: { ...given.environment, [EXECUTOR_VARIABLE]: marker } };
  const { stderr, signal } = context;
  // Said outright, so that a session goes by the limit of its newest executor.
  const orchestration = await openOrchestration({ ...options, silent: options.silent ?? LIMITS.agentSilentMs }, context);
  const register = new ExecutorRegister({ relayFolder: orchestration.folder, disk: systemDisk, clock: context.clock, self: await describeProcess(), marker, signal });
  const claim = await register.claim(({ host, pid }) => {
    stderr.write(`spark-gates: process ${pid} on ${host} may be at work on this session; waiting ${LIMITS.executorSilentMs / 1000} s for a sign of life of it\n`);
  });
  if (signal.aborted) return cancelled(context);
  if (!claim.ok) {
    const { host, pid } = claim.executor;
    return refused({ reason: 'executed-already' }, `process ${pid} on ${host} executes this session already; wait for it, or end it and try again`);
  }
  try {
    const ended = await Promise.all(claim.orphans.map((orphan) => endOrphans(orphan, LIMITS.terminateGraceMs)));
    if (ended.includes(false)) stderr.write('spark-gates: agents and gates of an executor that was killed may still run; end them by hand\n');
    await register.renew();
    const started = await startSession(tasks, options, { orchestration, context });
    if (started !== 'started') return started;
    const execution = await run(orchestration, register, options, context);
    return await conclude(execution, orchestration, context);
  } finally {
    await register.release();
  }
}

async function run(orchestration: Orchestration, register: ExecutorRegister, options: ExecuteOptions, context: CommandContext): Promise<Execution> {
  const { orchestrator, folder, root, silentMs } = orchestration;
  const { environment, signal, stderr } = context;
  const writes: Promise<void>[] = [];
  const onEvent = (event: ExecutionEvent): void => {
    for (const line of narrate(event)) stderr.write(`${line}\n`);
    if (event.type === 'agent-ended' && event.output.trim() !== '') writes.push(keepOutput(event, folder, stderr));
  };
  const execution = await new ParallelWorkflowExecutor({
    orchestrator,
    startAgent: (invocation, onOutput) => startAgent(invocation, { command: options.agent, root, relayFolder: folder, environment, silentMs, timeLimitMs: options.timeLimit ?? LIMITS.agentTimeLimitMs }, onOutput),
    onLook: () => register.renew(),
    lookMs: Math.min(LIMITS.executorLookMs, Math.ceil(silentMs / 4)),
    signal,
    onEvent,
  }).executeParallelWorkflow();
  await Promise.all(writes);
  return execution;
}

/** What agents print is for people who look into a failure: without it the session goes on all the same. */
async function keepOutput({ invocation, output }: Extract<ExecutionEvent, { type: 'agent-ended' }>, folder: string, stderr: CommandContext['stderr']): Promise<void> {
  try {
    await writeFileAtomic(path.join(folder, 'agent-output', outputName(invocation)), output);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    stderr.write(`spark-gates: what ${invocation.subagent_type} printed cannot be kept: ${error.message}\n`);
  }
}

async function conclude(execution: Execution, orchestration: Orchestration, context: CommandContext): Promise<CommandAnswer> {
  if (execution.status === 'cancelled') return cancelled(context);
  if (execution.status === 'refused') return refused(execution.refusal, describeRefusal(execution.refusal));
  const { folder } = orchestration;
  const report = await consolidate(orchestration);
  const markdown = renderMarkdown(report);
  await orTrouble(folder, async () => {
    await writeFileAtomic(path.join(folder, 'report.json'), renderJson(report));
    await writeFileAtomic(path.join(folder, 'report.md'), markdown);
  });
  const failed = report.tasks.filter(({ status }) => status !== 'completed').length;
  const ended = done(markdown, { report });
  return failed === 0 ? ended : { ...ended, exitCode: 1, message: `${failed} of ${report.tasks.length} tasks failed` };
}

function parseCommand(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It must be a command.');
  return value;
}

/** In seconds on the command line, in ms everywhere else. */
function parseSeconds(value: string): number {
  const seconds = Number(value);
  if (value.trim() === '' || !(seconds > 0) || seconds > 24 * 3600) throw new InvalidArgumentError('It must be a number of seconds, more than 0 and at most a day.');
  return Math.round(seconds * 1000);
}
