import { describeRefusal, describeTableFault, isDecision, type LockRefusal, type LockResult } from '../model/lock-refusal.ts';
import { printable } from '../reporters/pretty/text.ts';
import { cancelled, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext } from './command-context.ts';

export interface LockAnswer {
  readonly result: LockResult<unknown>;
  /** For people, in case of success; what was done before a refusal otherwise. */
  readonly lines: readonly string[];
  /** For machines, beside `faults`. */
  readonly document: Readonly<Record<string, unknown>>;
}

export function toCommandAnswer({ result, lines, document }: LockAnswer, context: Pick<CommandContext, 'signal'>): CommandAnswer {
  const faults = result.faults.map((fault) => ({ ...fault, message: describeTableFault(fault) }));
  const text = lines.map((line) => `${printable(line)}\n`).join('');
  const answer = result.ok ? done(text, {}) : refusedLock(result.refusal, text, context);
  return { ...answer, document: { ...document, faults }, troubles: [...faults.map(({ message }) => message), ...answer.troubles] };
}

/** A decision is an answer, and goes to stdout with exit code 1; trouble goes to stderr. */
function refusedLock(refusal: LockRefusal, text: string, { signal }: Pick<CommandContext, 'signal'>): CommandAnswer {
  if (refusal.reason === 'cancelled' && signal.aborted) return { ...cancelled({ signal }), text };
  const message = describeRefusal(refusal);
  if (!isDecision(refusal)) return { ...refused(refusal, message), text };
  return { exitCode: 1, text: `${text}refused: ${printable(message)}\n`, document: {}, refusal, message, troubles: [] };
}
