import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, realpathSync, type Dirent } from 'node:fs';
import path from 'node:path';
import { changedMs, hasSettled, lstatIfThere, statLine } from '../system/file-times.ts';
import { isMissing } from '../system/read-text.ts';
import { digestOf, type Digest } from './digest.ts';
import { isPackageName } from './file-kinds.ts';

/** One package, or what lies beside the packages in a node_modules. */
export interface InstalledUnit {
  /** Of size, times, identity and permissions of all its files. */
  readonly stat: Digest;
  /** When the newest of them changed. */
  readonly newestMs: number;
  /** Of the contents; null where they were not read. */
  readonly content: Digest | null;
  readonly version: string | null;
}

/** [stat, when it was read, content, version] */
export type UnitRow = readonly [stat: Digest, readMs: number, content: Digest, version: string | null];

/** What is remembered of all node_modules, by their real paths: linked into several trees they are read once. */
export interface InstalledMemo {
  get(place: string): Map<string, UnitRow>;
}

/** More installed files than this take longer to look at than is worth it. */
const FILES_MAX = 250_000;
const CONTENT_BYTES_MAX = 64 * 1024 * 1024;

export interface InstalledOptions {
  /** Absolute and real. */
  readonly root: string;
  readonly memo: InstalledMemo;
  /** Whether contents that the memo does not know are read now; those that changed a moment ago are, since no later look could tell what they were. */
  readonly read: boolean;
  /** Time of day. */
  readonly nowMs: () => number;
  /** The time of day when the look at the tree began. */
  readonly takenMs: number;
}

export interface InstalledState {
  /** By path relative to the root (outside: absolute). */
  readonly units: Map<string, InstalledUnit>;
  /** Links, and where they lead. */
  readonly links: Map<string, string>;
  problem: string | null;
}

/**
 * Everything installed in these node_modules, and where packages are linked from others, in those. All files count, not only
 * versions: a package that was patched in place is another one.
 */
export class InstalledWalk {
  readonly state: InstalledState = { units: new Map(), links: new Map(), problem: null };
  readonly #options: InstalledOptions;
  readonly #seen = new Set<string>();
  #files = 0;

  constructor(options: InstalledOptions) {
    this.#options = options;
  }

  /** `places` are relative to the root. */
  addPlaces(places: Iterable<string>): void {
    for (const place of [...new Set(places)].sort()) this.#addPlace(path.resolve(this.#options.root, place), place);
  }

  /** `shown`: its path as a part of the state, the same in every worktree where the place is the same. */
  #addPlace(folder: string, shown: string): void {
    const real = realIfThere(folder);
    if (real === null || this.state.problem !== null) return;
    if (real !== folder) this.state.links.set(shown, this.#show(real));
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    const rows = this.#options.memo.get(real);
    const old = new Map(rows);
    rows.clear();
    this.#addEntries({ real, shown, rows, old }, '');
  }

  #addEntries(place: Place, prefix: string): void {
    for (const entry of entriesOf(path.join(place.real, prefix))) {
      const name = prefix + entry.name;
      if (entry.isSymbolicLink()) this.#addLink(path.join(place.real, name), `${place.shown}/${name}`);
      else if (!entry.isDirectory()) { if (isPackageName(entry.name)) this.#addUnit(place, name); }
      else if (prefix === '' && entry.name.startsWith('@')) this.#addEntries(place, `${name}/`);
      else if (isPackageName(entry.name)) this.#addUnit(place, name);
    }
  }

