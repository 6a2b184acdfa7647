/**
 * Names of a module, as its importers write them, each with those that are meant of it where it is a module itself. `all` is every
 * name there is, and whatever stands for itself.
 */
export type Names = ReadonlyMap<string, Names> | 'all';

export const NO_NAMES: Names = new Map();

/** The name of a module's default export. */
export const DEFAULT = 'default';

export function hasNames(names: Names): boolean {
  return names === 'all' || names.size > 0;
}

/** What is meant of one name; undefined where it is not among them. */
export function below(names: Names, name: string): Names | undefined {
  return names === 'all' ? 'all' : names.get(name);
}

/** `['a', 'b']`: b of a. */
export function alongPath(path: readonly string[]): Names {
  return path.reduceRight<Names>((inner, name) => new Map([[name, inner]]), 'all');
}

/** Whether they have a name in common; one of which nothing further is meant is in common with all that is below it. */
export function overlap(a: Names, b: Names): boolean {
  if (a === 'all' || b === 'all') return true;
  for (const [name, inner] of a) {
    const other = b.get(name);
    if (other !== undefined && overlap(inner, other)) return true;
  }
  return false;
}

export function union(a: Names, b: Names): Names {
  if (a === 'all' || b === 'all') return 'all';
  if (b.size === 0) return a;
  const joined = new Map(a);
  for (const [name, inner] of b) {
    const other = joined.get(name);
    joined.set(name, other === undefined ? inner : union(other, inner));
  }
  return joined;
}

/** Adds what is meant of a name to what is known to be. */
export function addName(into: Map<string, Names>, name: string, names: Names): void {
  into.set(name, union(into.get(name) ?? NO_NAMES, names));
}

/** Whether `b` has no name that `a` has not. */
export function covers(a: Names, b: Names): boolean {
  if (a === 'all') return true;
  if (b === 'all') return false;
  for (const [name, inner] of b) {
    const other = a.get(name);
    if (other === undefined || !covers(other, inner)) return false;
  }
  return true;
}

/** To so many names behind one another; what lies deeper is meant as a whole. A module may be a name of itself. */
export function clipped(names: Names, depth: number): Names {
  if (names === 'all' || (depth === 0 && names.size > 0)) return 'all';
  return new Map([...names].map(([name, inner]) => [name, clipped(inner, depth - 1)]));
}
