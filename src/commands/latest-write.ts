/** Writes what it is offered, one after another, and of what comes meanwhile only the last. */
export class LatestWrite<T> {
  readonly #write: (value: T) => Promise<void>;
  #next: { readonly value: T } | null = null;
  #writing: Promise<void> | null = null;

  constructor(write: (value: T) => Promise<void>) {
    this.#write = write;
  }

  offer(value: T): void {
    this.#next = { value };
    this.#writing ??= this.#writeAll();
    // Whoever asks whether all is written gets the error.
    this.#writing.catch(() => undefined);
  }

  /** Resolves when the last that was offered is written; rejects when it could not be. */
  async done(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#next !== null) {
      const { value } = this.#next;
      this.#next = null;
      await this.#write(value);
    }
    this.#writing = null;
  }
}
