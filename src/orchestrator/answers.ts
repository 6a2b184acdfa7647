import type { ParallelExecution, TeamDecision } from './decision.ts';

/** What the answers of commands say in words: all that an agent which does not read JSON gets to know. */

export function executionAnswer({ instructions, invocations, notes }: ParallelExecution): string {
  const agents = invocations.flatMap(({ subagent_type: agent, description, prompt }) => ['', `## ${agent}: ${description}`, '', prompt]);
  return `${[instructions, ...notes, ...agents].join('\n')}\n`;
}

export function completionAnswer({ action, instructions }: TeamDecision): string {
  return `${action}\n${instructions}\n`;
}
