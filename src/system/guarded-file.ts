import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Disk, OpenFile } from './disk.ts';
import { withFileLock, type FileLockOutcome } from './file-lock.ts';

export interface GuardedFile {
  /** Absolute. */
  readonly file: string;
  readonly disk: Disk;
  /** Longest wait for the others, in ms. */
  readonly waitMs: number;
  /** False: what was written last may be lost in a power cut (never torn). True costs a flush to the disk each time. */
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
 * commits. Throws the disk's errors; the old content is then still there.
 */
export async function updateFile<T>(guarded: GuardedFile, work: (content: string | null) => FileUpdate<T> | Promise<FileUpdate<T>>): Promise<FileLockOutcome<T>> {
  await guarded.disk.makeFolder(stagingFolder(guarded.file));
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const outcome = await withFileLock(guarded, () => tryUpdate(guarded, work));
    if (!outcome.ok) return outcome;
    if (outcome.value !== null) return { ok: true, value: outcome.value.value };
  }
  return { ok: false, reason: 'busy' };
}

async function tryUpdate<T>({ file, disk, durable }: GuardedFile, work: (content: string | null) => FileUpdate<T> | Promise<FileUpdate<T>>): Promise<FileUpdate<T> | null> {
  const folder = stagingFolder(file);
  const prefix = `${path.basename(file)}.`;
  const name = `${prefix}${randomUUID()}`;
  const ticket = path.join(folder, name);
  const open = await disk.create(ticket);
  try {
    for (const other of await disk.list(folder)) if (other.startsWith(prefix) && other !== name) await disk.remove(path.join(folder, other));
    const update = await work(await disk.read(file));
    if (update.content === null) return update;
    await fill(open, update.content, durable);
    return (await commit(disk, ticket, file)) ? update : null;
  } finally {
    await open.close();
    await disk.remove(ticket);
  }
}

async function fill(ticket: OpenFile, content: string, durable: boolean): Promise<void> {
  await ticket.write(content);
  if (durable) await ticket.sync();
}

/** False when somebody has taken our ticket away: then they, and not we, decide what the file becomes. */
async function commit(disk: Disk, ticket: string, file: string): Promise<boolean> {
  try {
    await disk.rename(ticket, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function stagingFolder(file: string): string {
  return path.join(path.dirname(file), '.staging');
}
