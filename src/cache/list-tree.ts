import { existsSync } from 'node:fs';
import path from 'node:path';
import { runGit, splitNul, type Environment } from '../system/git.ts';

/** What git says of a tree, at one moment. Paths are posix, relative to the root. */
export interface TreeListing {
  readonly head: string;
  /** The full name of the branch, or HEAD where there is none. */
  readonly branch: string;
  /** The main worktree's root. */
  readonly mainRoot: string;
  /** File → H tracked, ? not, and git's other letters. Not all of them are there. */
  readonly listed: ReadonlyMap<string, string>;
  /** Ignored files; a folder of which everything is ignored ends in a slash, and what is in it is left out. */
  readonly ignored: readonly string[];
}

/** The nearest folder upward of `cwd` that git would take for the root; null outside git. Both absolute and real. */
export function gitRoot(cwd: string): string | null {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.git'))) return folder;
    if (path.dirname(folder) === folder) return null;
  }
}

/** Null where git does not take `root` for the root of a tree with a commit, or cannot be asked. */
export async function listTree(root: string, environment: Environment): Promise<TreeListing | null> {
  const options = { cwd: root, environment };
  const [about, files, ignored] = await Promise.all([
    runGit(['rev-parse', '--path-format=absolute', '--show-toplevel', '--absolute-git-dir', '--git-common-dir', 'HEAD', '--symbolic-full-name', 'HEAD'], options),
    runGit(['ls-files', '-z', '-t', '--cached', '--others', '--exclude-standard', '--exclude=node_modules'], options),
    runGit(['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--exclude=node_modules', '--directory'], options),
  ]);
  if (about.kind !== 'done' || files.kind !== 'done' || ignored.kind !== 'done') return null;
  const [top = '', own = '', common = '', head = '', branch = ''] = about.stdout.split('\n');
  if (path.resolve(top) !== root || !/^[\da-f]{40,64}$/.test(head)) return null;
  const listed = new Map(splitNul(files.stdout).map((line) => [line.slice(2), line.slice(0, 1)] as const));
  return { head, branch, mainRoot: own === common || path.basename(common) !== '.git' ? root : path.dirname(common), listed, ignored: splitNul(ignored.stdout) };
}
