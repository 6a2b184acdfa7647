import path from 'node:path';
import { z } from 'zod';
import { systemDisk } from '../system/disk.ts';
import { parseJson } from '../system/parse-json.ts';
import type { HookSurroundings } from './surroundings.ts';
import { EDITS_FILE } from './thin-before-edit.ts';

const lineSchema = z.object({ team: z.string(), file: z.string(), gate_config: z.boolean() });

/** Gate configuration that the team was seen changing without having been assigned it, and that is still changed: a sentence each. */
export async function tamperings(team: string, { folder, stillChanged }: Pick<HookSurroundings, 'folder' | 'stillChanged'>): Promise<string[]> {
  const edited = ((await systemDisk.read(path.join(folder, EDITS_FILE))) ?? '').split('\n').flatMap((line) => {
    const row = lineSchema.safeParse(parseJson(line));
    return row.success && row.data.team === team && row.data.gate_config ? [row.data.file] : [];
  });
  const changed = edited.length === 0 ? [] : await stillChanged([...new Set(edited)]);
  return changed.map((file) => `${file} says what the gates look for, it is not ${team}'s, and ${team} has changed it: take the change back (git checkout -- ${file}), or have the file assigned.`);
}
