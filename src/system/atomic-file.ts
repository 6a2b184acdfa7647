import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { systemDisk, type Disk } from './disk.ts';

interface AtomicOptions {
  /** Permission bits; those of a new file when absent. */
  readonly mode?: number;
  readonly disk?: Disk;
}

/**
 * Replaces a file so that a reader, or a crash at any moment, sees either the old content or the new one: a temporary file
 * beside it, flushed to disk, then renamed over it. Makes the folder. Throws the file system's error, leaving nothing behind.
 */
export async function writeFileAtomic(file: string, content: string, { mode, disk = systemDisk }: AtomicOptions = {}): Promise<void> {
  await disk.makeFolder(path.dirname(file));
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await disk.create(temporary, mode);
    try {
      await handle.write(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await disk.rename(temporary, file);
  } catch (error) {
    await disk.remove(temporary);
    throw error;
  }
}
