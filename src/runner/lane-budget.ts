import type { Check } from '../model/check.ts';
import { BUDGET_LIMITS } from '../model/limits.ts';
import type { Lane } from './lanes.ts';
import { openBudget, type BudgetPlace, type OpenBudget } from './open-budget.ts';

export interface LaneBudgetOptions extends BudgetPlace {
  /** Of this run at once, at most: lanes, and workers of one tool. */
  readonly jobs: number;
  /** What checks were seen to use before, by id. */
  readonly megabytes: ReadonlyMap<string, number>;
  /** For people: where this run is at work. */
  readonly root: string;
}

/** What the lanes of one run take of the machine before they start, and give back when they have ended. */
export class LaneBudget {
  readonly #options: LaneBudgetOptions;
  readonly #open: OpenBudget;
  /** Workers beside the first that this run's tools have, or wait for: `--jobs` bounds them, too. */
  #extras = 0;

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
    const grant = await this.#open.budget.take({ ...this.#needs(lane), extrasMax, what: `${lane.checks[0]?.title ?? lane.name} in ${this.#options.root}` }, signal);
    this.#extras += (grant?.extras ?? 0) - extrasMax;
    if (grant === null) return null;
    try {
      return await work(1 + grant.extras);
    } finally {
      this.#extras -= grant.extras;
      await grant.release();
    }
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

function guessMegabytes(check: Check): number {
  return Math.min(BUDGET_LIMITS.guessMegabytesMax, BUDGET_LIMITS.checkMegabytesFirst + check.files.length * BUDGET_LIMITS.fileMegabytesFirst);
}
