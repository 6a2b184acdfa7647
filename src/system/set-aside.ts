import path from 'node:path';
import type { Disk } from './disk.ts';

/**
 * Keeps a copy of an unusable document beside it, as `<file>.broken-<n>`, and returns the copy's path; the same content is kept
 * once. Null when there are `countMax` already. The document itself stays: whoever replaces it does so after this.
 */
export async function setAside(disk: Disk, file: string, content: string, countMax: number): Promise<string | null> {
  const names = new Set(await disk.list(path.dirname(file)));
  for (let number = 1; number <= countMax; number += 1) {
    const copy = `${file}.broken-${number}`;
    if (names.has(path.basename(copy))) {
      if ((await disk.read(copy)) === content) return copy;
    } else if (await writeNew(disk, copy, content)) {
      return copy;
    }
  }
  return null;
}

/** False when another process was faster. */
async function writeNew(disk: Disk, file: string, content: string): Promise<boolean> {
  let open;
  try {
    open = await disk.create(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  try {
    await open.write(content);
    await open.sync();
  } finally {
    await open.close();
  }
  return true;
}
