import picomatch from 'picomatch';
import { isSharedResource } from './shared-resources.ts';
import { normalPath } from './task-files.ts';

/**
 * The first pair of files, as written, that two tasks may both change; null when there is none. The test errs on the side
 * of "may": tasks kept apart without need cost time, tasks side by side that should not be cost work.
 *
 * - Two paths meet when they are the same, or one is a folder above the other.
 * - A path meets a glob that matches it, one that lies below it, and, when its last part has no dot and so may be a folder,
 *   any glob whose fixed beginning is above it.
 * - Two globs meet when the fixed beginning of one is at or above the other's, unless both end in different suffixes.
 * - Letter case is ignored, as half of all file systems do. A `!` glob takes nothing away; a task of those only means everything.
 * - A shared resource that both name by its path is none: it is leased.
 */
export function conflictBetween(a: readonly string[], b: readonly string[]): { readonly a: string; readonly b: string } | null {
  for (const left of prepare(a)) {
    for (const right of prepare(b)) {
      if (left.isShared && right.isShared) continue;
      if (mayMeet(left, right)) return { a: left.written, b: right.written };
    }
  }
  return null;
}

interface Pattern {
  readonly written: string;
  /** In one spelling and one case. */
  readonly text: string;
  /** What stands before the first wildcard; all of it when there is none. */
  readonly base: string;
  /** Null: a path. */
  readonly matches: ((file: string) => boolean) | null;
  readonly isShared: boolean;
}

/** Every task is held against every other: what is known of its files is worked out once. */
const prepared = new WeakMap<readonly string[], readonly Pattern[]>();

function prepare(files: readonly string[]): readonly Pattern[] {
  const known = prepared.get(files);
  if (known !== undefined) return known;
  const patterns = wanted(files).map((written): Pattern => {
    const text = normalPath(written).toLowerCase();
    const { isGlob, base } = picomatch.scan(text);
    return { written, text, base: isGlob ? base : text, matches: isGlob ? picomatch(text, { dot: true }) : null, isShared: isSharedResource(written) };
  });
  prepared.set(files, patterns);
  return patterns;
}

function wanted(patterns: readonly string[]): readonly string[] {
  const positive = patterns.filter((pattern) => !pattern.startsWith('!') || pattern.startsWith('!('));
  return positive.length === 0 && patterns.length > 0 ? ['**'] : positive;
}

function mayMeet(a: Pattern, b: Pattern): boolean {
  if (a.matches !== null && b.matches !== null) return areNested(a.base, b.base) && suffixesMayMeet(a.text, b.text);
  if (a.matches !== null) return pathMeetsGlob(b.text, a);
  return b.matches === null ? areNested(a.text, b.text) : pathMeetsGlob(a.text, b);
}

function pathMeetsGlob(file: string, { matches, base }: Pattern): boolean {
  if (isAtOrBelow(base, file) || matches?.(file) === true) return true;
  const mayBeFolder = !file.slice(file.lastIndexOf('/') + 1).includes('.');
  return mayBeFolder && isAtOrBelow(file, base);
}

/** `*.ts` and `*.test.ts` may, `*.ts` and `*.md` not. What is not plainly a star and a suffix may meet anything. */
function suffixesMayMeet(a: string, b: string): boolean {
  const left = suffixOf(a);
  const right = suffixOf(b);
  return left === null || right === null || left.endsWith(right) || right.endsWith(left);
}

function suffixOf(glob: string): string | null {
  return /(?:^|[/*])\*(\.[\w.-]+)$/.exec(glob)?.[1] ?? null;
}

function areNested(a: string, b: string): boolean {
  return isAtOrBelow(a, b) || isAtOrBelow(b, a);
}

function isAtOrBelow(file: string, folder: string): boolean {
  return folder === '' || folder === '.' || file === folder || file.startsWith(`${folder}/`);
}
