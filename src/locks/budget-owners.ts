import { BUDGET_LIMITS } from '../model/limits.ts';
import type { Clock } from '../system/clock.ts';
import { isProcessAlive, processStart } from '../system/process-tree.ts';
import type { BudgetRow } from './budget-table.ts';

/** Rows of this process that it knows of. What else carries its number belongs to one before it, or could not be given back. */
const ours = new Set<string>();

/** Whether the owners of rows still live. A killed one frees nothing itself. */
export class BudgetOwners {
  readonly #clock: Clock;
  /** By process: until when its start needs no other look. */
  readonly #known = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  claim(id: string): void {
    ours.add(id);
  }

  disclaim(id: string): void {
    ours.delete(id);
  }

  /** Ids of the rows whose owner is gone. */
  async gone(rows: readonly BudgetRow[]): Promise<ReadonlySet<string>> {
    const gone = new Set<string>();
    for (const row of rows) if (!(await this.#isAlive(row))) gone.add(row.id);
    return gone;
  }

  async #isAlive({ id, pid, started }: BudgetRow): Promise<boolean> {
    if (pid === process.pid) return ours.has(id);
    if (!isProcessAlive(pid)) return false;
    if (started === null) return true;
    const key = `${String(pid)} ${started}`;
    const nowMs = this.#clock.monotonicMs();
    if ((this.#known.get(key) ?? 0) > nowMs) return true;
    const isSame = started === await processStart(pid);
    if (isSame) this.#known.set(key, nowMs + BUDGET_LIMITS.startKnownMs);
    return isSame;
  }
}
