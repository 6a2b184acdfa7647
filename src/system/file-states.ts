import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isSettled, isUnreachable, statIfReadable, statLine } from './file-times.ts';
import { isMissing } from './read-text.ts';

/** Digest of a file's content; equal only for equal bytes. */
export type Digest = string;

/** What stands for a folder, and for what is neither file nor folder: it has no content of its own. */
const NO_FILE = 'no file';

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
    const signature = statLine(stats);
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

function digestIfThere(file: string): Digest | null {
  try {
    return digestOf(readFileSync(file));
  } catch (error) {
    if (isMissing(error) || isUnreachable(error)) return null;
    throw error;
  }
}
