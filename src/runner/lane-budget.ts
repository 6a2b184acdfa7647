import type { BudgetGrant } from '../locks/machine-budget.ts';
import type { Check } from '../model/check.ts';
import { BUDGET_LIMITS } from '../model/limits.ts';
import { needsWorkers, type Lane } from './lanes.ts';
import { openBudget, type BudgetPlace, type OpenBudget } from './open-budget.ts';

export interface LaneBudgetOptions extends BudgetPlace {
  /** Of this run at once, at most: lanes, and workers of one tool. */
  readonly jobs: number;
  /** What checks were seen to use before, by id. */
  readonly megabytes: ReadonlyMap<string, number>;
  /** For people: where this run is at work. */
  readonly root: string;
}

/** A grant, what it is good for, and since when. */
interface Held {
  readonly grant: BudgetGrant;
  readonly cores: number;
  readonly megabytes: number;
  readonly sinceMs: number;
}

/** What the lanes of one run take of the machine before they start, and give back when they have ended. */
export class LaneBudget {
  readonly #options: LaneBudgetOptions;
  readonly #open: OpenBudget;
  /** Workers beside the first that this run's tools have, or wait for: `--jobs` bounds them, too. */
  #extras = 0;
  /** Of lanes that have just ended, for those that start now. */
  readonly #free = new Set<Held>();
  readonly #releases = new Set<Promise<void>>();

  private constructor(options: LaneBudgetOptions, open: OpenBudget) {
    this.#options = options;
    this.#open = open;
  }

  static async open(options: LaneBudgetOptions): Promise<LaneBudget> {
    return new LaneBudget(options, await openBudget(options));
  }

  /** A sentence for the report when this run did not share the machine with others, though it should have; null otherwise. */
  get note(): string | null {
    const { trouble } = this.#open.budget;
    return trouble === null ? null : `cores and memory were not shared with other runs on this machine: ${trouble}`;
  }

  /** Runs `work` with what the lane needs, and so many cores for each of its tools. Null, and nothing was run, when the signal aborted first. */
  async run<T>(lane: Lane, signal: AbortSignal, work: (slots: number) => Promise<T>): Promise<T | null> {
    const extrasMax = Math.max(0, Math.min(slotsMaxOf(lane), this.#options.jobs - this.#extras) - 1);
    this.#extras += extrasMax;
    const held = this.#takeOver(lane, extrasMax) ?? (await this.#take(lane, extrasMax, signal));
    const extras = held?.grant.extras ?? 0;
    this.#extras += extras - extrasMax;
    if (held === null) return null;
    try {
      return await work(1 + extras);
    } finally {
      this.#extras -= extras;
      this.#leave(held);
    }
  }

  /** Resolves when everything has been given back. */
  async close(): Promise<void> {
    for (const held of this.#free) this.#release(held);
    await Promise.all(this.#releases);
  }

  async #take(lane: Lane, extrasMax: number, signal: AbortSignal): Promise<Held | null> {
    const needs = this.#needs(lane);
    const grant = await this.#open.budget.take({ ...needs, extrasMax, patienceMs: patienceMsOf(lane), what: `${lane.checks[0]?.title ?? lane.name} in ${this.#options.root}` }, signal);
    return grant === null ? null : { grant, ...needs, sinceMs: this.#options.clock.monotonicMs() };
  }

  /** Warm lanes take milliseconds, which is what asking the machine for each would take as well. */
  #takeOver(lane: Lane, extrasMax: number): Held | null {
    const { cores, megabytes } = this.#needs(lane);
    const held = [...this.#free].find((one) => one.cores === cores && one.megabytes >= megabytes && one.grant.extras === extrasMax) ?? null;
    if (held !== null) this.#free.delete(held);
    return held;
  }

  /** One that was held for long goes back: others wait in line. */
  #leave(held: Held): void {
    if (this.#options.clock.monotonicMs() - held.sinceMs > BUDGET_LIMITS.handOnMs) {
      this.#release(held);
      return;
    }
    this.#free.add(held);
    // By then the next lane of this run has started, if there is one.
    setImmediate(() => { if (this.#free.has(held)) this.#release(held); });
  }

  #release(held: Held): void {
    this.#free.delete(held);
    const release = held.grant.release().finally(() => { this.#releases.delete(release); });
    this.#releases.add(release);
  }

  #needs(lane: Lane): { readonly cores: number; readonly megabytes: number } {
    if (lane.alone === true) return this.#open.capacity;
    // One after another, in the same memory.
    return { cores: 1, megabytes: Math.max(...lane.checks.map((check) => this.#options.megabytes.get(check.id) ?? guessMegabytes(check))) };
  }
}

function slotsMaxOf(lane: Lane): number {
  return Math.max(...lane.checks.map((check) => check.slotsMax ?? 1));
}

/** What is short would be done before others have ended; an hour's tests must not wait for another hour's. */
function patienceMsOf(lane: Lane): number {
  return needsWorkers(lane) ? Math.min(BUDGET_LIMITS.extrasWaitMs, lane.workersMs * BUDGET_LIMITS.extrasWaitFactor) : 0;
}

function guessMegabytes(check: Check): number {
  return Math.min(BUDGET_LIMITS.guessMegabytesMax, BUDGET_LIMITS.checkMegabytesFirst + check.files.length * BUDGET_LIMITS.fileMegabytesFirst);
}
