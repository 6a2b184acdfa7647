import { agentName } from '../model/agent-name.ts';
import { LIMITS } from '../model/limits.ts';
import type { Phase } from '../model/phase.ts';
import { beginPhase } from './phases.ts';
import { appendBounded } from './communication.ts';
import { countFailure, failTask } from './end-task.ts';
import type { GateFailure } from './phase-gates.ts';
import type { ActiveTask } from './relay-state.ts';
import type { Step } from './step.ts';
import { copyToContext } from './team-context.ts';

/**
 * A phase whose gates do not hold goes back to its own agent, `max_retries` times in the life of a task; then the task has
 * failed, and a person is told.
 */
export function handlePhaseFailures(step: Step, task: ActiveTask, phase: Phase, failures: readonly GateFailure[]): 'retry' | 'escalate' {
  const [id, row] = task;
  const what = describeFailures(failures);
  const context = step.teams[row.team];
  if (context !== undefined) context.errors = appendBounded(context.errors, { phase, retry: row.retry_count, text: what, at: step.at });
  if (row.retry_count >= LIMITS.retriesMax) {
    failTask(step, task, `${phase} was not passed after ${LIMITS.retriesMax} retries: ${what}`);
    countFailure(step);
    return 'escalate';
  }
  row.retry_count += 1;
  beginPhase(step, id, row, `${phase}_retry`);
  copyToContext(step, id, row, { status: 'in_progress', nextAgent: agentName(row.team, phase) });
  return 'retry';
}

function describeFailures(failures: readonly GateFailure[]): string {
  return failures.map(({ gate, verdict }) => {
    if (verdict.status === 'error') return `${gate} could not run${verdict.reason === null ? '' : ` (${verdict.reason})`}`;
    return `${gate} failed${verdict.findings.length === 0 ? '' : ` with ${verdict.findings.length} ${verdict.findings.length === 1 ? 'finding' : 'findings'}`}`;
  }).join(', ');
}
