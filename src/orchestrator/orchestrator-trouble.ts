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
