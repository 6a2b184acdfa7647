export type Wake = 'changed' | 'time' | 'aborted';

/** Something that waits until it is told that there may be news, and misses none that came while it did not wait. */
export class Wakeup {
  /** What happened before the first wait is not known. */
  #isChanged = true;
  #wake: (() => void) | null = null;

  notify(): void {
    this.#isChanged = true;
    this.#wake?.();
  }

  /** Resolves at the next news, counted from the last call, or after `waitMs`, or when the signal aborts. One call at a time. */
  async next(waitMs: number, signal?: AbortSignal): Promise<Wake> {
    if (isAborted(signal)) return 'aborted';
    if (!this.#isChanged) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(wake, waitMs);
        function wake(): void {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        }
        signal?.addEventListener('abort', wake, { once: true });
        this.#wake = wake;
      });
      this.#wake = null;
    }
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    if (isAborted(signal)) return 'aborted';
    return isChanged ? 'changed' : 'time';
  }
}

/** A function, because the type checker takes a property it has seen for settled, and this one changes behind its back. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
