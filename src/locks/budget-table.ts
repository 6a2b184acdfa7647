import { z } from 'zod';
import { parseJson } from '../system/parse-json.ts';

/** A number above this is no process's, and cannot even be asked about. */
const PID_MAX = 2 ** 31 - 1;

/** What one lane holds of the machine, or waits for. */
const rowSchema = z.object({
  /** Its own, for life. */
  id: z.string(),
  pid: z.number().int().positive().max(PID_MAX),
  /** When the process was started; tells it from a later one of the same number (`processStart`). */
  started: z.string().nullable(),
  state: z.enum(['waiting', 'held']),
  /** Threads of ours. 0: it only keeps memory for later. */
  cores: z.number().int().nonnegative(),
  /** Workers of a tool beside its first; wanted while it waits, granted while it is held. */
  extras: z.number().int().nonnegative(),
  megabytes: z.number().nonnegative(),
  /** Until then it waits for extras rather than start without any, and lets others go before it. */
  patient_until_ms: z.number().default(0),
  /** For people. */
  what: z.string(),
  since_ms: z.number(),
});

const tableSchema = z.object({ version: z.literal(1), rows: z.array(rowSchema) });

export type BudgetRow = Readonly<z.output<typeof rowSchema>>;

/** In order of arrival. */
export interface BudgetTable {
  readonly rows: readonly BudgetRow[];
}

export const EMPTY_BUDGET: BudgetTable = { rows: [] };

/**
 * What cannot be read holds nothing: its owners go on, and are not counted any more. That makes the machine too busy for the
 * length of one check; to believe in it would stop it for ever.
 */
export function readBudget(content: string | null): BudgetTable {
  const parsed = tableSchema.safeParse(parseJson(content ?? ''));
  return parsed.success ? { rows: parsed.data.rows } : EMPTY_BUDGET;
}

export function writeBudget(table: BudgetTable): string {
  return `${JSON.stringify({ version: 1, rows: table.rows })}\n`;
}
