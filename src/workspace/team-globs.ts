import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { globTest } from '../system/globs.ts';

export type GlobsResult =
  /** `unmatched`: the patterns that match no file, as written; those with `!` are never among them. `removed`: of those that are gone. */
  | { readonly ok: true; readonly files: readonly string[]; readonly removed: readonly string[]; readonly unmatched: readonly string[] }
  | { readonly ok: false; readonly problem: string };

/** The files of a workspace, prepared for asking which of them some globs mean. */
export interface GlobMatcher {
  /**
   * The files that one of the globs matches and no `!` glob does, in the order of the workspace. Relative to the root; a path
   * that names a file or folder means just that, whatever characters are in it. Only negations: everything but those.
   */
  match(globs: readonly string[]): GlobsResult;
}

/** `removed`: files that are gone, which the same globs say whose they were. */
export function createGlobMatcher(root: string, files: readonly string[], removed: readonly string[] = []): GlobMatcher {
  const there = new Set([...files, ...removed]);
  const folders = new Set<string>(['']);
  for (const file of there) {
    for (let slash = file.lastIndexOf('/'); slash > 0 && !folders.has(file.slice(0, slash)); slash = file.lastIndexOf('/', slash - 1)) folders.add(file.slice(0, slash));
  }
  const predicate = (glob: string): ((file: string) => boolean) => {
    // A file may have become a folder of that name.
    if (there.has(glob) || folders.has(glob)) return (file) => glob === '' || file === glob || file.startsWith(`${glob}/`);
    return globTest(glob);
  };
  return {
    match(globs) {
      const wanted: { written: string; matches: (file: string) => boolean }[] = [];
      const unwanted: ((file: string) => boolean)[] = [];
      for (const written of globs) {
        const isNegated = written.startsWith('!') && !written.startsWith('!(') && !there.has(written);
        const glob = relativeToRoot(root, isNegated ? written.slice(1) : written);
        if (glob === null) return { ok: false, problem: `"${written}" is outside the root ${root}; globs are relative to the root` };
        if (isNegated) unwanted.push(predicate(glob));
        else wanted.push({ written, matches: predicate(glob) });
      }
      const isMatched = (file: string): boolean => (wanted.length === 0 && unwanted.length > 0) || wanted.some(({ matches }) => matches(file));
      const isMeant = (file: string): boolean => isMatched(file) && !unwanted.some((matches) => matches(file));
      const unmatched = wanted.filter(({ matches }) => !files.some(matches) && !removed.some(matches)).map(({ written }) => written);
      return { ok: true, files: files.filter(isMeant), removed: removed.filter(isMeant), unmatched };
    },
  };
}

/** Posix, without `./` and a slash at its end; null when it leads out of the root. */
function relativeToRoot(root: string, glob: string): string | null {
  const relative = path.isAbsolute(glob) ? path.relative(root, glob).split(path.sep).join('/') : glob;
  const normal = path.posix.normalize(relative).replace(/\/+$/, '');
  if (normal === '..' || normal.startsWith('../') || path.isAbsolute(normal)) return null;
  return normal === '.' ? '' : normal;
}

export type PathsResult = { readonly ok: true; readonly files: ReadonlySet<string> } | { readonly ok: false; readonly problem: string };

/** The files at or below paths as someone typed them in `cwd`. */
export function filesAtPaths(root: string, files: readonly string[], paths: readonly string[], cwd: string): PathsResult {
  const found = new Set<string>();
  for (const written of paths) {
    const absolute = realFolderOf(path.resolve(cwd, written));
    const relative = path.relative(root, absolute).split(path.sep).join('/');
    if (relative === '..' || relative.startsWith('../') || path.isAbsolute(relative)) {
      return { ok: false, problem: `${written} is outside the root ${root}; give paths inside it, or another --cwd` };
    }
    if (!existsSync(absolute)) return { ok: false, problem: `${written} does not exist in ${cwd}` };
    const below = files.filter((file) => relative === '' || file === relative || file.startsWith(`${relative}/`));
    if (below.length === 0) return { ok: false, problem: `${written} holds no file to check: everything in it is ignored by git or excluded by the configuration` };
    for (const file of below) found.add(file);
  }
  return { ok: true, files: found };
}

/** The root is a real path, what people type need not be. The last part stays: a link is a file of its own. */
function realFolderOf(absolute: string): string {
  const folder = path.dirname(absolute);
  if (!existsSync(folder)) return absolute;
  const real = path.join(realpathSync(folder), path.basename(absolute));
  return statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true ? realpathSync(absolute) : real;
}
