import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LIMITS } from '../model/limits.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { describeDiskTrouble } from '../system/disk-trouble.ts';
import { systemDisk, type Disk } from '../system/disk.ts';
import { withFileLock } from '../system/file-lock.ts';
import { statIfThere } from '../system/read-text.ts';
import { TEMP_PREFIX } from '../system/temp-folder.ts';
import { readExact, removeEmptyFolders, throughLinks, type FileChange } from './files.ts';

export interface Application {
  /** Absolute. */
  readonly root: string;
  readonly changes: readonly FileChange[];
  /** The system's when absent. */
  readonly disk?: Disk | undefined;
}

export interface ApplyTrouble {
  readonly reason: 'changed-meanwhile' | 'disk';
  /** One sentence; it says what is left where not all could be taken back. */
  readonly problem: string;
}

/**
 * Makes the changes in their order: all of them, or none. What was made is taken back where a file is no longer what its change was
 * planned for, and where the disk refuses one. Null: they are made. Of several at once in one root each waits for the one before:
 * none takes back what another has found there.
 */
export async function applyChanges({ root, changes, disk = systemDisk }: Application): Promise<ApplyTrouble | null> {
  if (changes.length === 0) return null;
  const file = path.join(tmpdir(), `${TEMP_PREFIX}${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  const outcome = await lockedIfPossible(file, () => applyAlone({ root, changes, disk }));
  return outcome.ok ? outcome.value : { reason: 'changed-meanwhile', problem: 'another spark-gates is writing here at this moment: run it again; nothing has changed' };
}

/** Where no lock can be had, because there is no temporary folder say, there is no other to wait for either, as far as can be told. */
async function lockedIfPossible<T>(file: string, work: () => Promise<T>): ReturnType<typeof withFileLock<T>> {
  const state = { isBegun: false };
  try {
    return await withFileLock({ file, waitMs: LIMITS.installWaitMs }, () => {
      state.isBegun = true;
      return work();
    });
  } catch (error) {
    if (state.isBegun || describeDiskTrouble(error) === null) throw error;
    return { ok: true, value: await work() };
  }
}

async function applyAlone({ root, changes, disk }: Required<Application> & { readonly disk: Disk }): Promise<ApplyTrouble | null> {
  for (const change of changes) if ((await stateOf(root, change)) === 'changed') return changedMeanwhile(change, 'nothing has changed');
  const folders = await missingFolders(root, changes);
  const made: Write[] = [];
  for (const change of changes) {
    const state = await stateOf(root, change);
    if (state === 'changed') return changedMeanwhile(change, await takeBack(made, folders, disk));
    if (state === 'made') continue;
    const { file, before, after } = change;
    const target = await throughLinks(path.join(root, file));
    const mode = before === null ? null : (await stat(target)).mode & 0o7777;
    made.push({ target, before, after, mode });
    try {
      await put(disk, target, after, mode);
    } catch (error) {
      const left = await takeBack(made, folders, disk);
      const trouble = describeDiskTrouble(error, path.join(root, file));
      if (trouble === null) throw error;
      return { reason: 'disk', problem: `${trouble}; ${left}` };
    }
  }
  return null;
}

/** Two that are set up at once want the same, so a change that somebody else has made is made. */
async function stateOf(root: string, { file, before, after }: FileChange): Promise<'as-planned' | 'made' | 'changed'> {
  const current = await readExact(root, file);
  return current === after ? 'made' : current === before ? 'as-planned' : 'changed';
}

function changedMeanwhile({ file }: FileChange, left: string): ApplyTrouble {
  return { reason: 'changed-meanwhile', problem: `${file} was changed by somebody else in between: run it again; ${left}` };
}

/** A change that was begun. */
interface Write {
  /** Absolute, links followed. */
  readonly target: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Permission bits; null for a file that was not there. */
  readonly mode: number | null;
}

async function put(disk: Disk, target: string, content: string | null, mode: number | null): Promise<void> {
  if (content === null) await disk.remove(target);
  else await writeFileAtomic(target, content, { disk, ...(mode === null ? {} : { mode }) });
}

/** The last first; then the folders that were made. What somebody else has written since is theirs. Says what has come of it. */
async function takeBack(made: readonly Write[], folders: readonly string[], disk: Disk): Promise<string> {
  const left: string[] = [];
  const attempt = async (place: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (describeDiskTrouble(error) === null) throw error;
      left.push(place);
    }
  };
  for (const { target, before, after, mode } of [...made].reverse()) {
    await attempt(target, async () => {
      if ((await readExact('', target)) === after) await put(disk, target, before, mode);
    });
  }
  for (const folder of folders) await attempt(folder, () => removeEmptyFolders('', [folder]));
  return left.length === 0 ? 'nothing has changed' : `what it had done to ${left.join(', ')} could not be taken back: do that by hand`;
}

/** Absolute: folders that these changes have to make; the deepest first. */
async function missingFolders(root: string, changes: readonly FileChange[]): Promise<string[]> {
  const folders = new Set<string>();
  for (const { file } of changes) {
    for (let folder = path.dirname(path.join(root, file)); (await statIfThere(folder)) === null; folder = path.dirname(folder)) folders.add(folder);
  }
  return [...folders].sort((a, b) => b.length - a.length);
}
