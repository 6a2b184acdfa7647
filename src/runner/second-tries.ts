import type { Check, CheckOutcome } from '../model/check.ts';
import { makeLane, type Lane } from './lanes.ts';

/** Checks of one run that ran out of memory beside others: each is run once more, alone and with more of it, and then that counts. */
export class SecondTries {
  readonly #tried = new Set<string>();

  has(check: Check): boolean {
    return this.#tried.has(check.id);
  }

  /** The lane in which the check is run again, or null: its outcome stands. */
  laneFor(check: Check, outcome: CheckOutcome): Lane | null {
    if (this.has(check) || outcome.status !== 'error' || outcome.failure.reason !== 'out-of-memory') return null;
    this.#tried.add(check.id);
    return { ...makeLane(check.id, [check], new Map()), alone: true };
  }
}

/** The outcome of a second try, with what is to be told of the first. */
export function afterSecondTry(outcome: CheckOutcome): CheckOutcome {
  if (outcome.status === 'done') return { ...outcome, notes: [...(outcome.notes ?? []), 'ran out of memory beside others, and was run again alone'] };
  if (outcome.status === 'error' && outcome.failure.reason === 'out-of-memory') return { ...outcome, failure: { ...outcome.failure, isAlone: true } };
  return outcome;
}
