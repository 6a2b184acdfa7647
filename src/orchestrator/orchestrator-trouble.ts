import { describeRelayRefusal } from '../model/relay-refusal.ts';
import { toRefusal } from '../relay/refused.ts';

/** Leases or register could not be read or written. `message` is a sentence of what, where and what to do. */
export class OrchestratorTrouble extends Error {
  /** For machines. */
  readonly reason: string;

  constructor(message: string, reason = 'unavailable') {
    super(message);
    this.name = 'OrchestratorTrouble';
    this.reason = reason;
  }
}

/** Does work on files of the relay's folder; what the disk has against it becomes a sentence. */
export async function orTrouble<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const refusal = toRefusal(error, folder);
    if (refusal === null) throw error;
    throw new OrchestratorTrouble(describeRelayRefusal(refusal), refusal.reason);
  }
}
