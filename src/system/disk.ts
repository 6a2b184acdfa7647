import { mkdir, open, readdir, readFile, rename, unlink, type FileHandle } from 'node:fs/promises';
import { isMissing } from './read-text.ts';

/**
 * The steps by which documents that outlive a process reach the disk. Everything that must survive a crash goes through one of
 * these, so that a test can end the process, or fill the disk, before, within and after any of them.
 */
export interface Disk {
  /** Makes the folder and those above it; no error when it is there. */
  makeFolder(folder: string): Promise<void>;
  /** Names in the folder in no order; empty when there is none. */
  list(folder: string): Promise<string[]>;
  /** Null when there is no such file. */
  read(file: string): Promise<string | null>;
  /** Makes a file that must not exist yet. Throws EEXIST otherwise. */
  create(file: string): Promise<OpenFile>;
  /** Opens a file so that every write lands behind what is there; makes it. */
  append(file: string): Promise<OpenFile>;
  /** Puts `from` in the place of `to`, at once for every reader. Throws ENOENT when `from` is gone. */
  rename(from: string, to: string): Promise<void>;
  /** False when there was nothing to remove. */
  remove(file: string): Promise<boolean>;
}

export interface OpenFile {
  /** The whole text in one piece where the system can; a crash may leave any part of it. */
  write(text: string): Promise<void>;
  /** Resolves when what was written would survive a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Windows refuses to replace or remove a file that somebody has open for a moment. */
const BUSY_RETRIES = 10;
const BUSY_WAIT_MS = 20;

export const systemDisk: Disk = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true });
  },
  list: (folder) => orIfMissing(readdir(folder), []),
  read: (file) => orIfMissing(readFile(file, 'utf8'), null),
  create: async (file) => toOpenFile(await open(file, 'wx')),
  append: async (file) => toOpenFile(await open(file, 'a')),
  rename: (from, to) => whileBusy(() => rename(from, to)),
  remove: (file) => orIfMissing(whileBusy(async () => { await unlink(file); return true; }), false),
};

function toOpenFile(handle: FileHandle): OpenFile {
  return {
    write: (text) => handle.writeFile(text),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

async function orIfMissing<T, U>(work: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return otherwise;
    throw error;
  }
}

async function whileBusy<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isBusy = process.platform === 'win32' && error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'EBUSY' || error.code === 'EACCES');
      if (!isBusy || attempt === BUSY_RETRIES) throw error;
      await new Promise((resume) => setTimeout(resume, BUSY_WAIT_MS));
    }
  }
}
