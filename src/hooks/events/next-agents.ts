import type { Invocation } from '../../orchestrator/decision.ts';
import { isAtWork } from '../../orchestrator/progress.ts';
import { presentPhase } from '../../orchestrator/progress.ts';
import { activeTasks, type RelayState } from '../../orchestrator/relay-state.ts';
import { resume } from '../../orchestrator/resume.ts';
import type { HookSurroundings } from '../surroundings.ts';

/** The agents that should be at work and are not. `busy`: teams that have one. */
export function missingAgents(state: RelayState, busy: ReadonlySet<string>, { reach }: Pick<HookSurroundings, 'reach'>): Invocation[] {
  const { coordination } = state;
  if (coordination === null) return [];
  const agents = activeTasks(coordination).filter(([, row]) => isAtWork(row) && busy.has(row.team))
    .map(([, row]) => ({ team: row.team, assignment: row.assignment, phase: presentPhase(row.phase), retry: row.retry_count }));
  return resume(state, { agents, leases: [], reach }).flatMap((effect) => (effect.effect === 'start-agent' ? [effect.invocation] : []));
}

/** What the main agent is told to start, each with its prompt as far as there is room. */
export function startText(invocations: readonly Invocation[], room: number): string {
  const head = `Start in one message, as ${String(invocations.length)} call${invocations.length === 1 ? '' : 's'} of the Agent tool:`;
  const full = invocations.map(({ subagent_type: agent, description, prompt }) => `\n## ${agent}: ${description}\n${prompt}`);
  const whole = [head, ...full].join('\n');
  if (whole.length <= room) return whole;
  return [head, ...invocations.map(({ subagent_type: agent, description, team_id: team }) => `- ${agent}: ${description}; its context, ${team}_current_task.json, says what it is to do`)].join('\n').slice(0, room);
}
