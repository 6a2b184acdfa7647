import type { Invocation } from '../orchestrator/decision.ts';
import type { ExecutionEvent } from '../orchestrator/execution/workflow-executor.ts';
import type { AgentStanding } from '../orchestrator/resume.ts';
import { printable } from '../reporters/pretty/text.ts';

/** By what had become of the agent's work when the agent ended otherwise than well. */
const BEFORE_IT_ENDED: Readonly<Record<AgentStanding, string>> = {
  'at-work': 'crashed: ',
  completed: 'had been completed before ',
  'sent-back': 'had been measured, and is to be tried again, before ',
  gone: 'had been taken from its team before ',
};

/** What happens while a session is executed, in words; the first line of a decision's instructions says it all. */
export function narrate(event: ExecutionEvent): string[] {
  switch (event.type) {
    case 'agent-started':
      return [printable(`${who(event.invocation)} started${event.invocation.retry === 0 ? '' : `, retry ${event.invocation.retry}`}`)];
    case 'agent-ended':
      // A command that cannot be run ends everything, with a sentence of its own, where it had something to do.
      if (event.end.kind !== 'crashed' && (event.end.kind !== 'not-runnable' || event.standing === 'at-work')) return [];
      return [printable(`${who(event.invocation)} ${BEFORE_IT_ENDED[event.standing]}${event.end.reason}`)];
    case 'decided': {
      const { team_id: team, task_id: task, phase, action, reason, notes } = event.decision;
      return [`${team} ${phase} - ${task}: ${action.replaceAll('_', ' ')}${reason === null ? '' : ` (${reason})`}`, ...notes].map(printable);
    }
  }
}

/** Name of the file that keeps what an agent printed. */
export function outputName({ team_id: team, phase, assignment, retry }: Invocation): string {
  return `${assignment}-${team}-${phase}-${retry}.txt`;
}

function who({ team_id: team, phase, task_id: task }: Invocation): string {
  return `${team} ${phase} - ${task}`;
}
