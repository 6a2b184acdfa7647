import { MessageChannel } from 'node:worker_threads';
import { ThreadLocks, type LockTable } from '../locks/thread-locks.ts';
import type { Check, CheckOutcome } from '../model/check.ts';
import type { Failure } from '../model/failure.ts';
import { LIMITS } from '../model/limits.ts';
import type { TreeDigests } from '../model/run-context.ts';
import type { CancelMessage, LaneMessage, LaneTask } from '../model/worker-message.ts';
import type { Workspace } from '../model/workspace.ts';
import { endProcessTree, killProcessGroupNow, killProcessTree, type ProcessTree } from '../system/process-tree.ts';
import type { Lane } from './lanes.ts';
import { Seats, type Seat } from './seats.ts';

/** The runner's own number in the lock table; lanes get 2 and up. */
const RUNNER_HOLDER = 1;

export interface PoolOptions {
  readonly threads: number;
  readonly heapMegabytesMax: number;
  /** Threads and what their lanes remember outlive the run; whoever made the pool closes it. */
  readonly kept: boolean;
}

/** What the lanes of one run have in common. */
export interface RunParts {
  readonly workspace: Workspace;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of this run alone. */
  readonly tempRoot: string;
  readonly locks: LockTable;
  /** For threads that are kept; null where nobody has looked at the tree, or not all of it can be told. */
  readonly tree: TreeDigests | null;
}

export interface LaneListener {
  onStarted(check: Check): void;
  onFinished(check: Check, outcome: CheckOutcome, cost: CheckCost): void;
}

export interface CheckCost {
  readonly durationMs: number;
  /** The most memory that it was seen to use; null when that is not known. */
  readonly peakMegabytes: number | null;
}

/** For whom a lane is run. */
export interface LaneUse {
  readonly listener: LaneListener;
  readonly parts: RunParts;
}

/** A thread that is set aside for a lane. Exactly one of the two has to be called. */
export interface Berth {
  /** Runs the lane to its end, with so many cores for each tool. */
  run(slots: number): Promise<LaneRest>;
  giveUp(): void;
}

/** What is left of a lane that could not be run to its end. */
export interface LaneRest {
  /** Checks that never started. */
  readonly unstarted: readonly Check[];
  /** Because its thread died, and not only because it was too old. */
  readonly died: boolean;
}

/** A lane on its way through a worker. */
interface Flight {
  readonly lane: Lane;
  readonly flags: Int32Array;
  readonly cancel: (message: CancelMessage) => void;
  readonly terminate: AbortController;
  readonly trees: Map<string, ProcessTree>;
  readonly open: Map<string, { startedMs: number | null; cancelled: Failure | null }>;
  /** The thread must not be used again. */
  retires: boolean;
}

/**
 * The worker pool. A cancelled check is first asked (flag and message), then its tools are ended, and only when it has not
 * come back after the grace is its thread terminated. A thread that dies costs the check it was running, and no other.
 *
 * A kept pool serves one run after another, one at a time. Each lane goes back to the thread that remembers it.
 */
