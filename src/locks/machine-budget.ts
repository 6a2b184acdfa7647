import { randomUUID } from 'node:crypto';
import { BUDGET_LIMITS } from '../model/limits.ts';
import type { Clock } from '../system/clock.ts';
import type { ProcessIdentity } from '../system/machine.ts';
import { BudgetOwners } from './budget-owners.ts';
import { BudgetUnavailable, PrivateBudget, type BudgetStore } from './budget-store.ts';
import type { BudgetRow, BudgetTable } from './budget-table.ts';
import { admit, aheadOf, join, keepOnly, leave, type BudgetCapacity, type BudgetMoment } from './decide-budget.ts';
import { LeftRows } from './left-rows.ts';

export interface BudgetRequest {
  /** More than there are: all of them. */
  readonly cores: number;
  /** Workers beside the first that the tool can use; as many are granted as are free. */
  readonly extrasMax: number;
  /** So long it waits for extras rather than start without any, while others have them all. */
  readonly patienceMs: number;
  /** More than there are: it works alone. */
  readonly megabytes: number;
  /** For people: what it is for. */
  readonly what: string;
}

export interface BudgetGrant {
  readonly extras: number;
  /** Exactly once, when what it was for has ended. */
  release(): Promise<void>;
}

export interface MachineBudgetOptions {
  readonly store: BudgetStore;
  readonly capacity: BudgetCapacity;
  readonly self: Pick<ProcessIdentity, 'pid' | 'started'>;
  readonly clock: Clock;
  /** Why the store is none that others share, though it should be. */
  readonly trouble?: string | null;
  /** Longest wait for others of whom nobody starts or ends; `BUDGET_LIMITS.waitMs` when absent. */
  readonly waitMs?: number;
}

/**
 * What one process takes of the cores and the memory that all of ours share. Never fails: where the shared table cannot be used
 * it goes on within the same bounds by itself, and `trouble` says why.
 */
export class MachineBudget {
  readonly #options: MachineBudgetOptions;
  readonly #owners: BudgetOwners;
  readonly #held = new Map<string, BudgetRow>();
  readonly #left: LeftRows;
  #store: BudgetStore;
  #trouble: string | null;

  constructor(options: MachineBudgetOptions) {
    this.#options = options;
    this.#owners = new BudgetOwners(options.clock);
    this.#store = options.store;
    this.#left = new LeftRows(options.store);
    this.#trouble = options.trouble ?? null;
  }

  /** Why this process no longer shares, or null. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** What is held and waited for at this moment, by those who still live. Throws `BudgetUnavailable`. */
  async rows(): Promise<readonly BudgetRow[]> {
    return (await this.#withoutGone(await this.#store.read())).rows;
  }

  /** Waits in line for what was asked. Null when the signal aborted before. */
  async take(request: BudgetRequest, signal: AbortSignal): Promise<BudgetGrant | null> {
    const { pid, started } = this.#options.self;
    const nowMs = this.#options.clock.now();
    const { cores, extrasMax: extras, megabytes, patienceMs, what } = request;
    const row: BudgetRow = { id: randomUUID(), pid, started, state: 'waiting', cores, extras, megabytes, patient_until_ms: nowMs + patienceMs, what, since_ms: nowMs };
    this.#owners.claim(row.id);
    for (;;) {
      const store = this.#store;
      const held = await this.#takeFrom(store, row, signal).catch((error: unknown) => {
        if (!(error instanceof BudgetUnavailable)) throw error;
        // It may stand in the table, and waits there no more.
        this.#left.add(row.id);
        this.#goAlone(store, error.message);
        return 'elsewhere' as const;
      });
      if (held === 'elsewhere') continue;
      if (held === null) {
        this.#owners.disclaim(row.id);
        return null;
      }
      this.#held.set(row.id, held);
      if (isAborted(signal)) {
        await this.#release(store, row.id);
        return null;
      }
      return { extras: held.extras, release: () => this.#release(store, row.id) };
    }
  }

  async #takeFrom(store: BudgetStore, row: BudgetRow, signal: AbortSignal): Promise<BudgetRow | 'elsewhere' | null> {
    const { clock, waitMs = BUDGET_LIMITS.waitMs } = this.#options;
    if (isAborted(signal)) return null;
    let movedMs = clock.monotonicMs();
    let ahead: string | null = null;
    const held = await this.#look(store, row);
    if (held !== null) return held;
    const watch = store.watch();
    try {
      for (let pauseMs: number = BUDGET_LIMITS.pollMs.first; ; pauseMs = Math.min(pauseMs * 2, BUDGET_LIMITS.pollMs.most)) {
        const wake = await watch.next(pauseMs, signal);
        if (wake === 'aborted' || store !== this.#store) {
          await this.#forget(store, row.id);
          return wake === 'aborted' ? null : 'elsewhere';
        }
        const place = await this.#placeOf(store, row);
        const now = place.isDue ? await this.#look(store, row) : null;
        if (now !== null) return now;
        if (place.ahead !== ahead) {
          ahead = place.ahead;
          movedMs = clock.monotonicMs();
        }
        if (clock.monotonicMs() - movedMs < waitMs) continue;
        await this.#forget(store, row.id);
        throw new BudgetUnavailable(`others held it for ${String(Math.round(waitMs / 1000))} s`);
      }
    } finally {
      watch.close();
    }
  }

  /** The row as it is held now, or null: it waits in the table. */
  #look(store: BudgetStore, row: BudgetRow): Promise<BudgetRow | null> {
    return store.update(async (table) => {
      const alive = await this.#withoutGone(table);
      const waiting = alive.rows.some((one) => one.id === row.id) ? alive : join(alive, row);
      const admitted = admit(waiting, row.id, this.#moment());
      if (admitted === null) return { table: waiting, value: null };
      const rows = admitted.rows.map((one) => (one.id === row.id ? { ...one, since_ms: this.#options.clock.now() } : one));
      return { table: { rows }, value: rows.find((one) => one.id === row.id) ?? null };
    });
  }

  /** Only reads: those that wait must not keep each other awake by writing. */
  async #placeOf(store: BudgetStore, row: BudgetRow): Promise<{ readonly isDue: boolean; readonly ahead: string }> {
    const table = await this.#withoutGone(await store.read());
    const isDue = !table.rows.some((one) => one.id === row.id) || admit(table, row.id, this.#moment()) !== null;
    return { isDue, ahead: aheadOf(table, row.id) };
  }

  #moment(): BudgetMoment {
    return { capacity: this.#options.capacity, nowMs: this.#options.clock.now() };
  }

  async #withoutGone(table: BudgetTable): Promise<BudgetTable> {
    const gone = await this.#owners.gone(table.rows);
    return keepOnly(table, (row) => !gone.has(row.id));
  }

  async #release(store: BudgetStore, id: string): Promise<void> {
    this.#held.delete(id);
    this.#owners.disclaim(id);
    for (const one of new Set([store, this.#store])) await this.#forget(one, id);
  }

  /** What cannot be written now is tried again: the row has no owner any more, but only this process knows. */
  async #forget(store: BudgetStore, id: string): Promise<void> {
    try {
      await store.update((table) => ({ table: leave(table, id), value: null }));
    } catch (error) {
      if (!(error instanceof BudgetUnavailable)) throw error;
      this.#left.add(id);
      this.#goAlone(store, error.message);
    }
  }

  #goAlone(store: BudgetStore, detail: string): void {
    if (store !== this.#store) return;
    this.#trouble = detail;
    this.#store = new PrivateBudget({ rows: [...this.#held.values()] });
  }
}

/** A function, because the type checker takes a property it has seen for settled, and this one changes behind its back. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
