/** Writes what it is offered, one after another, and of what comes meanwhile only the last. What could not be written is tried again with the next. */
export class LatestWrite<T> {
  readonly #write: (value: T) => Promise<void>;
  #next: { readonly value: T } | null = null;
  #writing: Promise<void> | null = null;
  /** Why the last that was tried is not written. */
  #failure: { readonly error: unknown } | null = null;

  constructor(write: (value: T) => Promise<void>) {
    this.#write = write;
  }

  offer(value: T): void {
    this.#next = { value };
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when the last that was offered is written; rejects when it could not be. */
  async done(): Promise<void> {
    await this.#writing;
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #writeAll(): Promise<void> {
    while (this.#next !== null) {
      const { value } = this.#next;
      this.#next = null;
      try {
        await this.#write(value);
        this.#failure = null;
      } catch (error) {
        // Whoever asks whether all is written gets it.
        this.#failure = { error };
      }
    }
    this.#writing = null;
  }
}
