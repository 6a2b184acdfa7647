import { lstat, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Every temporary folder of ours starts with this, so that a person can tell whose it is. */
export const TEMP_PREFIX = 'spark-gates-';

/** What `makeTempFolder` makes has a name that nobody would give by hand. */
const MADE_PREFIX = `${TEMP_PREFIX}temp-`;
const MADE = new RegExp(String.raw`^${MADE_PREFIX}[\dA-Za-z]{6}$`, 'u');

/** What has not changed for so long belonged to a process that was killed: no run of ours lasts a week. */
const ABANDONED_MS = 7 * 24 * 3_600_000;

/** A new empty folder inside `parent` (the system's place for temporary files by default); its real path. */
export async function makeTempFolder(parent: string = tmpdir()): Promise<string> {
  return realpath(await mkdtemp(path.join(parent, MADE_PREFIX)));
}

/** Removes the folder and all in it; no error when it is gone already. Tools may still be closing files: tries a few times. */
export async function removeTempFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 8, retryDelay: 100 });
}

/**
 * Removes the temporary folders in `parent` that processes of this user left when they were killed. Their age tells, not
 * their process: where containers share the place, each sees but its own processes. Never rejects; what cannot be removed stays.
 */
export async function removeAbandonedFolders(nowMs: number, parent: string = tmpdir()): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  await Promise.all(names.filter((name) => MADE.test(name)).map(async (name) => {
    const folder = path.join(parent, name);
    const found = await lstat(folder).catch(() => null);
    if (found?.isDirectory() !== true || nowMs - found.mtimeMs < ABANDONED_MS) return;
    if (process.getuid === undefined || found.uid === process.getuid()) await removeTempFolder(folder).catch(() => undefined);
  }));
}
