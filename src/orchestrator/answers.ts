import type { Invocation, ParallelExecution, TeamDecision } from './decision.ts';

/** What the answers of commands say in words: all that an agent which does not read JSON gets to know. */

export function executionAnswer({ instructions, invocations, notes }: ParallelExecution): string {
  return `${[instructions, ...notes, ...invocationLines(invocations)].join('\n')}\n`;
}

/** Each agent to start under a heading of its own: its name and description, and below them its prompt. */
export function invocationLines(invocations: readonly Invocation[]): string[] {
  return invocations.flatMap(({ subagent_type: agent, description, prompt }) => ['', `## ${agent}: ${description}`, '', ...prompt.split('\n')]);
}

export function completionAnswer({ action, instructions }: TeamDecision): string {
  return `${action}\n${instructions}\n`;
}
