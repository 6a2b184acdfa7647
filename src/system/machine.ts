import { readlink } from 'node:fs/promises';
import os from 'node:os';
import { processStart } from './process-tree.ts';

/** What this process may use: cgroup limits count, not what the hardware has. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Says to a run that it was started inside of a check of another, and how many cores it may use: those that were granted to the check. */
export const CORES_VARIABLE = 'SPARK_GATES_CORES';

/** Which machine and process this is, for others on the same disk. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** See `processStart`. */
  readonly started: string | null;
}

export async function describeProcess(): Promise<ProcessIdentity> {
  return { host: os.hostname(), pid: process.pid, started: await processStart(process.pid) };
}

/**
 * A text that is the same for processes that see each other by number: on the same machine, and in the same container. A home folder may be
 * shared by more than those.
 */
export async function describeHost(): Promise<string> {
  if (process.platform !== 'linux') return os.hostname();
  try {
    return `${os.hostname()} ${await readlink('/proc/self/ns/pid')}`;
  } catch (error) {
    // Not to be seen where /proc is not mounted, or is guarded.
    if (error instanceof Error && 'code' in error) return os.hostname();
    throw error;
  }
}

/** What could be used now without taking it from anybody. */
export function availableMemoryBytes(): number {
  return process.availableMemory();
}

/** Whether less than this share of the machine's memory could still be had. False where that is not told: only Linux counts what it could take back. */
export function isShortOfMemory(share: number): boolean {
  return process.platform === 'linux' && os.freemem() < os.totalmem() * share;
}

export function describeMachine(): Machine {
  const limit = process.constrainedMemory();
  return { cores: os.availableParallelism(), memoryBytes: limit > 0 && limit < os.totalmem() ? limit : os.totalmem() };
}
