import { describeRefusal } from '../model/orchestrator-refusal.ts';
import type { TeamDecision } from '../orchestrator/decision.ts';
import type { CommandContext } from './command-context.ts';
import type { Orchestration } from './orchestration.ts';

/**
 * Whoever looks at a session looks after its teams, too: without an executor nobody else would notice a silent one. What was
 * decided for teams that are lost; that this could not be done is said, and keeps nobody from looking.
 */
export async function lookAfterTeams({ orchestrator }: Orchestration, { stderr }: Pick<CommandContext, 'stderr'>): Promise<readonly TeamDecision[]> {
  const checked = await orchestrator.checkTeams();
  if (checked.ok) return checked.decision;
  if (checked.refusal.reason !== 'no-session') stderr.write(`spark-gates: it was not looked whether teams are silent: ${describeRefusal(checked.refusal)}\n`);
  return [];
}

/** What is to be done for them now. */
export function lostText(lost: readonly TeamDecision[]): string[] {
  return lost.flatMap(({ team_id: team, action, reason, instructions }) => [`${team}: ${action}${reason === null ? '' : ` (${reason})`}`, ...instructions.split('\n')]);
}
