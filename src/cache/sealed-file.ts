import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { CACHE_LIMITS } from '../model/limits.ts';
import type { Disk } from '../system/disk.ts';
import { lstatIfThere, statLine } from '../system/file-times.ts';
import { isMissing } from '../system/read-text.ts';
import { parseJson } from '../system/parse-json.ts';
import { digestOf } from './digest.ts';

/** The form of everything that is kept, and what is read out of files for it. Another one is not read, as if it were not there. */
const FORM = 3;

/** What a temporary file beside a kept one ends in. */
export const TEMPORARY = '.tmp';

/**
 * Files that carry the digest of what is in them: one that is cut off, mixed up or changed by hand is as good as none. Not
 * flushed to the disk: what a power cut makes of it does not match its digest.
 */
export async function readSealed(disk: Disk, file: string): Promise<unknown> {
  const text = await readIfUsable(disk, file);
  return text === null ? null : unseal(text);
}

/**
 * What was read of sealed files by a process that reads them again and again. Such a file is only ever replaced by another one, so
 * the same number, size and times are the same content.
 */
export class SealedMemory {
  readonly #known = new Map<string, { readonly stat: string; readonly value: unknown }>();

  /** What `read` returned of the file, or returns now. Nobody may change it. */
  async of<T>(file: string, read: () => Promise<T>): Promise<T> {
    const stat = statOf(file);
    const known = this.#known.get(file);
    return stat !== null && known?.stat === stat ? (known.value as T) : this.#keep(file, stat, await read());
  }

  /** The same without waiting. */
  ofNow<T>(file: string, read: () => T): T {
    const stat = statOf(file);
    const known = this.#known.get(file);
    return stat !== null && known?.stat === stat ? (known.value as T) : this.#keep(file, stat, read());
  }

  /** Of a file that was replaced while it was read, nothing is remembered. */
  #keep<T>(file: string, stat: string | null, value: T): T {
    this.#known.delete(file);
    if (stat !== null && stat === statOf(file)) this.#known.set(file, { stat, value });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= CACHE_LIMITS.rememberedFilesMax) break;
      this.#known.delete(oldest);
    }
    return value;
  }
}

function statOf(file: string): string | null {
  try {
    const stats = lstatIfThere(file);
    return stats?.isFile() === true ? statLine(stats) : null;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return null;
  }
}

/** What is in it, or null where the digest does not match. */
export function unseal(text: string): unknown {
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  return text.slice(0, Math.max(0, end)) === sealOf(body) ? parseJson(body) : null;
}

/** Replaces the file, at once for every reader. Throws the disk's error, with no more left behind than a temporary file. */
export async function writeSealed(disk: Disk, file: string, value: unknown): Promise<void> {
  const body = JSON.stringify(value);
  try {
    await replace(disk, file, `${sealOf(body)}\n${body}`);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await disk.makeFolder(path.dirname(file));
    await replace(disk, file, `${sealOf(body)}\n${body}`);
  }
}

/** An error by which a file system refuses: no permission, no space, nothing there. Only ever costs what would have been kept. */
export function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z\d]+$/.test(error.code);
}

async function replace(disk: Disk, file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}${TEMPORARY}`;
  const open = await disk.create(temporary, 0o600);
  try {
    try {
      await open.write(text);
    } finally {
      await open.close();
    }
    await disk.rename(temporary, file);
  } catch (error) {
    await removeQuietly(disk, temporary);
    throw error;
  }
}

/** The first error is the one to tell; what cannot be removed now is removed when the cache is pruned. */
async function removeQuietly(disk: Disk, file: string): Promise<void> {
  try {
    await disk.remove(file);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

async function readIfUsable(disk: Disk, file: string): Promise<string | null> {
  try {
    return await disk.read(file);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

function sealOf(body: string): string {
  return `spark-gates ${String(FORM)} ${digestOf(body)}`;
}
