import os from 'node:os';
import { processStart } from './process-tree.ts';

/** What this process may use: cgroup limits count, not what the hardware has. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

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

export function describeMachine(): Machine {
  const limit = process.constrainedMemory();
  return { cores: os.availableParallelism(), memoryBytes: limit > 0 && limit < os.totalmem() ? limit : os.totalmem() };
}
