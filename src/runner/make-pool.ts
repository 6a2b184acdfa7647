import type { Machine } from '../system/machine.ts';
import { LanePool } from './pool.ts';

/** A worker's heap is bounded so that one check that runs out of memory is an error of that check, not the end of the process. */
export const HEAP_SHARE = 0.75;
const HEAP_MEGABYTES_MAX = 8_192;

export interface LanePoolRequest {
  readonly machine: Machine;
  readonly threads: number;
  readonly kept: boolean;
}

export function makeLanePool({ machine, threads: wanted, kept }: LanePoolRequest): LanePool {
  const threads = Math.max(1, wanted);
  return new LanePool({ threads, kept, heapMegabytesMax: Math.min(HEAP_MEGABYTES_MAX, Math.floor((machine.memoryBytes * HEAP_SHARE) / threads / 1024 / 1024)) });
}
