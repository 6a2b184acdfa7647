import { lstat, opendir, readlink, realpath } from 'node:fs/promises';
import { isMissing } from './read-text.ts';

export interface TreeEntry {
  readonly kind: 'file' | 'folder' | 'link';
  /** Equal for two names of one thing. */
  readonly identity: string;
}

/** What is asked of a file system to find out what a path means. */
export interface TreeReader {
  /** The thing itself, a link not followed; null when there is nothing. */
  look(path: string): Promise<TreeEntry | null>;
  readLink(path: string): Promise<string>;
  /** Of something that exists: its name as it is on the disk. */
  realPath(path: string): Promise<string>;
  /** The first names in a folder, in no order; none when it is not there. */
  someNames(folder: string, countMax: number): Promise<string[]>;
}

export const systemTree: TreeReader = {
  async look(path) {
    try {
      const found = await lstat(path, { bigint: true });
      return { kind: found.isSymbolicLink() ? 'link' : found.isDirectory() ? 'folder' : 'file', identity: `${String(found.dev)}:${String(found.ino)}` };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  readLink: (path) => readlink(path),
  realPath: (path) => realpath(path),
  async someNames(folder, countMax) {
    const names: string[] = [];
    try {
      for await (const entry of await opendir(folder)) {
        names.push(entry.name);
        if (names.length === countMax) break;
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return names;
  },
};
