import { readFile, readdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { isMissing, statIfThere } from '../system/read-text.ts';

/** What is to become of one file; null: there is none. */
export interface FileChange {
  /** Relative to the root, with slashes. */
  readonly file: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A file's text, its byte order mark included; null when there is none, and `bytes` when it is no text. */
export async function readExact(root: string, file: string): Promise<string | null | { readonly problem: string }> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path.join(root, file));
  } catch (error) {
    if (isMissing(error)) return (await statIfThere(path.join(root, file))) === null ? null : { problem: `${file} is a folder; move it away` };
    throw error;
  }
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { problem: `${file} is not UTF-8; mend or remove it` };
}

/** Makes the changes in their order. One sentence where a file is no longer what the change was planned for; those before it are made then. */
export async function applyChanges(root: string, changes: readonly FileChange[]): Promise<string | null> {
  for (const { file, before, after } of changes) {
    if (before === after) continue;
    const current = await readExact(root, file);
    // Two that are set up at once want the same.
    if (current === after) continue;
    if (current !== before) return `${file} was changed by somebody else in between; run it again`;
    const target = await throughLinks(path.join(root, file));
    if (after === null) await rm(target);
    else if (before === null) await writeFileAtomic(target, after);
    else await writeFileAtomic(target, after, (await stat(target)).mode & 0o7777);
  }
  return null;
}

/** Which of these folders are not there, and in the place of which there is a file. */
export async function lookForFolders(root: string, folders: readonly string[]): Promise<{ readonly missing: readonly string[]; readonly blocked: readonly string[] }> {
  const found = await Promise.all(folders.map(async (folder) => [folder, await statIfThere(path.join(root, folder))] as const));
  return {
    missing: found.flatMap(([folder, stat]) => (stat === null ? [folder] : [])),
    blocked: found.flatMap(([folder, stat]) => (stat?.isDirectory() === false ? [folder] : [])),
  };
}

/** Removes the folders that are empty, in this order. */
export async function removeEmptyFolders(root: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const absolute = path.join(root, folder);
    if ((await statIfThere(absolute))?.isDirectory() === true && (await readdir(absolute)).length === 0) await rmdir(absolute);
  }
}

/** A settings file may be a link into somebody's collection of them: what it leads to is written, the link stays. */
async function throughLinks(file: string): Promise<string> {
  return (await statIfThere(file)) === null ? file : realpath(file);
}
