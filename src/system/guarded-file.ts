import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Disk, OpenFile } from './disk.ts';
import { withFileLock, type FileLockOutcome } from './file-lock.ts';
import { isMissing } from './read-text.ts';

export interface GuardedFile {
  /** Absolute. */
  readonly file: string;
  /**
   * Absolute; what is replaced, when that is another file than the one that is read. It is then replaced at an instant at which
   * `file` is as it was read. Keeps its permissions; must be on the same file system, else EXDEV is thrown.
   */
  readonly target?: string;
  readonly disk: Disk;
  /** Longest wait for the others, in ms. */
  readonly waitMs: number;
  /** False: a power cut (not a crash) may lose what was written last, or empty the file. True costs two flushes each time. */
  readonly durable: boolean;
  readonly signal?: AbortSignal;
}

/** What is to become of the file; `content: null` leaves it as it is. */
export interface FileUpdate<T> {
  readonly content: string | null;
  readonly value: T;
}

/** Two that both believe they hold the lock undo each other's tries; so often in a row only if somebody plays foul. */
const TRIES_MAX = 32;

/**
 * Reads a file and replaces it, as if at one instant: nobody else's replacement comes between the reading and the writing, not
 * even by a process that was paused at any point, lost its lock, and woke up later. `work` sees the content (null: no such
 * file) and may be called again with a newer one, so it must do nothing but compute.
 *
 * The lock alone can't promise that (see `withFileLock`). What does is a ticket, a file in `.staging/`:
 *
 *     1. create own ticket   2. remove all others'   3. read the file   4. fill the ticket   5. rename it over the file
 *
 * Step 5 fails when the ticket is gone. If B's step 5 came between A's 3 and 5: had B listed the tickets (2) after A made
 * its own (1), B would have removed A's, and A's step 5 fails. Had B listed them before, B's ticket was there before A's, and
 * A, listing later, would have removed it before A's reading, and B's step 5 had failed. So of two that overlap, at most one
 * commits. Throws the disk's errors; the old content is then still there. (Only when the last flush of a durable update fails is
 * the new content there, and may be lost in a power cut.)
 */
export async function updateFile<T>(guarded: GuardedFile, work: (content: string | null) => FileUpdate<T> | Promise<FileUpdate<T>>): Promise<FileLockOutcome<T>> {
  try {
    return await updateInFolder(guarded, work);
  } catch (error) {
    // The folder is there but for the first time, so it is not made before it is missed. Others may have made it by now.
    if (!isMissing(error)) throw error;
    await guarded.disk.makeFolder(stagingFolder(guarded.file));
    return updateInFolder(guarded, work);
  }
}

async function updateInFolder<T>(guarded: GuardedFile, work: (content: string | null) => FileUpdate<T> | Promise<FileUpdate<T>>): Promise<FileLockOutcome<T>> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const outcome = await withFileLock(guarded, () => tryUpdate(guarded, work));
    if (!outcome.ok) return outcome;
    if (outcome.value !== null) return { ok: true, value: outcome.value.value };
  }
  return { ok: false, reason: 'busy' };
}

async function tryUpdate<T>(guarded: GuardedFile, work: (content: string | null) => FileUpdate<T> | Promise<FileUpdate<T>>): Promise<FileUpdate<T> | null> {
  const { file, target = file, disk } = guarded;
  const folder = stagingFolder(file);
  const prefix = `${path.basename(file)}.`;
  const name = `${prefix}${randomUUID()}`;
  const ticket = path.join(folder, name);
  const mode = target === file ? null : await disk.mode(target);
  const open = await disk.create(ticket, mode ?? undefined);
  let isCommitted = false;
  try {
    const update = await closing(open, async () => {
      for (const other of await disk.list(folder)) if (other.startsWith(prefix) && other !== name) await disk.remove(path.join(folder, other));
      const wanted = await work(await disk.read(file));
      if (wanted.content !== null) await fill(open, wanted.content, guarded.durable);
      return wanted;
    });
    if (update.content === null) return update;
    isCommitted = await commit(disk, ticket, target);
    if (isCommitted && guarded.durable) await disk.syncFolder(path.dirname(target));
    return isCommitted ? update : null;
  } finally {
    if (!isCommitted) await disk.remove(ticket);
  }
}

/** Before the rename, because a network file system may report only now that the disk is full. */
async function closing<T>(open: OpenFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await open.close();
  }
}

async function fill(ticket: OpenFile, content: string, durable: boolean): Promise<void> {
  await ticket.write(content);
  if (durable) await ticket.sync();
}

/** False when somebody has taken our ticket away: then they, and not we, decide what the file becomes. */
async function commit(disk: Disk, ticket: string, target: string): Promise<boolean> {
  try {
    await disk.rename(ticket, target);
    return true;
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    // The folder of the target may be what is missing.
    if (isGone && (await disk.mode(ticket)) === null) return false;
    throw error;
  }
}

function stagingFolder(file: string): string {
  return path.join(path.dirname(file), '.staging');
}
