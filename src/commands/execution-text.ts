import type { Invocation } from '../orchestrator/decision.ts';
import type { ExecutionEvent } from '../orchestrator/execution/workflow-executor.ts';
import { printable } from '../reporters/pretty/text.ts';

/** What happens while a session is executed, in words; the first line of a decision's instructions says it all. */
export function narrate(event: ExecutionEvent): string[] {
  switch (event.type) {
    case 'agent-started':
      return [printable(`${who(event.invocation)} started${event.invocation.retry === 0 ? '' : `, retry ${event.invocation.retry}`}`)];
    case 'agent-ended':
      if (event.end.kind !== 'crashed') return [];
      return [printable(event.wasAtWork ? `${who(event.invocation)} crashed: ${event.end.reason}` : `${who(event.invocation)} had been completed before ${event.end.reason}`)];
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
