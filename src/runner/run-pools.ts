import { getHeapStatistics } from 'node:v8';
import type { Check } from '../model/check.ts';
import type { Failure } from '../model/failure.ts';
import type { Machine } from '../system/machine.ts';
import type { Lane } from './lanes.ts';
import { LanePool, type PoolOptions } from './pool.ts';

/** A worker's heap is bounded so that one check that runs out of memory is an error of that check, not the end of the process. */
const HEAP_SHARE = 0.75;
const HEAP_MEGABYTES_MAX = 8_192;
/** What ran out of memory gets so many times as much when it runs alone: what needs still more most likely has no end. */
const ALONE_FACTOR = 2;
/** Of what the machine has left then. */
const AVAILABLE_SHARE = 0.75;

export interface RunPoolsOptions extends Omit<PoolOptions, 'heapMegabytesMax'> {
  readonly machine: Machine;
  /** Of the machine, when it is asked for. */
  readonly availableMemoryBytes: () => number;
}

/** The threads of a run; and one with more memory, made when it is needed, for lanes that run alone. */
export class RunPools {
  readonly #options: RunPoolsOptions;
  readonly #heapMegabytesMax: number;
  readonly #shared: LanePool;
  #alone: LanePool | null = null;

  constructor(options: RunPoolsOptions) {
    this.#options = options;
    this.#heapMegabytesMax = Math.min(HEAP_MEGABYTES_MAX, Math.floor(megabytesOf(options.machine.memoryBytes * HEAP_SHARE) / options.threads));
    this.#shared = new LanePool({ ...options, heapMegabytesMax: this.#heapMegabytesMax });
  }

  of(lane: Lane): LanePool {
    return lane.alone === true ? this.#forLoners() : this.#shared;
  }

  cancel(check: Check, failure: Failure): void {
    for (const pool of this.#all()) pool.cancel(check, failure);
  }

  killNow(): void {
    for (const pool of this.#all()) pool.killNow();
  }

  async close(): Promise<void> {
    await Promise.all(this.#all().map((pool) => pool.close()));
  }

  #all(): LanePool[] {
    return this.#alone === null ? [this.#shared] : [this.#shared, this.#alone];
  }

  #forLoners(): LanePool {
    if (this.#alone !== null) return this.#alone;
    const { machine, environment, availableMemoryBytes } = this.#options;
    const most = Math.floor(megabytesOf(Math.min(machine.memoryBytes * HEAP_SHARE, availableMemoryBytes() * AVAILABLE_SHARE)));
    const more = (megabytes: number): number => Math.max(megabytes, Math.min(megabytes * ALONE_FACTOR, most));
    // For the tools that are Node programs, which have the limit of this process by themselves; a thread of ours heeds its own instead.
    const toolMegabytes = more(Math.floor(megabytesOf(getHeapStatistics().heap_size_limit)));
    const nodeOptions = `${environment.NODE_OPTIONS ?? ''} --max-old-space-size=${String(toolMegabytes)}`.trim();
    this.#alone = new LanePool({ ...this.#options, threads: 1, environment: { ...environment, NODE_OPTIONS: nodeOptions }, heapMegabytesMax: more(this.#heapMegabytesMax) });
    return this.#alone;
  }
}

function megabytesOf(bytes: number): number {
  return bytes / 1024 / 1024;
}
