import { mkdir, open, readdir, readFile, rename, stat, unlink, type FileHandle } from 'node:fs/promises';

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
  /** Permission bits; null when there is no such file. */
  mode(file: string): Promise<number | null>;
  /** Makes a file that must not exist yet, with these permission bits where given. Throws EEXIST otherwise. */
  create(file: string, mode?: number): Promise<OpenFile>;
  /** Opens a file so that every write lands behind what is there; makes it. */
  append(file: string): Promise<OpenFile>;
  /** Puts `from` in the place of `to`, at once for every reader. Throws ENOENT when `from` is gone. */
  rename(from: string, to: string): Promise<void>;
  /** False when there was nothing to remove. */
  remove(file: string): Promise<boolean>;
  /** Resolves when the names in the folder would survive a power cut: a rename is not kept before. */
  syncFolder(folder: string): Promise<void>;
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

const MODE_BITS = 0o7777;

export const systemDisk: Disk = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true });
  },
  list: (folder) => orIfMissing(readdir(folder), []),
  read: (file) => orIfMissing(readFile(file, 'utf8'), null),
  mode: (file) => orIfMissing(stat(file).then((found) => found.mode & MODE_BITS), null),
  async create(file, mode) {
    const handle = await open(file, 'wx');
    // Not by the mode of `open`, from which the umask takes bits away.
    if (mode !== undefined) await handle.chmod(mode);
    return toOpenFile(handle);
  },
  append: async (file) => toOpenFile(await open(file, 'a')),
  rename: (from, to) => whileBusy(() => rename(from, to)),
  remove: (file) => orIfMissing(whileBusy(async () => { await unlink(file); return true; }), false),
  async syncFolder(folder) {
    // Windows cannot open a folder; NTFS journals its names.
    if (process.platform === 'win32') return;
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
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
    // Something else in the place of a file or folder is no absence: whoever writes there would fail, so whoever reads says so.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise;
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
