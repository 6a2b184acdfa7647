import { watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import { Wakeup, type Wake } from './wakeup.ts';

/**
 * Tells that a file may have been replaced, as early as the system does. A hint: some file systems never tell, and then `next` ends
 * by time alone. Close it.
 */
export class FileWatch {
  readonly #watcher: FSWatcher | null;
  readonly #wakeup = new Wakeup();

  constructor(file: string) {
    const name = path.basename(file);
    this.#watcher = tryWatch(path.dirname(file), (changed) => {
      if (changed === null || changed === name) this.#wakeup.notify();
    });
  }

  /** See `Wakeup.next`. */
  next(waitMs: number, signal?: AbortSignal): Promise<Wake> {
    return this.#wakeup.next(waitMs, signal);
  }

  close(): void {
    this.#watcher?.close();
  }
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
