import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Disk } from '../system/disk.ts';
import { isMissing } from '../system/read-text.ts';
import { parseJson } from '../system/parse-json.ts';
import { digestOf } from './digest.ts';

/** The form of everything that is kept. Another one is not read, as if it were not there. */
const FORM = 1;

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
