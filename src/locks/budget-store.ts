import { BUDGET_LIMITS } from '../model/limits.ts';
import type { Disk } from '../system/disk.ts';
import { updateFile } from '../system/guarded-file.ts';
import { FileWatch } from '../system/watch-file.ts';
import { Wakeup, type Wake } from '../system/wakeup.ts';
import { EMPTY_BUDGET, readBudget, writeBudget, type BudgetTable } from './budget-table.ts';

/** Why the table cannot be used; for people. */
export class BudgetUnavailable extends Error {}

export interface BudgetChange<T> {
  /** The same object when nothing changed. */
  readonly table: BudgetTable;
  readonly value: T;
}

/** Where the table is. Both throw `BudgetUnavailable`. */
export interface BudgetStore {
  read(): Promise<BudgetTable>;
  /** Replaces the table as if at one instant; `work` may be called more than once. */
  update<T>(work: (table: BudgetTable) => BudgetChange<T> | Promise<BudgetChange<T>>): Promise<T>;
  watch(): BudgetWatch;
}

export interface BudgetWatch {
  /** Resolves at the next change, counted from the last call, or after `waitMs`, or when the signal aborts. */
  next(waitMs: number, signal: AbortSignal): Promise<Wake>;
  close(): void;
}

/** The table that all processes of a user on one machine share. Not flushed: nobody in it outlives the machine. */
export class BudgetFile implements BudgetStore {
  readonly #file: string;
  readonly #disk: Disk;

  /** `file` is absolute. */
  constructor(file: string, disk: Disk) {
    this.#file = file;
    this.#disk = disk;
  }

  read(): Promise<BudgetTable> {
    return this.#orUnavailable(async () => readBudget(await this.#disk.read(this.#file)));
  }

  update<T>(work: (table: BudgetTable) => BudgetChange<T> | Promise<BudgetChange<T>>): Promise<T> {
    return this.#orUnavailable(async () => {
      const outcome = await updateFile({ file: this.#file, disk: this.#disk, waitMs: BUDGET_LIMITS.tableWaitMs, durable: false }, async (content) => {
        const before = readBudget(content);
        const { table, value } = await work(before);
        if (table.rows.length > BUDGET_LIMITS.rowsMax) throw new BudgetUnavailable(`${this.#file} has more than ${String(BUDGET_LIMITS.rowsMax)} rows: remove it`);
        return { content: table === before ? null : writeBudget(table), value };
      });
      if (!outcome.ok) throw new BudgetUnavailable(`${this.#file} was in use by others for ${String(BUDGET_LIMITS.tableWaitMs / 1000)} s`);
      return outcome.value;
    });
  }

  watch(): BudgetWatch {
    return new FileWatch(this.#file);
  }

  async #orUnavailable<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BudgetUnavailable || !(error instanceof Error && 'code' in error)) throw error;
      throw new BudgetUnavailable(error.message);
    }
  }
}

/** A table of this process alone: where there is no folder for a shared one, or whoever started it has taken its share already. */
export class PrivateBudget implements BudgetStore {
  #table: BudgetTable;
  readonly #watches = new Set<Wakeup>();

  constructor(table: BudgetTable = EMPTY_BUDGET) {
    this.#table = table;
  }

  read(): Promise<BudgetTable> {
    return Promise.resolve(this.#table);
  }

  async update<T>(work: (table: BudgetTable) => BudgetChange<T> | Promise<BudgetChange<T>>): Promise<T> {
    for (;;) {
      const before = this.#table;
      const { table, value } = await work(before);
      // Another call may have been faster while this one worked.
      if (this.#table !== before) continue;
      this.#table = table;
      if (table !== before) for (const watch of this.#watches) watch.notify();
      return value;
    }
  }

  watch(): BudgetWatch {
    const wakeup = new Wakeup();
    this.#watches.add(wakeup);
    return { next: (waitMs, signal) => wakeup.next(waitMs, signal), close: () => { this.#watches.delete(wakeup); } };
  }
}
