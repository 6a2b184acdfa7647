import { setTimeout as delay } from 'node:timers/promises';
import { BUDGET_LIMITS } from '../model/limits.ts';
import { BudgetUnavailable, type BudgetStore } from './budget-store.ts';
import { keepOnly } from './decide-budget.ts';

/**
 * Rows that could not be taken back from the shared table. Their process lives, so nobody else takes them for left behind, and a
 * waiting one would hold up the whole line: they are tried again until they are gone, or the process is.
 */
export class LeftRows {
  readonly #store: BudgetStore;
  readonly #ids = new Set<string>();
  #isTrying = false;

  constructor(store: BudgetStore) {
    this.#store = store;
  }

  add(id: string): void {
    this.#ids.add(id);
    if (!this.#isTrying) void this.#tryAgain();
  }

  async #tryAgain(): Promise<void> {
    this.#isTrying = true;
    for (let pauseMs: number = BUDGET_LIMITS.takeBackMs.first; this.#ids.size > 0; pauseMs = Math.min(pauseMs * 2, BUDGET_LIMITS.takeBackMs.most)) {
      await delay(pauseMs, undefined, { ref: false });
      await this.#takeBack(new Set(this.#ids));
    }
    this.#isTrying = false;
  }

  async #takeBack(ids: ReadonlySet<string>): Promise<void> {
    try {
      // Where none got in, as on a disk that cannot be written at all, there is nothing to write either.
      const { rows } = await this.#store.read();
      if (rows.some((row) => ids.has(row.id))) await this.#store.update((table) => ({ table: keepOnly(table, (row) => !ids.has(row.id)), value: null }));
    } catch (error) {
      if (!(error instanceof BudgetUnavailable)) throw error;
      return;
    }
    for (const id of ids) this.#ids.delete(id);
  }
}