export class LanePool {
  readonly #options: PoolOptions;
  readonly #seats: Seats;
  readonly #flights = new Set<Flight>();
  readonly #freeHolders: number[];

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#seats = new Seats(options);
    this.#freeHolders = Array.from({ length: options.threads + LIMITS.workerRestartsMax }, (_, index) => RUNNER_HOLDER + 1 + index);
  }

  get threads(): number {
    return this.#options.threads;
  }

  get heapMegabytesMax(): number {
    return this.#options.heapMegabytesMax;
  }

  /** Whether a thread is free that should run the lane now, rather than another one later. */
  isReadyFor(lane: Lane): boolean {
    return this.#seats.choose(lane) !== null;
  }

  /** Sets a thread aside, so that no other lane is sent there before this one can begin. Call it only when the pool is ready for it. */
  reserve(lane: Lane, use: LaneUse): Berth {
    const seat = this.#seats.take(lane, use.parts.environment);
    if (seat === null) throw new Error('more lanes under way than threads');
    return { run: (slots) => this.#run({ lane, slots, seat }, use), giveUp: () => { this.#seats.leave(seat); } };
  }

  async #run({ lane, slots, seat }: { readonly lane: Lane; readonly slots: number; readonly seat: Seat }, { listener, parts }: LaneUse): Promise<LaneRest> {
    const holder = this.#freeHolders.pop();
    if (holder === undefined) throw new Error('more lanes under way than holders of locks');
    const locks = new ThreadLocks(parts.locks, RUNNER_HOLDER);
    const { port1: port, port2: theirs } = new MessageChannel();
    const flags = new Int32Array(new SharedArrayBuffer(lane.checks.length * Int32Array.BYTES_PER_ELEMENT));
    const flight: Flight = {
      lane,
      flags,
      cancel: (message) => { port.postMessage(message); },
      terminate: new AbortController(),
      trees: new Map(),
      open: new Map(lane.checks.map((check) => [check.id, { startedMs: null, cancelled: null }])),
      retires: false,
    };
    this.#flights.add(flight);
    const closed = new Promise<void>((resolve) => { port.once('close', resolve); });
    port.on('message', (message: LaneMessage) => { receive(flight, message, listener); });
    try {
      const { tree, ...shared } = parts;
      const task: LaneTask = {
        ...shared,
        lane: lane.name,
        kept: this.#options.kept ? { heapMegabytesMax: this.#options.heapMegabytesMax * LIMITS.keptHeapShare, tree } : null,
        checks: lane.checks,
        slots,
        holder,
        cancelFlags: flags.buffer,
        port: theirs,
      };
      await seat.piscina.run(task, { transferList: [theirs], signal: flight.terminate.signal });
      // The task's promise may overtake its last messages; the port closes after them.
      await closed;
      const died = !flight.retires;
      return { unstarted: settleLost(flight, listener, { reason: 'worker-died', detail: 'it ended without a result' }), died };
    } catch (error) {
      flight.retires = true;
      return { unstarted: settleLost(flight, listener, whyItDied(error, this.#options.heapMegabytesMax)), died: true };
    } finally {
      port.close();
      locks.reclaim(holder);
      this.#freeHolders.push(holder);
      this.#flights.delete(flight);
      await Promise.all([...flight.trees.values()].map((tree) => killProcessTree(tree)));
      await this.#leave(seat, flight);
    }
  }

  /** Cancels one check that runs or waits in a lane under way; does nothing when it has ended. */
  cancel(check: Check, failure: Failure): void {
    for (const flight of this.#flights) {
      const state = flight.open.get(check.id);
      if (state === undefined || state.cancelled !== null) continue;
      state.cancelled = failure;
      // Time limits are for what hangs: nobody knows in what state.
      if (failure.reason === 'time-limit') flight.retires = true;
      Atomics.store(flight.flags, flight.lane.checks.findIndex((one) => one.id === check.id), 1);
      flight.cancel({ type: 'cancel', check: check.id, failure });
      const force = setTimeout(() => {
        // It has ended, or waits its turn behind a check that has not been cancelled.
        if (typeof flight.open.get(check.id)?.startedMs !== 'number') return;
        void Promise.all([...flight.trees.values()].map((tree) => endProcessTree(tree, 0))).then(() => { flight.terminate.abort(); });
      }, LIMITS.workerGraceMs);
      force.unref();
    }
  }

  /** Kills what must not outlive this process, at once and without waiting. For the moment before a forced exit. */
  killNow(): void {
    for (const flight of this.#flights) for (const tree of flight.trees.values()) killProcessGroupNow(tree);
  }

  /** Ends all threads, and what runs in them. */
  async close(): Promise<void> {
    for (const flight of this.#flights) flight.terminate.abort();
    await this.#seats.close();
  }

  async #leave(seat: Seat, flight: Flight): Promise<void> {
    if (flight.retires) await this.#seats.retire(seat);
    else this.#seats.leave(seat);
  }
}

function receive(flight: Flight, message: LaneMessage, listener: LaneListener): void {
  switch (message.type) {
    case 'tree':
      if (message.state === 'started') flight.trees.set(message.tree.marker, message.tree);
      else flight.trees.delete(message.tree.marker);
      return;
    case 'outdated':
    case 'spent':
      flight.retires = true;
      return;
    case 'started': {
      const state = flight.open.get(message.check);
      if (state !== undefined) state.startedMs = performance.now();
      listener.onStarted(checkOf(flight, message.check));
      return;
    }
    case 'finished': {
      const cancelled = flight.open.get(message.check)?.cancelled ?? null;
      flight.open.delete(message.check);
      // A check that was told to stop has no complete result, whatever it says.
      const outcome: CheckOutcome = cancelled === null ? message.outcome : { status: 'error', failure: cancelled, ...whatItGot(message.outcome) };
      listener.onFinished(checkOf(flight, message.check), outcome, message);
    }
  }
}

/** What was running when the thread went is lost; what had not begun can still run elsewhere, unless it was cancelled. */
function settleLost(flight: Flight, listener: LaneListener, failure: Failure): Check[] {
  const unstarted: Check[] = [];
  for (const [id, state] of flight.open) {
    const check = checkOf(flight, id);
    if (state.startedMs === null && state.cancelled === null) unstarted.push(check);
    else listener.onFinished(check, { status: 'error', failure: state.cancelled ?? failure }, { durationMs: state.startedMs === null ? 0 : performance.now() - state.startedMs, peakMegabytes: null });
  }
  flight.open.clear();
  return unstarted;
}

/** The pool rejects with the thread's own error, or with a sentence about its exit code. */
function whyItDied(error: unknown, heapMegabytesMax: number): Failure {
  if (!(error instanceof Error)) return { reason: 'worker-died', detail: String(error) };
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return { reason: 'out-of-memory', detail: `it needed more than its ${String(heapMegabytesMax)} MB of memory`, isAlone: false };
  }
  const exitCode = /exited with code: (\d+)/.exec(error.message)?.[1];
  return { reason: 'worker-died', detail: exitCode === undefined ? error.message : `something in it called process.exit(${exitCode}); look in the configuration and the plugins` };
}

function whatItGot(outcome: CheckOutcome): Pick<Extract<CheckOutcome, { status: 'error' }>, 'findings' | 'inspected'> {
  return outcome.status === 'skipped' ? {} : { findings: outcome.findings, inspected: outcome.inspected };
}

function checkOf(flight: Flight, id: string): Check {
  const check = flight.lane.checks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`a worker spoke of a check that it was not given: ${id}`);
  return check;
}
