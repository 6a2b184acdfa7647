import { createHash } from 'node:crypto';
import path from 'node:path';
import { BudgetFile, PrivateBudget } from '../locks/budget-store.ts';
import type { BudgetCapacity } from '../locks/decide-budget.ts';
import { MachineBudget } from '../locks/machine-budget.ts';
import type { Check } from '../model/check.ts';
import { BUDGET_LIMITS } from '../model/limits.ts';
import type { Clock } from '../system/clock.ts';
import { systemDisk } from '../system/disk.ts';
import { CORES_VARIABLE, describeHost, describeProcess, type Machine } from '../system/machine.ts';
import { cacheFolder } from './durations.ts';
import type { Lane } from './lanes.ts';

const MEGABYTE = 1024 * 1024;

export interface LaneBudgetOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly machine: Machine;
  readonly clock: Clock;
  /** Lanes of this run at once, at most. */
  readonly threads: number;
  /** What checks were seen to use before, by id. */
  readonly megabytes: ReadonlyMap<string, number>;
  /** For people: where this run is at work. */
  readonly root: string;
}

/** What the lanes of one run take of the machine before they start, and give back when they have ended. */
export class LaneBudget {
  readonly #options: LaneBudgetOptions;
  readonly #budget: MachineBudget;
  readonly #capacity: BudgetCapacity;
  /** Workers beside the first that this run's tools have, or wait for: `--jobs` bounds them, too. */
  #extras = 0;

  private constructor(options: LaneBudgetOptions, budget: MachineBudget, capacity: BudgetCapacity) {
    this.#options = options;
    this.#budget = budget;
    this.#capacity = capacity;
  }

  static async open(options: LaneBudgetOptions): Promise<LaneBudget> {
    const { environment, machine, clock } = options;
    const granted = grantedCores(environment);
    const capacity = capacityOf({ ...machine, cores: granted ?? machine.cores });
    const file = granted === null ? await budgetFile(environment) : null;
    const store = file === null ? new PrivateBudget() : new BudgetFile(file, systemDisk);
    return new LaneBudget(options, new MachineBudget({ store, capacity, self: await describeProcess(), clock }), capacity);
  }

  /** A sentence for the report when this run did not share the machine with others, though it should have; null otherwise. */
  get note(): string | null {
    const { trouble } = this.#budget;
    return trouble === null ? null : `cores and memory were not shared with other runs on this machine: ${trouble}`;
  }

  /** Runs `work` with what the lane needs, and with so many cores for each of its tools. Null, and nothing was run, when the signal aborted first. */
  async run<T>(lane: Lane, signal: AbortSignal, work: (slots: number) => Promise<T>): Promise<T | null> {
    const extrasMax = Math.max(0, Math.min(slotsMaxOf(lane), this.#options.threads - this.#extras) - 1);
    this.#extras += extrasMax;
    const grant = await this.#budget.take({ ...this.#needs(lane), extrasMax, what: `${lane.checks[0]?.title ?? lane.name} in ${this.#options.root}` }, signal);
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
    if (lane.alone === true) return this.#capacity;
    // One after another, in the same memory.
    return { cores: 1, megabytes: Math.max(...lane.checks.map((check) => this.#options.megabytes.get(check.id) ?? guessMegabytes(check))) };
  }
}

export function capacityOf({ cores, memoryBytes }: Machine): BudgetCapacity {
  return { cores, extras: cores - 1, megabytes: Math.floor((memoryBytes * BUDGET_LIMITS.memoryShare) / MEGABYTE) };
}

/**
 * Where the processes of one user on one machine share; null: nowhere. Its name holds what else could see the same folder and not
 * the same processes: another machine, a container.
 */
export async function budgetFile(environment: Readonly<Record<string, string | undefined>>): Promise<string | null> {
  const folder = cacheFolder(environment);
  const host = createHash('sha256').update(await describeHost()).digest('hex').slice(0, 16);
  return folder === null ? null : path.join(folder, 'budget', `${host}.json`);
}

/** Null where nobody has granted any: then they are taken from the machine. */
function grantedCores(environment: LaneBudgetOptions['environment']): number | null {
  const cores = Number(environment[CORES_VARIABLE]);
  return Number.isSafeInteger(cores) && cores >= 1 ? cores : null;
}

function slotsMaxOf(lane: Lane): number {
  return Math.max(...lane.checks.map((check) => check.slotsMax ?? 1));
}

function guessMegabytes(check: Check): number {
  return Math.min(BUDGET_LIMITS.guessMegabytesMax, BUDGET_LIMITS.checkMegabytesFirst + check.files.length * BUDGET_LIMITS.fileMegabytesFirst);
}
