import type { RelayRefusal } from '../model/relay-refusal.ts';
import type { FileLockOutcome } from '../system/file-lock.ts';

/** Carries a refusal out of the depth of a transaction, as the disk's own errors come; `Relay` turns both into results. */
export class Refused extends Error {
  readonly refusal: RelayRefusal;

  constructor(refusal: RelayRefusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

/** What an error means for the relay in `folder`, or null when it is none that is expected. */
export function toRefusal(error: unknown, folder: string): RelayRefusal | null {
  if (error instanceof Refused) return error.refusal;
  if (!(error instanceof Error) || !('code' in error)) return null;
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return { reason: 'full-disk', folder };
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return { reason: 'read-only', folder, detail: error.code };
    case 'EEXIST':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ENOTEMPTY':
      return { reason: 'in-the-way', detail: error.message };
    default:
      return null;
  }
}

/** The value of what ran under a lock. */
export function unwrap<T>(outcome: FileLockOutcome<T>, folder: string, waitedMs: number): T {
  if (outcome.ok) return outcome.value;
  throw new Refused(outcome.reason === 'cancelled' ? { reason: 'cancelled' } : { reason: 'busy', folder, waitedMs });
}
