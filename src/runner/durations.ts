import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { parseJson } from '../system/parse-json.ts';

const schema = z.object({ version: z.literal(1), ms: z.record(z.string(), z.number().nonnegative()) });

/** How much the newest run counts against all before it. */
const NEWEST_WEIGHT = 0.5;

/**
 * What each check of this workspace took, by check id, in ms. Only ever used to put the longest first, so a file that is
 * missing or broken is the same as none.
 */
export async function loadDurations(folder: string, root: string): Promise<Map<string, number>> {
  let text: string;
  try {
    text = await readFile(durationsFile(folder, root), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return new Map();
    throw error;
  }
  const parsed = schema.safeParse(parseJson(text));
  return new Map(parsed.success ? Object.entries(parsed.data.ms) : []);
}

/** Mixes the newest figures into the old ones and stores them. Throws the file system's error where it cannot. */
export async function saveDurations(folder: string, root: string, old: ReadonlyMap<string, number>, newest: ReadonlyMap<string, number>): Promise<void> {
  const ms: Record<string, number> = {};
  for (const [id, tookMs] of newest) ms[id] = Math.round((old.get(id) ?? tookMs) * (1 - NEWEST_WEIGHT) + tookMs * NEWEST_WEIGHT);
  await writeFileAtomic(durationsFile(folder, root), JSON.stringify({ version: 1, ms: { ...Object.fromEntries(old), ...ms } }));
}

function durationsFile(folder: string, root: string): string {
  return path.join(folder, 'durations', `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`);
}
