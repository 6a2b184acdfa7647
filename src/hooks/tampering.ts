import path from 'node:path';
import { z } from 'zod';
import { digestOf } from '../cache/digest.ts';
import type { Coordination } from '../model/documents.ts';
import { activeTaskOf, allTasks } from '../orchestrator/relay-state.ts';
import { systemDisk } from '../system/disk.ts';
import { parseJson } from '../system/parse-json.ts';
import { mayConcernGates, mayHoldGateConfig } from './gate-config.ts';
import { changedGateKeys } from './manifest-gates.ts';
import { isAssignedConfig } from './ownership.ts';
import type { HookRequest } from './request.ts';
import type { HookSurroundings } from './surroundings.ts';
import { EDITS_FILE, OLD_EDITS_FILE, recordEdit, relativeTo } from './thin-before-edit.ts';

const lineSchema = z.object({ at: z.string(), team: z.string(), file: z.string(), content: z.string().optional() });

type EditRow = z.output<typeof lineSchema>;

type Surroundings = Pick<HookSurroundings, 'root' | 'folder' | 'gateFiles' | 'store' | 'changedSince' | 'contentAt'>;

/**
 * Gate configuration that the team was seen changing without having been assigned it, and that is still changed: a sentence each. So is what teams have left behind that
 * are at work no more: their own ends come no more, and it would silence the gates of all others. Without a team, only that.
 */
export async function tamperings(team: string | null, surroundings: Surroundings): Promise<string[]> {
  const { root, folder, gateFiles, store, changedSince, contentAt } = surroundings;
  const logs = await Promise.all([OLD_EDITS_FILE, EDITS_FILE].map((name) => systemDisk.read(path.join(folder, name))));
  const rows = logs.flatMap((text) => (text ?? '').split('\n')).flatMap((line) => {
    const row = lineSchema.safeParse(parseJson(line));
    return row.success && (mayConcernGates(row.data.file) || gateFiles.has(row.data.file)) ? [row.data] : [];
  });
  if (rows.length === 0) return [];
  const read = await store.read();
  if (!read.ok) throw new Error(read.problem);
  const { coordination } = read.value;
  if (coordination === null) return [];
  const sinceMs = coordination.started_at === null ? 0 : Date.parse(coordination.started_at);
  const concerned = rows.filter((row) => !(Date.parse(row.at) < sinceMs) && isOthers(row, team, coordination));
  const changers = new Map<string, string>();
  for (const row of concerned) if (row.team === team || row.content === (await contentDigest(path.join(root, row.file)))) changers.set(row.file, row.team);
  const changed = changers.size === 0 ? [] : await changedSince([...changers.keys()], sinceMs);
  const told = await Promise.all(changed.map(async ({ file, revision }) => {
    const changer = changers.get(file) ?? '';
    const was = await contentAt(file, revision);
    if (!mayHoldGateConfig(file) && was === null) return `${file} says what the gates look for, it is not ${changer}'s, and ${changer} has made it: take it away, or have it assigned.`;
    if (!mayHoldGateConfig(file)) return `${file} says what the gates look for, it is not ${changer}'s, and ${changer} has changed it: take the change back (git checkout ${revision === null ? '' : `${revision} `}-- ${file}), or have the file assigned.`;
    const keys = changedGateKeys(was, await systemDisk.read(path.join(root, file)));
    return keys.length === 0 ? null : `${file} says in ${keys.join(', ')} what the gates look for and run, that is not ${changer}'s, and ${changer} has changed the file: put it back as it was (git show ${revision ?? 'HEAD'}:${file}), or have the file assigned.`;
  }));
  return told.filter((sentence) => sentence !== null);
}

/**
 * Whether such an edit is this team's to answer for, and was nobody's to make: the team's own tasks, those before this one as well, may have allowed it. Of a team that is
 * gone nobody knows which task it had then.
 */
function isOthers({ file, team: changer }: EditRow, team: string | null, coordination: Coordination): boolean {
  if (changer !== team && activeTaskOf(coordination, changer) !== null) return false;
  return !allTasks(coordination).some(([, task]) => (changer !== team || task.team === team) && isAssignedConfig(file, task.files));
}

/** What has become of configuration; what a shell command has changed is known only now, nobody was asked for leave. Files absolute. */
export async function recordChangedConfigs(request: HookRequest, files: readonly string[], { root, folder, gateFiles, clock }: Pick<HookSurroundings, 'root' | 'folder' | 'gateFiles' | 'clock'>): Promise<void> {
  for (const file of files) {
    const name = relativeTo(root, file);
    if (name !== null && (mayConcernGates(name) || gateFiles.has(name))) recordEdit(folder, request, { file: name, nowMs: clock.now(), content: await contentDigest(file) });
  }
}

/** What a person has changed since is not the team's any more. */
async function contentDigest(file: string): Promise<string> {
  try {
    return digestOf((await systemDisk.read(file)) ?? '');
  } catch (error) {
    // A folder in its place, say.
    if (error instanceof Error && 'code' in error) return 'unreadable';
    throw error;
  }
}
