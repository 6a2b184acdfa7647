/** Of scripts, of which an import may name one by another's ending. */
export const SCRIPT_END = /\.[cm]?[jt]sx?$/;

/** Names of files in order: what a path may mean stands together, and is found without a list of all that any path could mean. */
export class SortedNames {
  readonly #files: ReadonlyMap<string, unknown>;
  #sorted: readonly string[] | null = null;

  constructor(files: ReadonlyMap<string, unknown>) {
    this.#files = files;
  }

  /** The file of that name, those with an ending more, or with another one of a script, and all in the folder of that name. */
  *meantBy(place: string): Iterable<string> {
    if (this.#files.has(place)) yield place;
    for (const name of this.startingWith(`${place}.`)) if (!/[./]/.test(name.slice(place.length + 1))) yield name;
    yield* this.startingWith(place === '.' ? '' : `${place}/`);
    const bare = place.replace(SCRIPT_END, '');
    if (bare !== place) for (const name of this.startingWith(`${bare}.`)) if (name.replace(SCRIPT_END, '') === bare) yield name;
  }

  *startingWith(prefix: string): Iterable<string> {
    const names = (this.#sorted ??= [...this.#files.keys()].sort());
    let low = 0;
    for (let high = names.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((names[middle] ?? '') < prefix) low = middle + 1;
      else high = middle;
    }
    for (let name = names[low]; name?.startsWith(prefix) === true; low += 1, name = names[low]) yield name;
  }
}
