import { constants } from 'node:fs';
import { access, lstat, readlink } from 'node:fs/promises';
import path from 'node:path';
import { describeDiskTrouble } from '../system/disk-trouble.ts';
import { isMissing, statIfThere } from '../system/read-text.ts';
import { throughLinks, type FileChange } from './files.ts';

/** Why these changes could not be made, each reason once: links that lead nowhere, and folders that nothing may be written into. */
export async function listObstacles(root: string, changes: readonly FileChange[]): Promise<string[]> {
  const found = await Promise.all(changes.map(({ file }) => obstacleOf(root, file)));
  return [...new Set(found.filter((sentence) => sentence !== null))];
}

async function obstacleOf(root: string, file: string): Promise<string | null> {
  // The file, then the folders above it, up to the first that is there.
  for (let place = path.join(root, file); ; place = path.dirname(place)) {
    if ((await statIfThere(place)) === null) {
      const link = await deadLink(place);
      if (link === null) continue;
      return `${path.relative(root, place)} is a link to ${link}, where nothing is; make that, or remove the link`;
    }
    // A file is replaced by another in its folder, wherever a link may lead to it.
    return unwritable(place === path.join(root, file) ? path.dirname(await throughLinks(place)) : place);
  }
}

/** Where a link leads to; null where there is none. */
async function deadLink(place: string): Promise<string | null> {
  try {
    return (await lstat(place)).isSymbolicLink() ? await readlink(place) : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function unwritable(folder: string): Promise<string | null> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    if (describeDiskTrouble(error) === null) throw error;
    return `${folder} cannot be written to (${(error as NodeJS.ErrnoException).code ?? ''}): make the folder writable; nothing has changed`;
  }
}
