import path from 'node:path';
import type { LockRefusal } from '../model/lock-refusal.ts';
import type { TreeReader } from '../system/tree-reader.ts';

export interface CanonicalPath {
  /** Posix path relative to the root; the same for every way to write the file's name, before the file exists and after. */
  readonly key: string;
  /** The same as the disk spells it: what patterns of files are compared with. */
  readonly name: string;
  /** Absolute; no link in it. */
  readonly real: string;
}

export type CanonicalResult = { readonly ok: true; readonly value: CanonicalPath } | { readonly ok: false; readonly refusal: LockRefusal };

/** As many links in a row as Linux follows. */
const HOPS_MAX = 40;
/** Names of a folder that are tried to learn whether it tells capitals from small letters. */
const PROBES_MAX = 16;
/** Folders whose answer is kept: more than one run asks for. */
const FOLDERS_MAX = 4_096;

/**
 * Finds the one key of a file. `roots` are the worktrees of one repository: the same file in two of them has the same key,
 * because it will be merged. Where a folder does not tell capitals from small letters, the key has small ones.
 */
export class CanonicalPaths {
  readonly #given: readonly string[];
  readonly #tree: TreeReader;
  #real: Promise<readonly string[]> | null = null;
  readonly #insensitive = new Map<string, boolean>();

  /** Roots are absolute; a path that is not is taken from the first. */
  constructor(roots: readonly string[], tree: TreeReader) {
    this.#given = roots;
    this.#tree = tree;
  }

  async resolve(given: string): Promise<CanonicalResult> {
    if (given === '' || given.includes('\0')) return unusable(given, 'it is not a path');
    this.#real ??= Promise.all(this.#given.map((root) => this.#tree.realPath(root)));
    const roots = await this.#real;
    const walked = await this.#walk(this.#startOf(given, roots));
    if (walked === null) return unusable(given, `it leads through more than ${HOPS_MAX} symbolic links`);
    const { real, existing, kind } = walked;
    const inside = roots.filter((root) => real === root || real.startsWith(withSeparator(root)));
    const root = inside.sort((a, b) => b.length - a.length)[0];
    if (root === undefined) return { ok: false, refusal: { reason: 'outside-root', path: given, root: this.#given[0] ?? '' } };
    if (kind === 'folder') return unusable(given, 'it is a folder, and locks are on files');
    const { key, isFolded } = await this.#keyOf(root, real);
    const spelled = isFolded ? path.join(await this.#tree.realPath(existing), path.relative(existing, real)) : real;
    return { ok: true, value: { key, name: posixFrom(root, spelled), real } };
  }

  /** The way begins at a root where it can, whose own links are known. `path.resolve` would take `link/..` for the folder of the link. */
  #startOf(given: string, roots: readonly string[]): { readonly from: string; readonly segments: string[] } {
    if (!path.isAbsolute(given)) return { from: roots[0] ?? path.sep, segments: segmentsOf(given) };
    const index = Math.max(this.#given.findIndex((root) => given.startsWith(withSeparator(root))), roots.findIndex((root) => given.startsWith(withSeparator(root))));
    const { root } = path.parse(given);
    if (index === -1) return { from: root, segments: segmentsOf(given.slice(root.length)) };
    const known = this.#given[index] ?? '';
    const length = given.startsWith(withSeparator(known)) ? known.length : (roots[index] ?? '').length;
    return { from: roots[index] ?? root, segments: segmentsOf(given.slice(length)) };
  }

  /** Every link resolved in the order in which the system would; the rest of a path that does not exist is left as it is. */
  async #walk({ from, segments }: { readonly from: string; readonly segments: string[] }): Promise<{ real: string; existing: string; kind: 'file' | 'folder' | 'missing' } | null> {
    const left = [...segments];
    let current = from;
    let existing = from;
    let isSpelled = from !== path.parse(from).root;
    let kind: 'file' | 'folder' | 'missing' = 'folder';
    for (let hops = 0; ;) {
      const segment = left.shift();
      if (segment === undefined) break;
      if (segment === '..') {
        current = path.dirname(current);
        if (existing.length >= current.length) {
          existing = current;
          kind = 'folder';
        }
        continue;
      }
      const next = path.join(current, segment);
      const entry = await this.#tree.look(next);
      if (entry?.kind === 'link') {
        hops += 1;
        if (hops > HOPS_MAX) return null;
        const target = await this.#tree.readLink(next);
        if (path.isAbsolute(target)) {
          current = existing = path.parse(target).root;
          isSpelled = false;
        }
        left.unshift(...segmentsOf(path.isAbsolute(target) ? target.slice(current.length) : target));
        continue;
      }
      current = next;
      if (entry !== null) existing = next;
      kind = entry?.kind ?? 'missing';
    }
    // What did not begin at a root may be written with other capitals than those on the disk, which the system knows.
    if (isSpelled) return { real: current, existing, kind };
    const spelled = await this.#tree.realPath(existing);
    return { real: path.join(spelled, path.relative(existing, current)), existing: spelled, kind };
  }

  async #keyOf(root: string, real: string): Promise<{ key: string; isFolded: boolean }> {
    const segments: string[] = [];
    let folder = root;
    let isFolded = false;
    for (const segment of path.relative(root, real).split(path.sep)) {
      const isInsensitive = await this.#isInsensitive(folder);
      isFolded ||= isInsensitive;
      segments.push(isInsensitive ? segment.normalize('NFC').toLowerCase() : segment);
      folder = path.join(folder, segment);
    }
    return { key: segments.join('/'), isFolded };
  }

  /** An empty folder, or one that is still to be made, is like the folder it is in. */
  async #isInsensitive(folder: string): Promise<boolean> {
    const known = this.#insensitive.get(folder);
    if (known !== undefined) return known;
    const parent = path.dirname(folder);
    const answer = (await this.#probe(folder)) ?? (parent === folder ? false : await this.#isInsensitive(parent));
    if (this.#insensitive.size >= FOLDERS_MAX) this.#insensitive.clear();
    this.#insensitive.set(folder, answer);
    return answer;
  }

  /** Null when no name in the folder tells. */
  async #probe(folder: string): Promise<boolean | null> {
    const names = await this.#tree.someNames(folder, PROBES_MAX);
    for (const name of names) {
      const other = name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase();
      // Both names there: two files, or two links to one.
      if (other === name || names.includes(other)) continue;
      const [entry, swapped] = await Promise.all([this.#tree.look(path.join(folder, name)), this.#tree.look(path.join(folder, other))]);
      if (entry !== null) return swapped !== null && swapped.identity === entry.identity;
    }
    return null;
  }
}

function withSeparator(folder: string): string {
  return folder.endsWith(path.sep) ? folder : folder + path.sep;
}

function segmentsOf(text: string): string[] {
  return text.split(path.sep === '\\' ? /[\\/]/ : '/').filter((segment) => segment !== '' && segment !== '.');
}

function unusable(given: string, detail: string): CanonicalResult {
  return { ok: false, refusal: { reason: 'unusable-path', path: given, detail } };
}

function posixFrom(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}
