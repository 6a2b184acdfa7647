import path from 'node:path';
import { LIMITS } from '../model/limits.ts';
import { ASIDE_MARK } from '../model/relay-files.ts';
import type { Disk } from '../system/disk.ts';

/**
 * Keeps a copy of a broken file as `<name>.broken-<n>`, the newest few of them, and gives its name. A copy, and no rename:
 * whoever were paused before a rename would take away what others have restored meanwhile.
 */
export async function keepAside(disk: Disk, folder: string, name: string, text: string): Promise<string> {
  const prefix = `${name}${ASIDE_MARK}`;
  const numbers = (await disk.list(folder)).filter((other) => other.startsWith(prefix)).map((other) => Number(other.slice(prefix.length))).filter(Number.isInteger).sort((a, b) => a - b);
  const aside = `${prefix}${String((numbers.at(-1) ?? 0) + 1)}`;
  await writeNew(disk, path.join(folder, aside), text);
  for (const number of numbers.slice(0, Math.max(0, numbers.length + 1 - LIMITS.asidesMax))) await disk.remove(path.join(folder, `${prefix}${String(number)}`));
  return aside;
}

async function writeNew(disk: Disk, file: string, text: string): Promise<void> {
  const open = await disk.create(file);
  try {
    await open.write(text);
    await open.sync();
  } catch (error) {
    // Half a copy would pass for the whole.
    await disk.remove(file);
    throw error;
  } finally {
    await open.close();
  }
}