  #addUnit(place: Place, name: string): void {
    const folder = path.join(place.real, name);
    const shown = `${place.shown}/${name}`;
    const files: UnitFile[] = [];
    this.#collect(folder, '', { files, shown });
    const stat = digestOf(files.map((file) => `${file.name}\0${file.stat}\0`).join(''));
    const newestMs = files.reduce((newest, file) => Math.max(newest, file.changedMs), 0);
    const known = place.old.get(name);
    if (known?.[0] === stat && hasSettled(newestMs, known[1])) {
      place.rows.set(name, known);
      this.state.units.set(shown, { stat, newestMs, content: known[2], version: known[3] });
    } else if (this.#options.read || !hasSettled(newestMs, this.#options.takenMs)) {
      const readMs = this.#options.nowMs();
      const { content, version } = contentOf(folder, files);
      place.rows.set(name, [stat, readMs, content, version]);
      this.state.units.set(shown, { stat, newestMs, content, version });
    } else {
      this.state.units.set(shown, { stat, newestMs, content: null, version: null });
    }
  }

  #collect(folder: string, prefix: string, unit: { readonly files: UnitFile[]; readonly shown: string }): void {
    // Joined by hand: there are thousands of them, each time.
    const at = prefix === '' ? folder : `${folder}${path.sep}${prefix}`;
    const self = prefix === '' ? lstatIfThere(at) : null;
    if (self?.isDirectory() === false) {
      unit.files.push({ name: '', stat: statLine(self), changedMs: changedMs(self), size: self.size });
      return;
    }
    for (const entry of entriesOf(at)) {
      const name = prefix + entry.name;
      const file = `${folder}${path.sep}${name}`;
      if (entry.name === 'node_modules') this.#addPlace(file, `${unit.shown}/${name}`);
      else if (entry.isDirectory()) this.#collect(folder, `${name}/`, unit);
      else if (entry.isSymbolicLink()) this.#addLink(file, `${unit.shown}/${name}`);
      else {
        const stats = lstatIfThere(file);
        if (stats !== null) unit.files.push({ name, stat: statLine(stats), changedMs: changedMs(stats), size: stats.size });
        this.#files += 1;
      }
    }
    if (this.#files > FILES_MAX) this.state.problem ??= `more than ${String(FILES_MAX)} files are installed`;
  }

  /** Into the tree, it leads to what counts there by itself; out of it, to packages of another tree, or to a folder under development. */
  #addLink(link: string, shown: string): void {
    const real = realIfThere(link);
    this.state.links.set(shown, real === null ? `nothing: ${readlinkSync(link)}` : this.#show(real));
    if (real === null || real.startsWith(`${this.#options.root}${path.sep}`) || [...this.#seen].some((place) => real.startsWith(`${place}${path.sep}`))) return;
    const marker = `${path.sep}node_modules${path.sep}`;
    const at = real.indexOf(marker);
    if (at !== -1) {
      const place = real.slice(0, at + marker.length - 1);
      this.#addPlace(place, this.#show(place));
    } else if (!this.#seen.has(real)) {
      this.#seen.add(real);
      const rows = this.#options.memo.get(real);
      const old = new Map(rows);
      rows.clear();
      this.#addUnit({ real: path.dirname(real), shown: this.#show(path.dirname(real)), rows, old }, path.basename(real));
    }
  }

  #show(absolute: string): string {
    const { root } = this.#options;
    return absolute === root || absolute.startsWith(`${root}${path.sep}`) ? `<root>${absolute.slice(root.length)}` : absolute;
  }
}

interface Place {
  readonly real: string;
  readonly shown: string;
  readonly rows: Map<string, UnitRow>;
  readonly old: ReadonlyMap<string, UnitRow>;
}

interface UnitFile {
  readonly name: string;
  readonly stat: string;
  readonly changedMs: number;
  readonly size: number;
}

function contentOf(folder: string, files: readonly UnitFile[]): { readonly content: Digest; readonly version: string | null } {
  const hash = createHash('sha256');
  let version: string | null = null;
  for (const { name, size, stat } of files) {
    const bytes = size > CONTENT_BYTES_MAX ? Buffer.from(stat) : readIfThere(path.join(folder, name));
    const mode = Number(stat.slice(stat.lastIndexOf(' ') + 1));
    hash.update(`${name}\0${(mode & 0o111) === 0 ? '' : 'x'}${digestOf(bytes)}\0`);
    if (name === 'package.json') version = /"version"\s*:\s*"([^"]+)"/.exec(bytes.toString('utf8'))?.[1] ?? null;
  }
  return { content: hash.digest('hex').slice(0, 32), version };
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'EACCES')) return Buffer.from('nothing to be read');
    throw error;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'EACCES')) return [];
    throw error;
  }
}

/** By the system, which is many times quicker than Node's own: an installed tree may have thousands of links. */
function realIfThere(file: string): string | null {
  try {
    return realpathSync.native(file);
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error && (error.code === 'ELOOP' || error.code === 'EACCES'))) return null;
    throw error;
  }
}
