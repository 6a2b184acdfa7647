// One process of the load: threads that lock, write, give back and forget, each at random from a seed, and write down what they see.
import { readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { systemDisk } from '../../src/system/disk.ts';
import { isMissing } from '../../src/system/read-text.ts';
import { faultyDisk } from '../rig/faulty-disk.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { HistoryWriter, type Outcome } from './history.ts';
import { ourLocks, specificationLocks } from './load-locks.ts';

export interface LoadSettings {
  readonly kind: 'ours' | 'specification';
  readonly root: string;
  readonly historyFolder: string;
  readonly process: string;
  readonly threads: number;
  /** Calls by each thread. */
  readonly operations: number;
  readonly files: number;
  readonly seed: number;
  readonly waitLimitMs: number;
  /** Of all renames, the share before which the process stops itself: after the last check, before the commit. */
  readonly stopShare: number;
}

interface Held {
  readonly file: string;
  readonly token: number | null;
}

/** Leases last between these: some end while their holder is at work. */
const DURATION_MS = { least: 150, most: 4_000 };
const STALE_KEPT_MAX = 20;
const ANCHOR_MS = 3_600_000;

class LoadThread {
  readonly #settings: LoadSettings;
  readonly #team: string;
  readonly #random: () => number;
  readonly #history: HistoryWriter;
  readonly #locks;
  /** Tokens of leases that ended: given back, or run out. */
  readonly #past: Held[] = [];
  #calls = 0;
  #revision = 0;

  constructor(settings: LoadSettings, thread: number) {
    this.#settings = settings;
    this.#team = `${settings.process}-team${thread}`;
    this.#random = seededRandom(settings.seed + thread * 7_919);
    this.#history = new HistoryWriter(path.join(settings.historyFolder, `${settings.process}.${thread}.ndjson`));
    const disk = faultyDisk(systemDisk, ({ name }) => {
      if (name !== 'rename' || this.#random() >= settings.stopShare) return null;
      writeSync(1, 'stopped\n');
      return { kind: 'stop', when: 'before' };
    });
    this.#locks = settings.kind === 'ours' ? ourLocks(settings.root, disk) : specificationLocks(settings.root);
  }

  async run(): Promise<void> {
    // A row that nobody else touches, and that must be there in the end.
    await this.#call('acquire', `anchor/${this.#team}`, { durationMs: ANCHOR_MS });
    while (this.#calls < this.#settings.operations) {
      const dice = this.#random();
      if (dice < 0.08) await this.#showStaleToken();
      else if (dice < 0.12) this.#readTable();
      else if (dice < 0.3) await this.#work(await this.#take('wait'));
      else if (dice < 0.42) await this.#waitForSecond();
      else await this.#work(await this.#take('acquire'));
    }
  }

  /** Holds one file while it waits for another: two of these may wait for each other. */
  async #waitForSecond(): Promise<void> {
    const first = await this.#take('acquire');
    if (first === null) return;
    await this.#work(await this.#take('wait'));
    await this.#call('release', first.file, { token: first.token });
  }

  async #take(operation: 'acquire' | 'wait'): Promise<Held | null> {
    const file = this.#someFile();
    const durationMs = Math.round(DURATION_MS.least + this.#random() ** 2 * (DURATION_MS.most - DURATION_MS.least));
    const outcome = await this.#call(operation, file, { durationMs });
    return outcome.ok ? { file, token: outcome.token } : null;
  }

  /** What an agent does with a file: reads it, thinks, changes it, gives it back; or forgets to. */
  async #work(held: Held | null): Promise<void> {
    if (held === null) return;
    const { file, token } = held;
    for (let change = 0; change < 1 + Math.floor(this.#random() * 2); change += 1) {
      const number = this.#readNumber(file) + 1;
      if (this.#random() < 0.2) await delay(this.#random() * 300);
      if (this.#random() < 0.2) await this.#call('renew', file, { token, durationMs: Math.round(DURATION_MS.least + this.#random() * 1_000) });
      if (this.#random() < 0.2) await this.#call('check', file, { token });
      if (this.#random() < 0.7) await this.#call('write', file, { token, number });
    }
    this.#past.push(held);
    if (this.#past.length > STALE_KEPT_MAX) this.#past.shift();
    if (this.#random() < 0.9) await this.#call('release', file, { token });
  }

  /** As one who was away for long. Often the file has been given to others since, and then nothing of this may work. */
  async #showStaleToken(): Promise<void> {
    const held = this.#past[Math.floor(this.#random() * this.#past.length)];
    if (held === undefined || held.token === null) return;
    const operation = (['write', 'renew', 'check', 'release'] as const)[Math.floor(this.#random() * 4)] ?? 'check';
    await this.#call(operation, held.file, { token: held.token, durationMs: operation === 'renew' ? 500 : null, number: operation === 'write' ? this.#readNumber(held.file) + 1 : null });
  }

  async #call(operation: 'acquire' | 'wait' | 'renew' | 'release' | 'check' | 'write', file: string, shown: { readonly token?: number | null; readonly durationMs?: number | null; readonly number?: number | null }): Promise<Outcome> {
    const { token = null, durationMs = null, number = null } = shown;
    this.#calls += 1;
    return this.#history.record({ operation, file, team: this.#team, token, durationMs, number }, () => {
      switch (operation) {
        case 'acquire': return this.#locks.acquire(file, this.#team, durationMs ?? 1);
        case 'wait': return this.#locks.wait(file, this.#team, durationMs ?? 1, this.#settings.waitLimitMs);
        case 'renew': return this.#locks.renew(file, this.#team, token, durationMs ?? 1);
        case 'release': return this.#locks.release(file, this.#team, token);
        case 'check': return this.#locks.check(file, this.#team, token);
        case 'write': return this.#locks.write(file, this.#team, token, String(number));
      }
    });
  }

  /** Any program may read the table at any time: it is whole, and never older than what was read before. */
  #readTable(): void {
    this.#calls += 1;
    void this.#history.record({ operation: 'read-table', file: 'file_locks.json', team: this.#team, token: null, durationMs: null, number: null }, () => {
      const reason = this.#faultOfTable(readFileSync(path.join(this.#settings.root, '.claude/workflows/file_locks.json'), 'utf8'));
      return Promise.resolve({ ok: reason === null, token: null, reason });
    });
  }

  #faultOfTable(content: string): string | null {
    let table: Record<string, { revision?: number }>;
    try {
      table = JSON.parse(content) as typeof table;
    } catch (error) {
      if (error instanceof SyntaxError) return `${content.length} characters that are no JSON`;
      throw error;
    }
    const revision = table['/']?.revision ?? 0;
    if (this.#settings.kind === 'ours' && revision < this.#revision) return `revision ${revision} after ${this.#revision}`;
    this.#revision = revision;
    return null;
  }

  #readNumber(file: string): number {
    try {
      return Number(readFileSync(path.join(this.#settings.root, file), 'utf8'));
    } catch (error) {
      if (isMissing(error)) return 0;
      throw error;
    }
  }

  /** Some files are wanted more than others. */
  #someFile(): string {
    return `shared/file${Math.floor(this.#random() ** 2 * this.#settings.files)}.txt`;
  }
}

if (isMainThread) {
  const settings = JSON.parse(process.argv[2] ?? '') as LoadSettings;
  const threads = Array.from({ length: settings.threads }, (_, thread) => new Worker(new URL(import.meta.url), { workerData: { settings, thread } }));
  await Promise.all(threads.map((worker) => new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => { resolve(); });
  })));
} else {
  const { settings, thread } = workerData as { settings: LoadSettings; thread: number };
  await new LoadThread(settings, thread).run();
}
