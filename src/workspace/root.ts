import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { runGit, type Environment, type GitOptions } from '../system/git.ts';
import { statIfThere } from '../system/read-text.ts';
import { WorkspaceError } from './workspace-error.ts';

export interface Root {
  /** Absolute real path. */
  readonly root: string;
  /** The main worktree's root; equals `root` outside a linked worktree. */
  readonly mainRoot: string;
  readonly isGit: boolean;
  /** Commit id of HEAD, or null outside git and before the first commit. */
  readonly head: string | null;
}

/**
 * Where the tree under check begins: git's top level of `cwd`, else the nearest folder upward that holds a package.json,
 * else `cwd` itself. Throws `WorkspaceError` when `cwd` is no folder, or git refuses to look at the repository.
 */
export async function findRoot(cwd: string, environment: Environment): Promise<Root> {
  const folder = await realFolder(cwd);
  const options: GitOptions = { cwd: folder, environment };
  const [places, head] = await Promise.all([findPlaces(options), findHead(options)]);
  if (places === null) {
    const root = onOneLine(nearestPackage(folder) ?? folder);
    return { root, mainRoot: root, isGit: false, head: null };
  }
  const root = onOneLine(await realpath(places.topLevel));
  const mainRoot = await findMainRoot(root, places);
  return { root, mainRoot, isGit: true, head };
}

/** The real roots of all worktrees of the repository that exist, the main one first; the root alone outside git. */
export async function findWorktrees({ root, mainRoot, isGit }: Root, environment: Environment): Promise<string[]> {
  if (!isGit) return [root];
  const listed = await askPath(['worktree', 'list', '--porcelain'], { cwd: root, environment });
  const folders = (listed ?? '').split('\n').flatMap((line) => (line.startsWith('worktree ') ? [line.slice('worktree '.length)] : []));
  const real = await Promise.all(folders.map(async (folder) => ((await statIfThere(folder)) === null ? [] : [await realpath(folder)])));
  return [...new Set([mainRoot, root, ...real.flat()])];
}

/** Vitest and V8's coverage would report files of such a path as not run, and say nothing about it. */
function onOneLine(root: string): string {
  if (!/[\n\r]/.test(root)) return root;
  throw new WorkspaceError('line-break', `the path of the repository holds a line break, which test runners cannot handle: ${JSON.stringify(root)}; rename the folder`);
}

async function realFolder(cwd: string): Promise<string> {
  const stat = await statIfThere(cwd);
  if (stat === null) throw new WorkspaceError('no-such-folder', `${cwd}: there is no such folder; give the folder of the repository to check`);
  if (!stat.isDirectory()) throw new WorkspaceError('not-a-folder', `${cwd} is a file; give the folder of the repository to check`);
  return realpath(cwd);
}

/** Null where there is no work tree (or no git at all); a repository that git refuses to read is an error, not "no git". */
async function askPath(args: readonly string[], options: GitOptions): Promise<string | null> {
  const result = await runGit(args, options);
  if (result.kind === 'missing') return null;
  if (result.kind === 'done') return result.stdout.replace(/\r?\n$/, '');
  if (/not a git repository|must be run in a work tree/.test(result.message)) return null;
  throw new WorkspaceError('git-refused', `${options.cwd}: git cannot read this repository: ${result.message.split('\n').join(' ')}`);
}

interface Places {
  readonly topLevel: string;
  /** Null where git does not say. */
  readonly ownFolder: string | null;
  readonly commonFolder: string | null;
}

/** In one question where no path holds a line break. */
async function findPlaces(options: GitOptions): Promise<Places | null> {
  const own = ['--absolute-git-dir'];
  const common = ['--path-format=absolute', '--git-common-dir'];
  const together = await askPath(['rev-parse', '--show-toplevel', ...own, ...common], options);
  if (together === null) return null;
  const [topLevel = '', ownFolder = '', commonFolder = '', ...more] = together.split(/\r?\n/);
  if (more.length === 0 && commonFolder !== '') return { topLevel, ownFolder, commonFolder };
  const [first, second, third] = await Promise.all([['--show-toplevel'], own, common].map((question) => askPath(['rev-parse', ...question], options)));
  return first === null || first === undefined ? null : { topLevel: first, ownFolder: second ?? null, commonFolder: third ?? null };
}

async function findMainRoot(root: string, { ownFolder: own, commonFolder: common }: Places): Promise<string> {
  // Also a submodule and a work tree apart from its git folder: each is its own main worktree.
  if (own === null || common === null || path.resolve(own) === path.resolve(common)) return root;
  // A bare repository with linked worktrees has no main worktree.
  if (path.basename(common) !== '.git') return root;
  return realpath(path.dirname(common));
}

async function findHead(options: GitOptions): Promise<string | null> {
  const result = await runGit(['rev-parse', '--verify', '--quiet', 'HEAD'], options);
  return result.kind === 'done' ? result.stdout.trim() : null;
}

function nearestPackage(folder: string): string | null {
  for (let current = folder; ; current = path.dirname(current)) {
    if (existsSync(path.join(current, 'package.json'))) return current;
    if (path.dirname(current) === current) return null;
  }
}
