import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Every temporary folder of ours starts with this, so that a person can tell whose it is. */
export const TEMP_PREFIX = 'spark-gates-';

/** A new empty folder inside `parent` (the system's place for temporary files by default); its real path. */
export async function makeTempFolder(parent: string = tmpdir()): Promise<string> {
  return realpath(await mkdtemp(path.join(parent, TEMP_PREFIX)));
}

/** Removes the folder and all in it; no error when it is gone already. Tools may still be closing files: tries a few times. */
export async function removeTempFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 8, retryDelay: 100 });
}
