import path from 'node:path';
import { z } from 'zod';
import { systemDisk } from '../system/disk.ts';
import { parseJson } from '../system/parse-json.ts';
import { mayConcernGates, mayHoldGateConfig } from './gate-config.ts';
import { changedGateKeys } from './manifest-gates.ts';
import { isAssignedConfig } from './ownership.ts';
import type { HookRequest } from './request.ts';
import type { HookSurroundings } from './surroundings.ts';
import { EDITS_FILE, recordEdit, relativeTo } from './thin-before-edit.ts';

const lineSchema = z.object({ team: z.string(), file: z.string() });

/** Gate configuration that the team was seen changing without having been assigned it, and that is still changed: a sentence each. `assigned` are the files of its task. */
export async function tamperings(team: string, assigned: readonly string[], { root, folder, stillChanged, contentAt }: Pick<HookSurroundings, 'root' | 'folder' | 'stillChanged' | 'contentAt'>): Promise<string[]> {
  const edited = ((await systemDisk.read(path.join(folder, EDITS_FILE))) ?? '').split('\n').flatMap((line) => {
    const row = lineSchema.safeParse(parseJson(line));
    return row.success && row.data.team === team && mayConcernGates(row.data.file) && !isAssignedConfig(row.data.file, assigned) ? [row.data.file] : [];
  });
  const changed = edited.length === 0 ? [] : await stillChanged([...new Set(edited)]);
  const told = await Promise.all(changed.map(async ({ file, revision }) => {
    if (!mayHoldGateConfig(file)) return `${file} says what the gates look for, it is not ${team}'s, and ${team} has changed it: take the change back (git checkout ${revision === null ? '' : `${revision} `}-- ${file}), or have the file assigned.`;
    const keys = changedGateKeys(await contentAt(file, revision), await systemDisk.read(path.join(root, file)));
    return keys.length === 0 ? null : `${file} says in ${keys.join(', ')} what the gates look for and run, that is not ${team}'s, and ${team} has changed the file: put it back as it was (git show ${revision ?? 'HEAD'}:${file}), or have the file assigned.`;
  }));
  return told.filter((sentence) => sentence !== null);
}

/** What a shell command has changed is known only now: nobody was asked for leave. Files absolute. */
export function recordChangedConfigs(request: HookRequest, files: readonly string[], { root, folder, clock }: Pick<HookSurroundings, 'root' | 'folder' | 'clock'>): void {
  for (const file of files) {
    const name = relativeTo(root, file);
    if (name !== null && mayConcernGates(name)) recordEdit(folder, request, name, clock.now());
  }
}
