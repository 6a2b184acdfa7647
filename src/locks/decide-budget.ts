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
 * The table in which the waiter has what it waited for, or null when it has to wait: nobody overtakes anybody, so nobody waits
 * for ever, whatever it asks for. One that asks for more memory than there is waits until nobody works, and works alone.
 */
export function admit(table: BudgetTable, id: string, capacity: BudgetCapacity): BudgetTable | null {
  const first = table.rows.find((row) => row.state === 'waiting');
  if (first?.id !== id) return null;
  const used = usedOf(table);
  const cores = Math.min(first.cores, capacity.cores);
  const fits = used.cores + cores <= capacity.cores && used.megabytes + first.megabytes <= capacity.megabytes;
  if (!fits && used.cores > 0) return null;
  const extras = Math.max(0, Math.min(first.extras, capacity.extras - used.extras));
  return { rows: table.rows.map((row) => (row.id === id ? { ...row, state: 'held', cores, extras } : row)) };
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
