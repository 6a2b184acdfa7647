/**
 * Named locks between the threads of one run, over one SharedArrayBuffer: a mutex is a semaphore of one permit. Waiters are
 * served first come, first served, and a released permit is handed to the next waiter directly, so nobody can barge in.
 *
 * Layout of one lock, in 32-bit words:
 *
 *     guard | permits | head | tail | ring[WAITERS_MAX] | held[HOLDERS_MAX]
 *
 * `guard` protects the rest and holds the number of the thread inside it (0: none). A ring word is one waiter: its number
 * times four, plus its state:
 *
 *     EMPTY ──▶ WAITING ──▶ GRANTED ──▶ EMPTY      (the waiter takes the permit)
 *                  └──────▶ ABANDONED ──▶ EMPTY    (the waiter gave up or died; the next release clears it)
 */
export interface LockTable {
  readonly buffer: SharedArrayBuffer;
  readonly names: readonly string[];
}

export type AcquireResult = { readonly ok: true; release(): void } | { readonly ok: false; readonly reason: 'cancelled' | 'timeout' };

/** Threads that may use one table: holder numbers are 1 to this. */
const HOLDERS_MAX = 256;
/** Twice the threads: those that wait, and room for places of waiters that gave up behind one that has not. */
const WAITERS_MAX = 2 * HOLDERS_MAX;

const GUARD = 0;
const PERMITS = 1;
const HEAD = 2;
const TAIL = 3;
const RING = 4;
const HELD = RING + WAITERS_MAX;
const WORDS = HELD + HOLDERS_MAX + 1;

const EMPTY = 0;
const WAITING = 1;
const GRANTED = 2;
const ABANDONED = 3;
const STATE_BITS = 2;
const STATE_MASK = 3;

const GUARD_SPINS = 64;
const GUARD_SLEEP_MS = 0.1;

/** How long a waiter sleeps before it looks whether its check was cancelled. A grant wakes it at once. */
const CANCEL_POLL_MS = 50;

/** `permits` by lock name, each at least 1. */
export function createLockTable(permits: Readonly<Record<string, number>>): LockTable {
  const names = Object.keys(permits);
  const words = new Int32Array(new SharedArrayBuffer(Math.max(1, names.length) * WORDS * Int32Array.BYTES_PER_ELEMENT));
  names.forEach((name, index) => {
    words[index * WORDS + PERMITS] = permits[name] ?? 1;
  });
  return { buffer: words.buffer, names };
}

/** One thread's view of a lock table. `holder` is its own number, 1 to 256, used by no other living thread. */
export class ThreadLocks {
  readonly #words: Int32Array;
  readonly #names: readonly string[];
  readonly #holder: number;

  constructor(table: LockTable, holder: number) {
    if (holder < 1 || holder > HOLDERS_MAX) throw new RangeError(`a lock holder's number is 1 to ${HOLDERS_MAX}, not ${holder}`);
    this.#words = new Int32Array(table.buffer);
    this.#names = table.names;
    this.#holder = holder;
  }

