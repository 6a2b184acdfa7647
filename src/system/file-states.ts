import { createHash } from 'node:crypto';
import { readFileSync, statSync, type Stats } from 'node:fs';
import { isMissing } from './read-text.ts';

/** Digest of a file's content; equal only for equal bytes. */
export type Digest = string;

/** What stands for a folder, and for what is neither file nor folder: it has no content of its own. */
const NO_FILE = 'no file';
/**
 * A file that was changed this shortly before it was read may have been changed again since without another time: file systems
 * count in steps of up to two seconds.
 */
const RACY_MS = 3_000;

/** Larger files are told apart by size and times alone: nothing of ours parses them, and reading them would take seconds. */
const HASHED_BYTES_MAX = 64 * 1024 * 1024;

interface KnownFile {
  readonly signature: string;
  readonly digest: Digest;
  /** Its times are old enough that a later change cannot have the same ones. */
  readonly settled: boolean;
}

/**
 * Contents of files as digests. A file is read again only when its size, times or inode differ from when it was read, or when
 * it had been changed just before. Blocks: meant for worker threads.
 */
export class FileStates {
  readonly #known = new Map<string, KnownFile>();
  #unread = 0;

  /** Null when there is nothing to read under that name. */
  digestOf(file: string): Digest | null {
    const stats = statIfReadable(file);
    if (stats === null) {
      this.#known.delete(file);
      return null;
    }
    if (!stats.isFile()) return NO_FILE;
    const signature = signatureOf(stats);
    const known = this.#known.get(file);
    if (known?.settled === true && known.signature === signature) return known.digest;
    const settled = isSettled(stats);
    const digest = stats.size > HASHED_BYTES_MAX ? `unread ${settled ? signature : String((this.#unread += 1))}` : digestIfThere(file);
    if (digest === null) return null;
    this.#known.set(file, { signature, digest, settled });
    return digest;
  }
}

export function digestOf(content: Uint8Array | string): Digest {
  return createHash('sha1').update(content).digest('base64');
}

/** What changes with every change of a file or folder, links followed. Equal ones may still hide a change that was made at once after. */
export function signatureOf(stats: Stats): string {
  return `${String(stats.size)} ${String(stats.mtimeMs)} ${String(stats.ctimeMs)} ${String(stats.ino)} ${String(stats.mode)}`;
}

/** True when a change from now on cannot leave the times as they are. Ask before reading. */
export function isSettled(stats: Stats): boolean {
  return Date.now() - Math.max(stats.mtimeMs, stats.ctimeMs) > RACY_MS;
}

/** A file's time may lie before the change by the step in which its file system counts: some milliseconds, or whole seconds. */
const STEP_MS = 50;
const COARSE_STEP_MS = 2_000;

/** The latest instant at which it may have been changed; of nothing, any. */
export function latestChangeMs(stats: Stats | null): number {
  if (stats === null) return Infinity;
  const { mtimeMs, ctimeMs } = stats;
  return Math.max(mtimeMs, ctimeMs) + (mtimeMs % 1_000 === 0 && ctimeMs % 1_000 === 0 ? COARSE_STEP_MS : STEP_MS);
}

/** Null when there is nothing, or nothing that may be looked at. */
export function statIfReadable(file: string): Stats | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isUnreachable(error)) return null;
    throw error;
  }
}

function digestIfThere(file: string): Digest | null {
  try {
    return digestOf(readFileSync(file));
  } catch (error) {
    if (isMissing(error) || isUnreachable(error)) return null;
    throw error;
  }
}

/** A loop of links, a name that is too long, a folder that is closed to us: whoever reads the file meets the same. */
function isUnreachable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM', 'ENOENT'].includes(String(error.code));
}
