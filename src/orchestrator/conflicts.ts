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
  for (const left of wanted(a)) {
    for (const right of wanted(b)) {
      if (isSharedResource(left) && normalPath(left) === normalPath(right)) continue;
      if (mayMeet(foldCase(left), foldCase(right))) return { a: left, b: right };
    }
  }
  return null;
}

function wanted(patterns: readonly string[]): readonly string[] {
  const positive = patterns.filter((pattern) => !pattern.startsWith('!') || pattern.startsWith('!('));
  return positive.length === 0 && patterns.length > 0 ? ['**'] : positive;
}

function mayMeet(a: string, b: string): boolean {
  const left = picomatch.scan(a);
  const right = picomatch.scan(b);
  if (!left.isGlob && !right.isGlob) return isAtOrBelow(a, b) || isAtOrBelow(b, a);
  if (left.isGlob && right.isGlob) return (isAtOrBelow(left.base, right.base) || isAtOrBelow(right.base, left.base)) && suffixesMayMeet(a, b);
  return left.isGlob ? pathMeetsGlob(b, a, left.base) : pathMeetsGlob(a, b, right.base);
}

function pathMeetsGlob(file: string, glob: string, base: string): boolean {
  if (picomatch(glob, { dot: true })(file) || isAtOrBelow(base, file)) return true;
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

function isAtOrBelow(file: string, folder: string): boolean {
  return folder === '' || folder === '.' || file === folder || file.startsWith(`${folder}/`);
}

function foldCase(pattern: string): string {
  return normalPath(pattern).toLowerCase();
}