  /** Blocks the calling thread until it has one permit: for workers only. Release exactly once. */
  acquire(name: string, options: { isCancelled: () => boolean; timeoutMs: number }): AcquireResult {
    const base = this.#base(name);
    const slot = this.#takeOrEnqueue(base);
    if (slot === null) return this.#held(base);
    for (let waitedMs = 0; ; waitedMs += CANCEL_POLL_MS) {
      Atomics.wait(this.#words, slot, this.#mine(WAITING), CANCEL_POLL_MS);
      const result = this.#look(base, slot, options.isCancelled() ? 'cancelled' : waitedMs >= options.timeoutMs ? 'timeout' : null);
      if (result !== null) return result;
    }
  }

  /** The same without blocking: for the main thread, whose other work goes on meanwhile. */
  async acquireAsync(name: string, options: { isCancelled: () => boolean; timeoutMs: number }): Promise<AcquireResult> {
    const base = this.#base(name);
    const slot = this.#takeOrEnqueue(base);
    if (slot === null) return this.#held(base);
    for (let waitedMs = 0; ; waitedMs += CANCEL_POLL_MS) {
      const waiting = Atomics.waitAsync(this.#words, slot, this.#mine(WAITING), CANCEL_POLL_MS);
      if (waiting.async) await waiting.value;
      const result = this.#look(base, slot, options.isCancelled() ? 'cancelled' : waitedMs >= options.timeoutMs ? 'timeout' : null);
      if (result !== null) return result;
    }
  }

  /** One permit if one is free and nobody waits for it; never blocks. */
  tryAcquire(name: string): AcquireResult | null {
    const base = this.#base(name);
    return this.#enter(base, () => this.#takeFree(base)) ? this.#held(base) : null;
  }

  /** Gives back what a thread that is known to be dead held or waited for. Called by the thread that watched it die. */
  reclaim(deadHolder: number): void {
    for (const name of this.#names) {
      const base = this.#base(name);
      Atomics.compareExchange(this.#words, base + GUARD, deadHolder, 0);
      this.#enter(base, () => { this.#abandonPlaces(base, deadHolder); });
      for (let left = Atomics.load(this.#words, base + HELD + deadHolder); left > 0; left--) this.#giveBack(base, deadHolder);
    }
  }

  /** Permits that nobody holds. */
  free(name: string): number {
    return Atomics.load(this.#words, this.#base(name) + PERMITS);
  }

  #base(name: string): number {
    const index = this.#names.indexOf(name);
    if (index === -1) throw new RangeError(`no lock named ${name}; there are ${this.#names.join(', ')}`);
    return index * WORDS;
  }

  /** Null when a permit was free; else the place in the line. */
  #takeOrEnqueue(base: number): number | null {
    return this.#enter(base, () => (this.#takeFree(base) ? null : this.#enqueue(base)));
  }

  /** What a waiter finds when it wakes: its permit, a reason to give up, or null: nothing yet. */
  #look(base: number, slot: number, reason: 'cancelled' | 'timeout' | null): AcquireResult | null {
    if (this.#at(slot) === this.#mine(GRANTED)) return this.#accept(base, slot);
    if (reason === null) return null;
    // The grant may arrive between the look and this: then the permit is ours, and must be used or passed on.
    if (Atomics.compareExchange(this.#words, slot, this.#mine(WAITING), ABANDONED) !== this.#mine(WAITING)) this.#accept(base, slot).release();
    return { ok: false, reason };
  }

  #takeFree(base: number): boolean {
    if (this.#at(base + PERMITS) === 0 || this.#at(base + HEAD) !== this.#at(base + TAIL)) return false;
    Atomics.sub(this.#words, base + PERMITS, 1);
    Atomics.add(this.#words, base + HELD + this.#holder, 1);
    return true;
  }

  #enqueue(base: number): number {
    if (this.#at(base + TAIL) - this.#at(base + HEAD) === WAITERS_MAX) throw new Error('too many waiters for one thread lock');
    const slot = this.#slot(base, Atomics.add(this.#words, base + TAIL, 1));
    Atomics.store(this.#words, slot, this.#mine(WAITING));
    return slot;
  }

  /** A dead thread's place in the line is given up; a permit that it was granted but never took counts as held by it. */
  #abandonPlaces(base: number, deadHolder: number): void {
    for (let slot = base + RING; slot < base + RING + WAITERS_MAX; slot++) {
      const word = this.#at(slot);
      if (word >> STATE_BITS !== deadHolder) continue;
      const granted = (word & STATE_MASK) === GRANTED;
      Atomics.store(this.#words, slot, granted ? EMPTY : ABANDONED);
      if (granted) Atomics.add(this.#words, base + HELD + deadHolder, 1);
    }
  }

  #accept(base: number, slot: number): { ok: true; release(): void } {
    Atomics.store(this.#words, slot, EMPTY);
    Atomics.add(this.#words, base + HELD + this.#holder, 1);
    return this.#held(base);
  }

  #held(base: number): { ok: true; release(): void } {
    let released = false;
    return {
      ok: true,
      release: () => {
        if (released) throw new Error('a thread lock was released twice');
        released = true;
        this.#giveBack(base, this.#holder);
      },
    };
  }

  #giveBack(base: number, holder: number): void {
    this.#enter(base, () => {
      Atomics.sub(this.#words, base + HELD + holder, 1);
      while (this.#at(base + HEAD) !== this.#at(base + TAIL)) {
        const slot = this.#slot(base, Atomics.add(this.#words, base + HEAD, 1));
        const waiting = this.#at(slot);
        const granted = waiting - WAITING + GRANTED;
        if ((waiting & STATE_MASK) === WAITING && Atomics.compareExchange(this.#words, slot, waiting, granted) === waiting) {
          Atomics.notify(this.#words, slot);
          return;
        }
        Atomics.store(this.#words, slot, EMPTY);
      }
      Atomics.add(this.#words, base + PERMITS, 1);
    });
  }

  /** The guard is held for a few instructions only: spin a little, then sleep in case its holder lost its core. */
  #enter<T>(base: number, work: () => T): T {
    for (let spins = 0; ; spins++) {
      const inside = Atomics.compareExchange(this.#words, base + GUARD, 0, this.#holder);
      if (inside === 0) break;
      if (spins > GUARD_SPINS) Atomics.wait(this.#words, base + GUARD, inside, GUARD_SLEEP_MS);
    }
    try {
      return work();
    } finally {
      Atomics.store(this.#words, base + GUARD, 0);
    }
  }

  #slot(base: number, place: number): number {
    return base + RING + (place % WAITERS_MAX);
  }

  #mine(state: number): number {
    return (this.#holder << STATE_BITS) | state;
  }

  #at(index: number): number {
    return Atomics.load(this.#words, index);
  }
}
