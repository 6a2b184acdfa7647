import path from 'node:path';
import { z } from 'zod';
import { systemDisk } from '../system/disk.ts';
import { parseJson } from '../system/parse-json.ts';
import { mayConcernGates, mayHoldGateConfig } from './gate-config.ts';
import { changedGateKeys } from './manifest-gates.ts';
import { isAssignedConfig } from './ownership.ts';
import type { HookRequest } from './request.ts';
import type { HookSurroundings } from './surroundings.ts';
import { EDITS_FILE, OLD_EDITS_FILE, recordEdit, relativeTo } from './thin-before-edit.ts';

const lineSchema = z.object({ at: z.string(), team: z.string(), file: z.string() });

/** Gate configuration that the team was seen changing without having been assigned it, and that is still changed: a sentence each. `assigned` are the files of its task. */
export async function tamperings(team: string, assigned: readonly string[], { root, folder, startedMs, changedSince, contentAt }: Pick<HookSurroundings, 'root' | 'folder' | 'startedMs' | 'changedSince' | 'contentAt'>): Promise<string[]> {
  const logs = await Promise.all([OLD_EDITS_FILE, EDITS_FILE].map((name) => systemDisk.read(path.join(folder, name))));
  const rows = logs.flatMap((text) => (text ?? '').split('\n')).flatMap((line) => {
    const row = lineSchema.safeParse(parseJson(line));
    return row.success && row.data.team === team && mayConcernGates(row.data.file) && !isAssignedConfig(row.data.file, assigned) ? [row.data] : [];
  });
  if (rows.length === 0) return [];
  const sinceMs = await startedMs();
  const edited = rows.filter(({ at }) => !(Date.parse(at) < sinceMs)).map(({ file }) => file);
  const changed = edited.length === 0 ? [] : await changedSince([...new Set(edited)], sinceMs);
  const told = await Promise.all(changed.map(async ({ file, revision }) => {
    const was = await contentAt(file, revision);
    if (!mayHoldGateConfig(file) && was === null) return `${file} says what the gates look for, it is not ${team}'s, and ${team} has made it: take it away, or have it assigned.`;
    if (!mayHoldGateConfig(file)) return `${file} says what the gates look for, it is not ${team}'s, and ${team} has changed it: take the change back (git checkout ${revision === null ? '' : `${revision} `}-- ${file}), or have the file assigned.`;
    const keys = changedGateKeys(was, await systemDisk.read(path.join(root, file)));
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
