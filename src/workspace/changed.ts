import { compareText } from '../model/finding.ts';
import { runGit, splitNul, type GitOptions, type Environment } from '../system/git.ts';
import type { FileList } from './files.ts';
import type { Root } from './root.ts';
import { WorkspaceError } from './workspace-error.ts';

export interface Changes {
  /** Files of the workspace that differ, untracked ones included; null outside git. */
  readonly changed: readonly string[] | null;
  /** Files that are gone. */
  readonly removed: readonly string[];
}

/** What differs from the base by git's own account, untracked files apart; null where there is nothing to compare with. */
export interface Differences {
  readonly differing: readonly string[];
  readonly gone: readonly string[];
}

/**
 * What differs from `base`. Relative to the point where HEAD left `base`, so that what others added to it since is not ours.
 * Asks git alone, so that it can run beside the listing of files.
 */
export async function findDifferences(root: Root, base: string, environment: Environment): Promise<Differences | null> {
  if (!root.isGit || root.head === null) return null;
  const options: GitOptions = { cwd: root.root, environment };
  const from = base === 'HEAD' ? root.head : await findMergeBase(base, options);
  const words = await list(['diff', '--name-status', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules=all', from, '--'], options);
  const differing: string[] = [];
  const gone: string[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [status = '', file = ''] = words.slice(at, at + 2);
    differing.push(file);
    if (status === 'D') gone.push(file);
  }
  return { differing, gone };
}

/** Before the first commit everything is changed. */
export function changesOf(root: Root, { files, untracked }: FileList, differences: Differences | null): Changes {
  if (!root.isGit) return { changed: null, removed: [] };
  if (differences === null) return { changed: [...files], removed: [] };
  const changed = new Set([...differences.differing, ...untracked]);
  const there = new Set(files);
  return { changed: files.filter((file) => changed.has(file)).sort(compareText), removed: differences.gone.filter((file) => !there.has(file)).sort(compareText) };
}

/** Files that commits since an instant, in ms, touched; some may be gone. None where git does not tell. */
export async function listCommitted(sinceMs: number, options: GitOptions): Promise<string[]> {
  const result = await runGit(['log', '-z', '-m', '--name-only', '--no-renames', '--format=', `--since=@${String(Math.floor(sinceMs / 1000))}`, 'HEAD', '--'], options);
  return result.kind === 'done' ? [...new Set(splitNul(result.stdout))].sort(compareText) : [];
}

/** The commit where HEAD left `base`. */
export async function findMergeBase(base: string, options: GitOptions): Promise<string> {
  const commit = base.startsWith('-') ? null : await ask(['rev-parse', '--verify', '--quiet', `${base}^{commit}`], options);
  if (commit === null) {
    throw new WorkspaceError('unknown-base', `base "${base}" is no commit of this repository; give a branch, tag or commit that was fetched`);
  }
  const mergeBase = await ask(['merge-base', commit, 'HEAD'], options);
  if (mergeBase === null) {
    throw new WorkspaceError('no-common-ancestor', `base "${base}" has no commit in common with HEAD here; in a shallow clone, fetch more history`);
  }
  return mergeBase;
}

async function ask(args: readonly string[], options: GitOptions): Promise<string | null> {
  const result = await runGit(args, options);
  return result.kind === 'done' ? result.stdout.trim() : null;
}

async function list(args: readonly string[], options: GitOptions): Promise<string[]> {
  const result = await runGit(args, options);
  if (result.kind === 'done') return splitNul(result.stdout);
  throw new WorkspaceError('git-refused', `${options.cwd}: git ${args[0] ?? ''} failed: ${result.kind === 'failed' ? result.message : 'git is gone'}`);
}
