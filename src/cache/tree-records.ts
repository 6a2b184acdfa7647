import path from 'node:path';
import { isRecord } from '../system/is-record.ts';
import type { Disk } from '../system/disk.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { digestOf, digestOfValue, type Digest } from './digest.ts';
import type { MemoRow } from './file-memo.ts';
import type { FingerprintParts } from './fingerprint.ts';
import type { InstalledMemo, UnitRow } from './installed-places.ts';
import { isRefusal, readSealed, SealedMemory, unseal, writeSealed } from './sealed-file.ts';
import type { CacheSettings, TreeState } from './tree-state.ts';

/** What a check of this tree depended on when it was last looked at. */
export interface CheckRecord {
  readonly parts: FingerprintParts;
  /** The state that it saw; its description may be gone by now. */
  readonly state: Digest;
  /** Why its result was not kept, or null when it was. */
  readonly notKept: string | null;
}

/** What is remembered of one tree, to say what has changed in it. */
export interface TreeRecord {
  readonly settings: CacheSettings;
  readonly checks: Readonly<Record<string, CheckRecord>>;
}

/** A state as far as it takes to name what is different in another. */
export interface StateRecord {
  readonly files: Readonly<Record<string, string>>;
  /** Version and content of each installed package, and where links lead. */
  readonly installed: Readonly<Record<string, string>>;
}

export interface RecordsOptions {
  readonly disk: Disk;
  /** Of a process that looks at the same trees again and again. */
  readonly memory?: SealedMemory | undefined;
}

/**
 * What is remembered of trees by their roots: contents of files by size and time, what checks depended on. Written by us alone and
 * sealed, so it is read back as what it was written as.
 */
export class TreeRecords {
  readonly #disk: Disk;
  readonly #base: string;
  readonly #folder: string;
  readonly #memory: SealedMemory;

  constructor(base: string, root: string, { disk, memory = new SealedMemory() }: RecordsOptions) {
    this.#disk = disk;
    this.#memory = memory;
    this.#base = base;
    this.#folder = path.join(base, 'trees', digestOf(root).slice(0, 16));
  }

  /** Only of this very build: another one may see other things in the same text. */
  async files(product: Digest): Promise<readonly (readonly [string, MemoRow])[]> {
    const file = path.join(this.#folder, 'files.json');
    const read = await this.#memory.of(file, () => readSealed(this.#disk, file));
    return isRecord(read) && read.product === product && Array.isArray(read.rows) ? (read.rows as (readonly [string, MemoRow])[]) : [];
  }

  async saveFiles(rows: ReadonlyMap<string, MemoRow>, product: Digest): Promise<void> {
    await writeSealed(this.#disk, path.join(this.#folder, 'files.json'), { product, rows: [...rows] });
  }

  async record(): Promise<TreeRecord | null> {
    const read = await readSealed(this.#disk, path.join(this.#folder, 'checks.json'));
    return isRecord(read) ? (read as unknown as TreeRecord) : null;
  }

  async saveRecord(record: TreeRecord): Promise<void> {
    await writeSealed(this.#disk, path.join(this.#folder, 'checks.json'), record);
  }

  async state(digest: Digest): Promise<StateRecord | null> {
    const read = await readSealed(this.#disk, this.#stateFile(digest));
    return isRecord(read) ? (read as unknown as StateRecord) : null;
  }

  /** Returns under which digest; keeps the newest ones only. */
  async saveState(state: TreeState, statesMax: number, kept: readonly Digest[]): Promise<Digest> {
    const record = describeState(state);
    const digest = digestOfValue(record);
    await writeSealed(this.#disk, this.#stateFile(digest), record);
    const wanted = new Set([digest, ...kept].slice(0, statesMax).map((one) => `${one}.json`));
    for (const name of await this.#disk.list(path.join(this.#folder, 'states'))) {
      if (name.endsWith('.json') && !wanted.has(name)) await this.#disk.remove(path.join(this.#folder, 'states', name));
    }
    return digest;
  }

  /** Places are read on demand, so those that a tree has in common with others are read by it as well. */
  installed(): InstalledRecords {
    return new InstalledRecords(path.join(this.#base, 'installed'), this.#disk, this.#memory);
  }

  #stateFile(digest: Digest): string {
    return path.join(this.#folder, 'states', `${digest}.json`);
  }
}

export function describeState({ files, units, links }: TreeState): StateRecord {
  const installed = [...units].map(([name, { version, content }]) => [name, `${version ?? ''} ${content ?? ''}`] as const);
  return { files: Object.fromEntries(files), installed: { ...Object.fromEntries(installed), ...Object.fromEntries([...links].map(([name, target]) => [name, `link ${target}`])) } };
}

interface KnownPlaces {
  readonly places: Map<string, Map<string, UnitRow>>;
  /** As JSON, to see whether anything has changed. */
  readonly written: string | null;
}

/** The memo of all node_modules, one file for each outermost one. */
export class InstalledRecords implements InstalledMemo {
  readonly #folder: string;
  readonly #disk: Disk;
  readonly #memory: SealedMemory;
  readonly #known = new Map<string, KnownPlaces>();

  constructor(folder: string, disk: Disk, memory: SealedMemory) {
    this.#folder = folder;
    this.#disk = disk;
    this.#memory = memory;
  }

  get(place: string): Map<string, UnitRow> {
    const top = outermost(place);
    let known = this.#known.get(top);
    if (known === undefined) this.#known.set(top, (known = this.#load(top)));
    const rows = known.places.get(place) ?? new Map<string, UnitRow>();
    known.places.set(place, rows);
    return rows;
  }

  async save(): Promise<void> {
    for (const [top, { places, written }] of this.#known) {
      const rows = [...places].map(([name, units]) => [name, [...units]] as const);
      if (JSON.stringify(rows) !== written) await writeSealed(this.#disk, this.#file(top), rows);
    }
  }

  /** Without waiting: which places there are is only known while they are walked. */
  #load(top: string): KnownPlaces {
    const { rows, written } = this.#memory.ofNow(this.#file(top), () => {
      const text = readIfUsable(this.#file(top)) ?? '';
      const read = unseal(text);
      return Array.isArray(read) ? { rows: read as [string, [string, UnitRow][]][], written: text.slice(text.indexOf('\n') + 1) } : { rows: [], written: null };
    });
    return { places: new Map(rows.map(([name, units]) => [name, new Map(units)])), written };
  }

  #file(top: string): string {
    return path.join(this.#folder, `${digestOf(top).slice(0, 16)}.json`);
  }
}

function readIfUsable(file: string): string | null {
  try {
    return readTextIfThere(file);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

function outermost(place: string): string {
  const marker = `${path.sep}node_modules`;
  const at = place.indexOf(marker);
  return at === -1 ? place : place.slice(0, at + marker.length);
}

/** What is looked at may go away, or may not be looked at: then there is no telling whether it is as it was. Null then. */
export async function orNothing<T>(work: () => Promise<T | null>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return null;
  }
}

/** What is remembered is a help and no duty: where the file system refuses, the next run does without. False then. */
export async function unlessRefused(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}
