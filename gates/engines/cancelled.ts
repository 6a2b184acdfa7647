import type { CheckOutcome } from '../../src/model/check.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';

/** The outcome of a check that was told to stop; never a pass. The signal's reason is the failure. */
export function cancelledOutcome(context: RunContext, findings: readonly Finding[] = []): CheckOutcome {
  return { status: 'error', failure: cancellationOf(context.signal), findings };
}

function cancellationOf(signal: AbortSignal): Failure {
  const reason: unknown = signal.reason;
  if (typeof reason === 'object' && reason !== null && 'reason' in reason && (reason.reason === 'time-limit' || reason.reason === 'cancelled')) return reason as Failure;
  return { reason: 'cancelled', by: 'user' };
}
