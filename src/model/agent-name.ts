import type { Phase } from './phase.ts';

/** Who does which phase. What an agent is called ends in one of these: `team1_implementer`. */
export const AGENT_ROLES = { implementation: 'implementer', quality: 'quality', testing: 'tester', review: 'reviewer', report: 'reporter' } as const satisfies Readonly<Record<Phase, string>>;

/** Clients put it before the names of a plugin's agents and commands, with a colon between. */
export const PLUGIN_NAME = 'spark-gates';

export function agentName(team: string, phase: Phase): string {
  return `${team}_${AGENT_ROLES[phase]}`;
}
