import type { Ignore } from 'ignore';
import picomatch from 'picomatch';

/** Tells whether a glob, or one of several, means a path; names that start with a dot included. None mean nothing. */
export function globTest(globs: string | readonly string[]): (file: string) => boolean {
  // A name may hold a line break, which a star stands for like any other character.
  if (globs.length === 0) return () => false;
  const matches = picomatch(typeof globs === 'string' ? globs : [...globs], { dot: true, flags: 's' });
  // Taken as it is for a callback of `some` or `filter`, it would read their second argument as a wish for an object.
  return (file) => matches(file);
}

/** Tells whether rules in the form of a .gitignore mean a path. */
export function ignoreTest(rules: Ignore): (file: string) => boolean {
  return (file) => rules.ignores(onOneLine(file));
}

/**
 * A path as rules in the form of a .gitignore can be asked about it: they stand on one line each, so that no rule names a
 * line break, and the regular expressions that they become have no star that means one.
 */
export function onOneLine(file: string): string {
  return file.replaceAll(/[\n\r\u2028\u2029]/g, '\u0001');
}
