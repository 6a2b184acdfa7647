import { watch, type FSWatcher } from 'node:fs';
import path from 'node:path';

export type Wake = 'changed' | 'time' | 'aborted';

/**
 * Tells that a file may have been replaced, as early as the system does. A hint: some file systems never tell, and then `next` ends
 * by time alone. Close it.
 */
export class FileWatch {
  readonly #watcher: FSWatcher | null;
  /** What happened before it watched is not known. */
  #isChanged = true;
  #wake: (() => void) | null = null;

  constructor(file: string) {
    const name = path.basename(file);
    this.#watcher = tryWatch(path.dirname(file), (changed) => {
      if (changed !== null && changed !== name) return;
      this.#isChanged = true;
      this.#wake?.();
    });
  }

  /** Resolves at the next change, counted from the last call, or after `waitMs`, or when the signal aborts. One call at a time. */
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

  close(): void {
    this.#watcher?.close();
  }
}

/** A function, because the type checker takes a property it has seen for settled, and this one changes behind its back. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Null where the system has no more watches to give, or none for this folder. */
function tryWatch(folder: string, listener: (name: string | null) => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => { listener(name); });
    watcher.on('error', () => { watcher.close(); });
    return watcher;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}
