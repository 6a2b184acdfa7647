import path from 'node:path';
import { LIMITS } from '../../model/limits.ts';
import { contextFile } from '../../model/relay-files.ts';
import { runSubprocess } from '../../system/subprocess.ts';
import type { Invocation } from '../decision.ts';

/** Tells an agent, and the commands that it calls, how long it may be silent, in seconds. */
export const SILENT_VARIABLE = 'SPARK_GATES_SILENT';

/** How agents are started: any command line, the same for all. */
export interface AgentCommand {
  /** For the system's shell. */
  readonly command: string;
  /** Absolute; what the agents work in. */
  readonly root: string;
  /** Absolute. */
  readonly relayFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** An agent without a sign of life for longer is taken for crashed. */
  readonly silentMs: number;
  /** An agent still at work after this is ended. */
  readonly timeLimitMs: number;
}

export type AgentEnd =
  | { readonly kind: 'completed' }
  | { readonly kind: 'crashed'; readonly reason: string }
  /** The shell could not run the command: the next try will fare no better. */
  | { readonly kind: 'not-runnable'; readonly reason: string }
  /** We ended it. */
  | { readonly kind: 'ended' };

export interface AgentProcess {
  readonly invocation: Invocation;
  readonly ended: Promise<{ readonly end: AgentEnd; readonly output: string }>;
  /** Asks it to stop, then makes it; `ended` tells when nothing is left of it. */
  end(): void;
}

/**
 * Starts one agent. The prompt is its standard input; what it was started for is in its environment:
 *
 *     SPARK_GATES_TEAM        team1
 *     SPARK_GATES_TASK        the task's id
 *     SPARK_GATES_PHASE       implementation, quality, testing, review or report
 *     SPARK_GATES_CONTEXT     absolute path of the team's context
 *     SPARK_GATES_RELAY       absolute path of the relay's folder
 *     SPARK_GATES_ASSIGNMENT  a number: say it with `phase complete --assignment`
 *     SPARK_GATES_RETRY       a number: say it with `phase complete --retry`
 *     SPARK_GATES_SILENT      seconds: without output or `phase alive` for longer it is taken for crashed
 *
 * Exit code 0 says that the phase is completed, which the gates then check; 126 and 127 that the command cannot be run; anything
 * else is a crash. `onOutput` is told whenever it says something: a sign of life.
 */
export function startAgent(invocation: Invocation, agent: AgentCommand, onOutput: () => void): AgentProcess {
  const stop = new AbortController();
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    stop.abort();
  }, agent.timeLimitMs);
  const running = runSubprocess(
    { file: agent.command, args: [], shell: true, cwd: agent.root, environment: environmentOf(invocation, agent), input: `${invocation.prompt}\n` },
    {
      environment: agent.environment,
      signal: stop.signal,
      graceMs: LIMITS.terminateGraceMs,
      outputBytesMax: LIMITS.agentOutputBytesMax,
      onOutput,
    },
  );
  const ended = running.then(({ outcome, stdout, stderr }) => {
    clearTimeout(limit);
    const output = `${stdout}${stderr === '' ? '' : `\n--- stderr ---\n${stderr}`}`;
    return { end: describeEnd(outcome, { isLate, timeLimitMs: agent.timeLimitMs, lastWords: lastLine(stderr) ?? lastLine(stdout) }), output };
  });
  return { invocation, ended, end: () => { stop.abort(); } };
}

function environmentOf({ team_id: team, task_id: task, phase, assignment, retry }: Invocation, { relayFolder, silentMs }: AgentCommand): Record<string, string> {
  return {
    SPARK_GATES_TEAM: team,
    SPARK_GATES_TASK: task,
    SPARK_GATES_PHASE: phase,
    SPARK_GATES_CONTEXT: path.join(relayFolder, contextFile(team)),
    SPARK_GATES_RELAY: relayFolder,
    SPARK_GATES_ASSIGNMENT: String(assignment),
    SPARK_GATES_RETRY: String(retry),
    [SILENT_VARIABLE]: String(silentMs / 1000),
  };
}

/** Of every shell: a program is not executable, or not there. */
const NOT_RUNNABLE: ReadonlySet<number> = new Set([126, 127]);

type Outcome = Awaited<ReturnType<typeof runSubprocess>>['outcome'];

function describeEnd(outcome: Outcome, { isLate, timeLimitMs, lastWords }: { isLate: boolean; timeLimitMs: number; lastWords: string | null }): AgentEnd {
  const said = lastWords === null ? '' : `: ${lastWords}`;
  switch (outcome.kind) {
    case 'exited':
      if (outcome.exitCode === 0) return { kind: 'completed' };
      return { kind: NOT_RUNNABLE.has(outcome.exitCode) ? 'not-runnable' : 'crashed', reason: `its agent ended with exit code ${outcome.exitCode}${said}` };
    case 'killed':
      return { kind: 'crashed', reason: `its agent was killed by ${outcome.signal}${said}` };
    case 'not-started':
      return { kind: 'not-runnable', reason: `its agent could not be started: ${outcome.message}` };
    case 'cancelled':
      return isLate ? { kind: 'crashed', reason: `its agent was at work for longer than ${timeLimitMs / 1000} s` } : { kind: 'ended' };
  }
}

const LAST_LINE_CHARS_MAX = 200;

function lastLine(text: string): string | null {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? null : line.slice(0, LAST_LINE_CHARS_MAX);
}
