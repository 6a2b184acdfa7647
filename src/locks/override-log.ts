import path from 'node:path';
import type { LockRefusal } from '../model/lock-refusal.ts';
import { diskRefusal, type LeaseStoreOptions } from './lease-store.ts';

/** A lease ended by hand: who, when, why, and which. */
export interface Override {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly file: string;
  readonly team: string;
  readonly token: number;
}

/** Appends one line, flushed, to the log beside the table; nothing ever removes one. Null when it is there. */
export async function logOverride({ folder, disk }: LeaseStoreOptions, override: Override): Promise<LockRefusal | null> {
  const file = path.join(folder, 'file_locks.overrides.ndjson');
  try {
    await disk.makeFolder(folder);
    const open = await disk.append(file);
    try {
      await open.write(`${JSON.stringify(override)}\n`);
      await open.sync();
    } finally {
      await open.close();
    }
    return null;
  } catch (error) {
    const refusal = diskRefusal(error, file);
    if (refusal === null) throw error;
    return refusal;
  }
}
