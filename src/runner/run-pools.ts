import { getHeapStatistics } from 'node:v8';
import type { Check } from '../model/check.ts';
import type { Failure } from '../model/failure.ts';
import type { Machine } from '../system/machine.ts';
import type { Lane } from './lanes.ts';
import { HEAP_SHARE, makeLanePool } from './make-pool.ts';
import { LanePool, type Berth, type LaneListener, type RunParts } from './pool.ts';

/** What ran out of memory gets so many times as much when it runs alone: what needs still more most likely has no end. */
const ALONE_FACTOR = 2;
/** Of what the machine has left then. */
const AVAILABLE_SHARE = 0.75;

export interface RunPoolsOptions {
  /** Threads that outlive the run; null: the run makes and ends its own. */
  readonly kept: LanePool | null;
  readonly threads: number;
  readonly machine: Machine;
  /** Of the machine, when it is asked for. */
  readonly availableMemoryBytes: () => number;
  readonly parts: RunParts;
}

/** The threads of a run; and one with more memory, made when it is needed, for lanes that run alone. */
export class RunPools {
  readonly #options: RunPoolsOptions;
  readonly #shared: LanePool;
  #alone: LanePool | null = null;

  constructor(options: RunPoolsOptions) {
    this.#options = options;
    this.#shared = options.kept ?? makeLanePool({ machine: options.machine, threads: options.threads, kept: false });
  }

  /** Lanes at once, at most. */
  get threads(): number {
    return Math.min(this.#options.threads, this.#shared.threads);
  }

  /** Whether a thread is free that should run the lane now, rather than another one later. */
  isReadyFor(lane: Lane): boolean {
    return lane.alone === true ? (this.#alone?.isReadyFor(lane) ?? true) : this.#shared.isReadyFor(lane);
  }

  /** Sets a thread aside that is ready for the lane. */
  reserve(lane: Lane, listener: LaneListener): Berth {
    const { parts } = this.#options;
    if (lane.alone !== true) return this.#shared.reserve(lane, { listener, parts });
    this.#alone ??= this.#makeAlone();
    return this.#alone.reserve(lane, { listener, parts: { ...parts, environment: this.#roomyEnvironment() } });
  }

  cancel(check: Check, failure: Failure): void {
    for (const pool of this.#all()) pool.cancel(check, failure);
  }

  killNow(): void {
    for (const pool of this.#all()) pool.killNow();
  }

  /** Ends the threads that are the run's own. */
  async close(): Promise<void> {
    await Promise.all(this.#all().filter((pool) => pool !== this.#options.kept).map((pool) => pool.close()));
  }

  #all(): LanePool[] {
    return this.#alone === null ? [this.#shared] : [this.#shared, this.#alone];
  }

  #makeAlone(): LanePool {
    return new LanePool({ threads: 1, kept: false, heapMegabytesMax: this.#more(this.#shared.heapMegabytesMax) });
  }

  /** For the tools that are Node programs, which have the limit of this process by themselves; a thread of ours heeds its own instead. */
  #roomyEnvironment(): RunParts['environment'] {
    const { environment } = this.#options.parts;
    const toolMegabytes = this.#more(Math.floor(megabytesOf(getHeapStatistics().heap_size_limit)));
    return { ...environment, NODE_OPTIONS: `${environment.NODE_OPTIONS ?? ''} --max-old-space-size=${String(toolMegabytes)}`.trim() };
  }

  #more(megabytes: number): number {
    const { machine, availableMemoryBytes } = this.#options;
    const most = Math.floor(megabytesOf(Math.min(machine.memoryBytes * HEAP_SHARE, availableMemoryBytes() * AVAILABLE_SHARE)));
    return Math.max(megabytes, Math.min(megabytes * ALONE_FACTOR, most));
  }
}

function megabytesOf(bytes: number): number {
  return bytes / 1024 / 1024;
}
