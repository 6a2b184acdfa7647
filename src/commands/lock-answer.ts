import { describeRefusal, describeTableFault, isDecision, type LockResult } from '../model/lock-refusal.ts';
import { printable } from '../reporters/pretty/text.ts';
import type { CommandContext, ExitCode } from './command-context.ts';

export interface LockAnswer {
  readonly result: LockResult<unknown>;
  /** For people, in case of success; what was done before a refusal otherwise. */
  readonly lines: readonly string[];
  /** For machines, beside `ok`, `refusal`, `message` and `faults`. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** A refusal is an answer, and goes to stdout; trouble goes to stderr. */
export function answerLock({ result, lines, document }: LockAnswer, asJson: boolean, { stdout, stderr, signal }: CommandContext): ExitCode {
  const faults = result.faults.map((fault) => ({ ...fault, message: describeTableFault(fault) }));
  const message = result.ok ? null : describeRefusal(result.refusal);
  if (asJson) {
    stdout.write(`${JSON.stringify({ version: 1, ok: result.ok, ...document, refusal: result.ok ? null : result.refusal, message, faults }, null, 2)}\n`);
  } else {
    for (const fault of faults) stderr.write(`spark-gates: ${printable(fault.message)}\n`);
    for (const line of lines) stdout.write(`${printable(line)}\n`);
    if (message !== null && !result.ok && isDecision(result.refusal)) stdout.write(`refused: ${printable(message)}\n`);
    else if (message !== null) stderr.write(`spark-gates: ${printable(message)}\n`);
  }
  if (result.ok) return 0;
  if (result.refusal.reason === 'cancelled' && signal.aborted) return signal.reason as ExitCode;
  return isDecision(result.refusal) ? 1 : 2;
}
