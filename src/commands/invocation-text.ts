import type { Command } from 'commander';
import type { Invocation } from '../orchestrator/decision.ts';
import { printable } from '../reporters/pretty/text.ts';

export interface AgentOptions {
  readonly agentPrefix?: string;
}

/** A client knows a plugin's agents only by the plugin's name and a colon before theirs. */
export function addAgentOption(command: Command): Command {
  return command.option('--agent-prefix <text>', 'put before the names of agents: "spark-gates:" where they come from the plugin');
}

export function prefixed(invocation: Invocation, { agentPrefix = '' }: AgentOptions): Invocation {
  return { ...invocation, subagent_type: `${agentPrefix}${invocation.subagent_type}` };
}

/** Each agent to start under a heading of its own: its name and description, and below them its prompt. */
export function agentText(invocations: readonly Invocation[]): string[] {
  return invocations.flatMap(({ subagent_type: agent, description, prompt }) => ['', `## ${agent}: ${description}`, '', ...prompt.split('\n')]).map(printable);
}
