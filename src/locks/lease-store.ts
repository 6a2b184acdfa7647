import path from 'node:path';
import { DOCUMENT_VERSION } from '../model/documents.ts';
import { LEASE_LIMITS } from '../model/limits.ts';
import type { LockRefusal, LockResult, TableFault } from '../model/lock-refusal.ts';
import type { Clock } from '../system/clock.ts';
import type { Disk } from '../system/disk.ts';
import { updateFile, type FileUpdate } from '../system/guarded-file.ts';
import { setAside } from '../system/set-aside.ts';
import type { Answer, Decision } from './decide.ts';
import { readTable, writeTable, type LeaseTable } from './lease-table.ts';

export interface LeaseStoreOptions {
  /** Absolute; the relay's folder. Made when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly disk: Disk;
  /** Longest wait for other writers of the table. */
  readonly tableWaitMs?: number;
}

/** The table on the disk. Not flushed: a lease does not outlive the machine, and its name would be free again by then anyway. */
export class LeaseStore {
  /** Absolute. */
  readonly file: string;
  readonly #options: LeaseStoreOptions;

  constructor(options: LeaseStoreOptions) {
    this.file = path.join(options.folder, 'file_locks.json');
    this.#options = options;
  }

  /** The table as it is, without waiting for anybody; what is unusable in it is left out and reported. */
  async read(): Promise<LockResult<LeaseTable>> {
    return this.#orRefusal(this.file, async () => {
      const reading = readTable(await this.#options.disk.read(this.file), this.#options.clock.now());
      if (reading.kind === 'newer') return { ok: false, refusal: this.#newer(reading.version), faults: [] };
      return { ok: true, value: reading.table, faults: reading.kind === 'damaged' ? [this.#fault(reading.detail, null)] : [] };
    });
  }

  /** Replaces the table by what is decided about it, as if at one instant. `decide` may be called more than once. */
  update<T>(decide: (table: LeaseTable, nowMs: number) => Decision<T>, signal?: AbortSignal): Promise<LockResult<T>> {
    return this.#guarded({ durable: false, ...(signal === undefined ? {} : { signal }) }, async (content) => {
      const nowMs = this.#options.clock.now();
      const reading = readTable(content, nowMs);
      if (reading.kind === 'newer') return { content: null, value: { ok: false, refusal: this.#newer(reading.version), faults: [] } };
      const isDamaged = reading.kind === 'damaged';
      const faults = isDamaged ? [this.#fault(reading.detail, await setAside(this.#options.disk, this.file, content ?? '', LEASE_LIMITS.setAsideMax))] : [];
      const { table, answer } = decide(reading.table, nowMs);
      return { content: isDamaged || table !== reading.table ? writeTable(table) : null, value: { ...answer, faults } };
    });
  }

  /** Replaces another file at an instant at which `check` is true of the table, or leaves it. */
  replaceWhile<T>(target: { readonly file: string; readonly content: string; readonly durable: boolean }, check: (table: LeaseTable, nowMs: number) => Answer<T>): Promise<LockResult<T>> {
    return this.#guarded({ target: target.file, durable: target.durable }, (content) => {
      const nowMs = this.#options.clock.now();
      const reading = readTable(content, nowMs);
      if (reading.kind === 'newer') return { content: null, value: { ok: false, refusal: this.#newer(reading.version), faults: [] } };
      const answer = check(reading.table, nowMs);
      return { content: answer.ok ? target.content : null, value: { ...answer, faults: reading.kind === 'damaged' ? [this.#fault(reading.detail, null)] : [] } };
    });
  }

  #guarded<T>(
    options: { readonly target?: string; readonly durable: boolean; readonly signal?: AbortSignal },
    work: (content: string | null) => FileUpdate<LockResult<T>> | Promise<FileUpdate<LockResult<T>>>,
  ): Promise<LockResult<T>> {
    const waitMs = this.#options.tableWaitMs ?? LEASE_LIMITS.tableWaitMs;
    return this.#orRefusal(options.target ?? this.file, async () => {
      if (options.target !== undefined) await this.#options.disk.makeFolder(path.dirname(options.target));
      const outcome = await updateFile({ ...options, file: this.file, disk: this.#options.disk, waitMs }, work);
      if (outcome.ok) return outcome.value;
      const refusal: LockRefusal = outcome.reason === 'cancelled' ? { reason: 'cancelled' } : { reason: 'busy', table: this.file, waitedMs: waitMs };
      return { ok: false, refusal, faults: [] };
    });
  }

  async #orRefusal<T>(file: string, work: () => Promise<LockResult<T>>): Promise<LockResult<T>> {
    try {
      return await work();
    } catch (error) {
      const refusal = diskRefusal(error, file);
      if (refusal === null) throw error;
      return { ok: false, refusal, faults: [] };
    }
  }

  #newer(version: number): LockRefusal {
    return { reason: 'newer-table', table: this.file, version, supported: DOCUMENT_VERSION };
  }

  #fault(detail: string, copy: string | null): TableFault {
    return { table: this.file, detail, setAside: copy };
  }
}

/** The refusal for an error that the system gave, or null: then it is a bug of ours. */
export function diskRefusal(error: unknown, file: string): LockRefusal | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string' || !/^E[A-Z0-9]+$/.test(error.code)) return null;
  return { reason: 'disk', path: file, code: error.code, detail: error.message.replace(/^E[A-Z0-9]+: /, '').split(',')[0] ?? '' };
}
