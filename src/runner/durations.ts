import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { parseJson } from '../system/parse-json.ts';

const figures = z.record(z.string(), z.number().nonnegative());
const schema = z.object({ version: z.literal(1), ms: figures, megabytes: figures.default({}) });

/** How much the newest run counts against all before it. */
const NEWEST_WEIGHT = 0.5;

/** By check id. */
export interface CheckCosts {
  readonly ms: ReadonlyMap<string, number>;
  /** The most memory that it was seen to use. A check that could not be watched is not in it. */
  readonly megabytes: ReadonlyMap<string, number>;
}

export const NO_COSTS: CheckCosts = { ms: new Map(), megabytes: new Map() };

/**
 * What each check of this workspace took and used before. Only ever used to put the longest first and to keep the machine's memory
 * from running out, so a file that is missing or broken is the same as none.
 */
export async function loadCosts(folder: string, root: string): Promise<CheckCosts> {
  let text: string;
  try {
    text = await readFile(costsFile(folder, root), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return NO_COSTS;
    throw error;
  }
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? { ms: new Map(Object.entries(parsed.data.ms)), megabytes: new Map(Object.entries(parsed.data.megabytes)) } : NO_COSTS;
}

/** Mixes the newest figures into the old ones and stores them. Throws the file system's error where it cannot. */
export async function saveCosts(folder: string, root: string, old: CheckCosts, newest: CheckCosts): Promise<void> {
  const document = { version: 1, ms: mixed(old.ms, newest.ms, mean), megabytes: mixed(old.megabytes, newest.megabytes, highest) };
  await writeFileAtomic(costsFile(folder, root), JSON.stringify(document));
}

function mixed(old: ReadonlyMap<string, number>, newest: ReadonlyMap<string, number>, mix: (before: number, now: number) => number): Record<string, number> {
  const all = Object.fromEntries(old);
  for (const [id, now] of newest) all[id] = Math.round(mix(old.get(id) ?? now, now));
  return all;
}

function mean(before: number, now: number): number {
  return before * (1 - NEWEST_WEIGHT) + now * NEWEST_WEIGHT;
}

/** What was needed once may be needed again; what never is again is forgotten by and by. */
function highest(before: number, now: number): number {
  return Math.max(now, mean(before, now));
}

function costsFile(folder: string, root: string): string {
  return path.join(folder, 'durations', `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`);
}
