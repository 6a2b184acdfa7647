import path from 'node:path';
import { LIMITS } from '../model/limits.ts';
import { readSettings } from './client-settings.ts';
import { readExact, type FileChange } from './files.ts';
import { projectFiles, readRecord, type Plan, type PlanResult } from './install.ts';
import { listObstacles } from './obstacles.ts';
import { baseOf } from './plan-settings.ts';
import { digest, RECORD_FILE, type InstallRecord } from './record.ts';
import { SETTINGS_FILE } from './settings-files.ts';
import { wiredForm, withoutWiring } from './settings-text.ts';

/**
 * What `uninstall` would do: each file that nobody edited since is as it was before `init`, byte for byte. With the record lost,
 * what is ours is known by what it says. The settings come first: hooks must not start what is gone.
 */
export async function planUninstall(root: string): Promise<PlanResult> {
  const record = await readRecord(root);
  if (record !== null && 'problem' in record) return { ok: false, problems: [record.problem] };
  const settings = await restoreSettings(root, record);
  if ('problem' in settings) return { ok: false, problems: [settings.problem] };
  const removed: FileChange[] = [];
  const notes: string[] = [];
  for (const [file, written] of filesOf(record)) {
    const before = await readExact(root, file);
    if (typeof before === 'string' && digest(before) === written) removed.push({ file, before, after: null });
    else if (before !== null && record !== null) notes.push(`${file} was edited since it was installed, and is left; remove it by hand`);
  }
  const recordText = await readExact(root, RECORD_FILE);
  const last: FileChange[] = typeof recordText === 'string' ? [{ file: RECORD_FILE, before: recordText, after: null }] : [];
  if (record !== null && isWired(settings.after)) notes.push(`${SETTINGS_FILE} named spark-gates before init, and does so again; to take that out, too, run spark-gates uninstall once more`);
  const changes = [settings, ...removed, ...last].filter(({ before, after }) => before !== after);
  const obstacles = await listObstacles(root, changes);
  if (obstacles.length > 0) return { ok: false, problems: obstacles };
  const plan: Plan = { changes, folders: record?.folders ?? OWN_FOLDERS, notes };
  return { ok: true, plan };
}

/** Whose name says that nobody else made them. */
const OWN_FOLDERS = [path.posix.dirname(RECORD_FILE)];

function isWired(settings: string | null): boolean {
  const read = settings === null ? null : readSettings(settings);
  return read?.ok === true && wiredForm(read.settings) !== null;
}

/** Paths and digests of what was written; where nobody wrote that down, of what would be. */
function filesOf(record: InstallRecord | null): (readonly [file: string, written: string])[] {
  if (record !== null) return Object.entries(record.files);
  return projectFiles(LIMITS.parallelTeamsMax).map(({ file, content }) => [file, digest(content)]);
}

async function restoreSettings(root: string, record: InstallRecord | null): Promise<FileChange | { readonly problem: string }> {
  const before = await readExact(root, SETTINGS_FILE);
  if (before === null) return { file: SETTINGS_FILE, before, after: null };
  if (typeof before === 'object') return before;
  const read = readSettings(before);
  // Nothing of it can be in one of which nothing is ours: it is not our business how that is broken.
  if (!read.ok && (record !== null || before.includes('spark-gates'))) return { problem: `${SETTINGS_FILE}: ${read.problem}, then run this again` };
  const base = baseOf(before, record);
  // The launcher goes, so that whatever starts it goes, too: an earlier init has left it there.
  return { file: SETTINGS_FILE, before, after: base === null ? null : withoutWiring(base, 'project') };
}
