import { InvalidArgumentError, type Command } from 'commander';
import path from 'node:path';
import { LIMITS } from '../model/limits.ts';
import { describeRefusal } from '../model/orchestrator-refusal.ts';
import { startAgent } from '../orchestrator/execution/agent-process.ts';
import { AgentRegister } from '../orchestrator/execution/agent-register.ts';
import { ParallelWorkflowExecutor, type Execution, type ExecutionEvent } from '../orchestrator/execution/workflow-executor.ts';
import { renderJson, renderMarkdown } from '../orchestrator/report-markdown.ts';
import type { ConsolidatedReport } from '../orchestrator/report.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { systemDisk } from '../system/disk.ts';
import { describeProcess } from '../system/machine.ts';
import { endOrphanedTree } from '../system/process-tree.ts';
import { answer } from './answer.ts';
import type { CommandContext, ExitCode, Finish } from './command-context.ts';
import { narrate, outputName } from './execution-text.ts';
import { openOrchestration, type Orchestration } from './orchestration.ts';
import { consolidate } from './report.ts';
import { addSessionOptions, startSession, type SessionOptions } from './session.ts';

interface ExecuteOptions extends SessionOptions {
  readonly agent: string;
  readonly timeLimit?: number;
  readonly silent?: number;
}

const HELP = `
The command is run by the system's shell once per team and phase, in the main worktree, all teams at once. Its standard input is
the prompt. Its environment says what it was started for: SPARK_GATES_TEAM, _TASK, _PHASE, _CONTEXT (the team's JSON
file), _RELAY, _ASSIGNMENT and _RETRY. The prompt's commands reach this relay; a script's own need --relay "$SPARK_GATES_RELAY",
where it is not the one of the configuration. Exit code 0 says that the phase is completed, and the gates then check it;
any other is a crash, and the task is given to another team. What it prints is kept in agent-output/ of the relay's folder.

Without tasks, or with those of a session that is not finished, it goes on where that stopped.

Examples:
  $ spark-gates execute TASK-API-01 TASK-UI-02 --agent './my-agent.sh'
  $ spark-gates execute --agent './my-agent.sh' --pipelined

Exit code: 0 every task is completed, 1 some failed, 2 could not start or go on. report.md and report.json are in the relay's folder.`;

export function defineExecute(program: Command, context: CommandContext, finish: Finish): void {
  addSessionOptions(program.command('execute').argument('[tasks...]', 'ids of tasks; none: go on with the session that is not finished'))
    .summary('run a session headless, one agent process per team and phase')
    .description('Start one agent process per team and phase, all teams in parallel, measure, decide, and go on until every task is completed or failed.')
    .requiredOption('--agent <command>', 'how an agent is started')
    .option('--time-limit <s>', `an agent at work on one phase for longer is ended (default: ${LIMITS.agentTimeLimitMs / 1000})`, parseSeconds)
    .option('--silent <s>', `an agent without a sign of life for longer is taken for crashed (default: ${LIMITS.agentSilentMs / 1000})`, parseSeconds)
    .addHelpText('after', HELP)
    .action(async (tasks: string[], options: ExecuteOptions) => {
      finish(await execute(tasks, options, context));
    });
}

async function execute(tasks: readonly string[], options: ExecuteOptions, context: CommandContext): Promise<ExitCode> {
  const orchestration = await openOrchestration(options, context);
  const register = new AgentRegister({ relayFolder: orchestration.folder, disk: systemDisk, clock: context.clock, self: describeProcess() });
  const claim = await register.claim();
  if (!claim.ok) {
    const { host, pid } = claim.executor;
    context.stderr.write(`spark-gates: process ${pid} on ${host} executes this session already; wait for it, or end it and try again\n`);
    return 2;
  }
  try {
    const ended = await Promise.all(claim.orphans.map((tree) => endOrphanedTree(tree, LIMITS.terminateGraceMs)));
    if (ended.includes(false)) context.stderr.write('spark-gates: agents of an executor that was killed may still run; end them by hand\n');
    const started = await startSession(tasks, options, { orchestration, context });
    if (started !== 'started') return await answer({}, context, () => Promise.resolve(started));
    const execution = await run(orchestration, register, options, context);
    return await conclude(execution, orchestration, context);
  } finally {
    await register.release();
  }
}

async function run(orchestration: Orchestration, register: AgentRegister, options: ExecuteOptions, context: CommandContext): Promise<Execution> {
  const { orchestrator, folder, mainRoot } = orchestration;
  const { environment, signal, stderr } = context;
  const silentMs = options.silent ?? LIMITS.agentSilentMs;
  const writes: Promise<void>[] = [];
  const onEvent = (event: ExecutionEvent): void => {
    for (const line of narrate(event)) stderr.write(`${line}\n`);
    if (event.type === 'agent-ended' && event.output.trim() !== '') writes.push(keepOutput(event, folder, stderr));
  };
  const execution = await new ParallelWorkflowExecutor({
    orchestrator,
    startAgent: (invocation, onOutput) => startAgent(invocation, { command: options.agent, root: mainRoot, relayFolder: folder, environment, timeLimitMs: options.timeLimit ?? LIMITS.agentTimeLimitMs }, onOutput),
    remember: async (agents) => { await register.remember(agents); },
    silentMs,
    // Three looks within the limit at least: see `checkTeams`.
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

async function conclude(execution: Execution, orchestration: Orchestration, { stdout, stderr, signal }: CommandContext): Promise<ExitCode> {
  if (execution.status === 'cancelled') return signal.reason as ExitCode;
  if (execution.status === 'refused') {
    stderr.write(`spark-gates: ${describeRefusal(execution.refusal)}\n`);
    return 2;
  }
  const report = await consolidate(orchestration);
  await writeFileAtomic(path.join(orchestration.folder, 'report.json'), renderJson(report));
  const markdown = renderMarkdown(report);
  await writeFileAtomic(path.join(orchestration.folder, 'report.md'), markdown);
  stdout.write(markdown);
  return hasFailed(report) ? 1 : 0;
}

function hasFailed({ tasks }: ConsolidatedReport): boolean {
  return tasks.some(({ status }) => status !== 'completed');
}

/** In seconds on the command line, in ms everywhere else. */
function parseSeconds(value: string): number {
  const seconds = Number(value);
  if (value.trim() === '' || !(seconds > 0) || seconds > 24 * 3600) throw new InvalidArgumentError('It must be a number of seconds, more than 0 and at most a day.');
  return Math.round(seconds * 1000);
}
