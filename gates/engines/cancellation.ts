import { setImmediate } from 'node:timers/promises';
import type { CheckOutcome } from '../../src/model/check.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';

/** How a check ends that stopped because it was told to. */
export async function cancelledOutcome(context: RunContext, findings: readonly Finding[] = []): Promise<CheckOutcome> {
  // An engine that blocked the thread saw the shared flag before the signal's own message could arrive: let it.
  await setImmediate();
  const reason: unknown = context.signal.reason;
  const failure: Failure = isFailure(reason) ? reason : { reason: 'cancelled', by: 'user' };
  return { status: 'error', failure, findings };
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && 'reason' in value && typeof value.reason === 'string';
}
