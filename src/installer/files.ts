import { readFile, readdir, realpath, rmdir } from 'node:fs/promises';
import path from 'node:path';
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
    bytes = await readFile(path.resolve(root, file));
  } catch (error) {
    if (!isMissing(error)) throw error;
    // One that has come to be a file meanwhile was not there.
    return (await statIfThere(path.resolve(root, file)))?.isDirectory() === true ? { problem: `${file} is a folder; move it away` } : null;
  }
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { problem: `${file} is not UTF-8; mend or remove it` };
}

/** Which of these folders are not there, and in the place of which there is a file. */
export async function lookForFolders(root: string, folders: readonly string[]): Promise<{ readonly missing: readonly string[]; readonly blocked: readonly string[] }> {
  const found = await Promise.all(folders.map(async (folder) => [folder, await statIfThere(path.resolve(root, folder))] as const));
  return {
    missing: found.flatMap(([folder, stat]) => (stat === null ? [folder] : [])),
    blocked: found.flatMap(([folder, stat]) => (stat?.isDirectory() === false ? [folder] : [])),
  };
}

/** Removes the folders that are empty, in this order. Throws where one may not be removed. */
export async function removeEmptyFolders(root: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const absolute = path.resolve(root, folder);
    if ((await statIfThere(absolute))?.isDirectory() === true && (await readdir(absolute)).length === 0) await rmdir(absolute);
  }
}

/** A settings file may be a link into somebody's collection of them: what it leads to is written, the link stays. */
export async function throughLinks(file: string): Promise<string> {
  return (await statIfThere(file)) === null ? file : realpath(file);
}
