import type { BudgetRow, BudgetTable } from './budget-table.ts';

/** What there is to share. */
export interface BudgetCapacity {
  /** Lanes that work at once. */
  readonly cores: number;
  /**
   * Workers of tools beside the first of each. They are on top of the cores: a tool cannot get more workers once it runs, so it is
   * started with some for the cores that become free when what runs beside it ends. Threads and workers together are never
   * more than `cores + extras`.
   */
  readonly extras: number;
  readonly megabytes: number;
}

export interface BudgetUse {
  readonly cores: number;
  readonly extras: number;
  readonly megabytes: number;
}

/** What decides, besides the table. */
export interface BudgetMoment {
  readonly capacity: BudgetCapacity;
  /** The time of day. */
  readonly nowMs: number;
}

/** What is held. */
export function usedOf(table: BudgetTable): BudgetUse {
  const held = table.rows.filter((row) => row.state === 'held');
  return {
    cores: sum(held, (row) => row.cores),
    extras: sum(held, (row) => row.extras),
    megabytes: sum(held, (row) => row.megabytes),
  };
}

/** Puts a row behind all others. */
export function join(table: BudgetTable, row: BudgetRow): BudgetTable {
  return { rows: [...table.rows, row] };
}

/**
 * The table in which the waiter has what it waited for, or null when it has to wait: first come, first served, whatever it asks for.
 * One that asks for more memory than there is waits until nobody works, and works alone. While all extras are lent, those that want
 * none go before those that do, and whoever is patient lets everybody go: a tool that is started without would be without to its
 * end. The first that wants some has them when their holder has ended.
 */
export function admit(table: BudgetTable, id: string, moment: BudgetMoment): BudgetTable | null {
  const { capacity } = moment;
  const used = usedOf(table);
  const row = nextOf(table, used, moment);
  if (row?.id !== id) return null;
  const cores = Math.min(row.cores, capacity.cores);
  const extras = Math.max(0, Math.min(row.extras, capacity.extras - used.extras));
  return { rows: table.rows.map((one) => (one.id === id ? { ...one, state: 'held', cores, extras } : one)) };
}

function nextOf(table: BudgetTable, used: BudgetUse, { capacity, nowMs }: BudgetMoment): BudgetRow | undefined {
  const areLent = used.cores > 0 && used.extras > 0 && used.extras >= capacity.extras;
  const waiting = table.rows.filter((row) => row.state === 'waiting' && !(areLent && row.extras > 0 && nowMs < row.patient_until_ms));
  const [first] = waiting;
  const other = areLent ? waiting.find((row) => row.extras === 0) : undefined;
  return [other ?? first, first].find((row) => row !== undefined && fits(row, used, capacity));
}

function fits(row: BudgetRow, used: BudgetUse, capacity: BudgetCapacity): boolean {
  const cores = Math.min(row.cores, capacity.cores);
  return used.cores === 0 || (used.cores + cores <= capacity.cores && used.megabytes + row.megabytes <= capacity.megabytes);
}

/** Equal for as long as nobody of those who came before has started or ended; newcomers stand behind. */
export function aheadOf(table: BudgetTable, id: string): string {
  const index = table.rows.findIndex((row) => row.id === id);
  return table.rows.slice(0, Math.max(0, index)).map((row) => `${row.id} ${row.state}`).join('\n');
}

/** Gives back what the row holds, or its place in the line. */
export function leave(table: BudgetTable, id: string): BudgetTable {
  return keepOnly(table, (row) => row.id !== id);
}

/** The same table where nothing has to go. */
export function keepOnly(table: BudgetTable, isKept: (row: BudgetRow) => boolean): BudgetTable {
  const rows = table.rows.filter(isKept);
  return rows.length === table.rows.length ? table : { rows };
}

function sum(rows: readonly BudgetRow[], of: (row: BudgetRow) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}
