import type { Invocation } from '../orchestrator/decision.ts';
import { printable } from '../reporters/pretty/text.ts';

/** Each agent to start under a heading of its own: its name and description, and below them its prompt. */
export function agentText(invocations: readonly Invocation[]): string[] {
  return invocations.flatMap(({ subagent_type: agent, description, prompt }) => ['', `## ${agent}: ${description}`, '', ...prompt.split('\n')]).map(printable);
}
