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
  /** Git's folder of this worktree, and the one that all worktrees share; absolute. */
  readonly ownFolder: string;
  readonly commonFolder: string;
  /** File → H tracked, ? not, and git's other letters. Not all of them are there. */
  readonly listed: ReadonlyMap<string, string>;
  /** The same files with all that the index says of each: letter, mode, content and stage, and in small letters what is assumed to be unchanged. */
  readonly entries: ReadonlyMap<string, string>;
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
    runGit(['ls-files', '-z', '-v', '--stage', '--cached', '--others', '--exclude-standard', '--exclude=node_modules'], options),
    runGit(['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--exclude=node_modules', '--directory'], options),
  ]);
  if (about.kind !== 'done' || files.kind !== 'done' || ignored.kind !== 'done') return null;
  const [top = '', own = '', common = '', head = '', branch = ''] = about.stdout.split('\n');
  if (path.resolve(top) !== root || !/^[\da-f]{40,64}$/.test(head)) return null;
  const listed = new Map<string, string>();
  const entries = new Map<string, string>();
  for (const line of splitNul(files.stdout)) {
    // `H 100644 <object> 0<tab>name`, and `? name`: those have no entry in the index. One that is not merged has up to three.
    const nameAt = line.startsWith('?') ? 2 : line.indexOf('\t') + 1;
    const name = line.slice(nameAt);
    listed.set(name, line.slice(0, 1).toUpperCase());
    entries.set(name, (entries.get(name) ?? '') + line.slice(0, nameAt));
  }
  const mainRoot = own === common || path.basename(common) !== '.git' ? root : path.dirname(common);
  return { head, branch, mainRoot, ownFolder: own, commonFolder: common, listed, entries, ignored: splitNul(ignored.stdout) };
}
