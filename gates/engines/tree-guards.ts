import type { KeptLane } from '../../src/model/run-context.ts';

/** The thread ends before the next run if any file has changed that may be a configuration, or anything that is installed. */
export function guardSettings({ thread, tree }: KeptLane): void {
  thread.guard('settings', tree?.settings ?? null, (now) => now.tree?.settings ?? null);
}

/** The same of anything at all: for code of which nobody knows what it reads, and remembers. */
export function guardTree({ thread, tree }: KeptLane): void {
  thread.guard('tree', tree?.all ?? null, (now) => now.tree?.all ?? null);
}
