/** Leases or register could not be read or written. `message` is a sentence of what, where and what to do. */
export class OrchestratorTrouble extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OrchestratorTrouble';
  }
}
