import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { LaneTask } from '../model/worker-message.ts';
import { sessionless } from './environment.ts';
import type { Lane } from './lanes.ts';

/** Run from its sources, as by the tests, the pool uses the built worker: Node 20 cannot load TypeScript into a thread. */
const WORKER = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/workers/lane-worker.js' : '../../workers/lane-worker.js', import.meta.url));

/** One thread. */
export interface Seat {
  /** A pool of this thread alone: Piscina gives a waiting task to whichever thread is free, and can end single ones only by force. */
  readonly piscina: Piscina<LaneTask, undefined>;
  /** Its environment as one string; it cannot be given another. */
  readonly environment: string;
  /** Lanes that it remembers. */
  readonly lanes: Set<string>;
  /** The lane that it runs. */
  busyWith: Lane | null;
}

export interface SeatOptions {
  readonly threads: number;
  readonly heapMegabytesMax: number;
  readonly kept: boolean;
}

/** Which thread runs which lane. */
export class Seats {
  readonly #options: SeatOptions;
  readonly #seats = new Set<Seat>();

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  /**
   * The free thread for a lane, `new` for one that is not there yet, null when it should wait: the one that remembers it is busy with
   * something shorter than starting over elsewhere would take.
   */
  choose(lane: Lane): Seat | 'new' | null {
    const seats = [...this.#seats];
    const home = seats.find((seat) => seat.lanes.has(lane.name));
    if (home?.busyWith === null) return home;
    if (home !== undefined && home.busyWith.expectedMs < lane.expectedMs) return null;
    const free = seats.filter((seat) => seat.busyWith === null);
    const emptiest = free.reduce<Seat | null>((least, seat) => (least === null || seat.lanes.size < least.lanes.size ? seat : least), null);
    if (emptiest !== null && (emptiest.lanes.size === 0 || seats.length === this.#options.threads)) return emptiest;
    return seats.length < this.#options.threads ? 'new' : null;
  }

  take(lane: Lane, environment: LaneTask['environment']): Seat | null {
    const wanted = JSON.stringify(sessionless(environment));
    for (const seat of this.#seats) {
      if (seat.busyWith !== null || seat.environment === wanted) continue;
      this.#seats.delete(seat);
      void seat.piscina.destroy();
    }
    const chosen = this.choose(lane);
    if (chosen === null) return null;
    const seat = chosen === 'new' ? this.#open(environment, wanted) : chosen;
    seat.busyWith = lane;
    if (this.#options.kept) {
      for (const other of this.#seats) other.lanes.delete(lane.name);
      seat.lanes.add(lane.name);
    }
    return seat;
  }

  leave(seat: Seat): void {
    seat.busyWith = null;
  }

  async retire(seat: Seat): Promise<void> {
    this.#seats.delete(seat);
    await seat.piscina.destroy();
  }

  async close(): Promise<void> {
    const seats = [...this.#seats];
    this.#seats.clear();
    await Promise.all(seats.map((seat) => seat.piscina.destroy()));
  }

  #open(environment: LaneTask['environment'], wanted: string): Seat {
    const piscina = new Piscina<LaneTask, undefined>({
      filename: WORKER,
      minThreads: 0,
      maxThreads: 1,
      maxQueue: 1,
      concurrentTasksPerWorker: 1,
      idleTimeout: Infinity,
      // The default freezes a worker's event loop between tasks, and with it what a tool left to finish.
      atomics: 'disabled',
      // typescript-eslint would take our long-lived thread for an editor, and type files with other defaults than on its command line.
      env: { ...environment, TSESTREE_SINGLE_RUN: 'true' } as NodeJS.ProcessEnv,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapMegabytesMax, maxYoungGenerationSizeMb: youngMegabytes(this.#options.heapMegabytesMax) },
      recordTiming: false,
    });
    const seat: Seat = { piscina, environment: wanted, lanes: new Set(), busyWith: null };
    // A thread that died between tasks, or could not begin: Piscina would begin another one for ever, and never tell the task that waits.
    piscina.on('error', () => {
      this.#seats.delete(seat);
      void piscina.destroy();
    });
    this.#seats.add(seat);
    return seat;
  }
}

/**
 * A compiler keeps most of what it makes, and V8 copies it at every collection of the young: with 192 MB in place of 48 it collects a
 * third as often, and types and lint of 330 files need an eighth less CPU time.
 */
function youngMegabytes(heapMegabytesMax: number): number {
  return Math.max(48, Math.min(192, Math.floor(heapMegabytesMax / 16)));
}
