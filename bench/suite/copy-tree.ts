import { lstatSync, readdirSync } from 'node:fs';
import { appendFile, cp, lstat, mkdir, readlink, realpath, symlink } from 'node:fs/promises';
import path from 'node:path';
import { runGit } from '../../src/system/git.ts';
import { BenchTrouble } from './bench-trouble.ts';

export interface CopyOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Its reason is thrown, at the next file. */
  readonly signal: AbortSignal;
}

const IDENTITY = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'commit.gpgsign=false', '-c', 'init.defaultBranch=main', '-c', 'core.hooksPath=/dev/null'];

/** Ours in the copy: the configurations of the modes. */
export const CONFIG_FOLDER = '.spark-gates-bench';

/**
 * Copies a repository to measure it there: files are edited and tools leave things behind, and none of that is to happen to the
 * original. Installed packages are linked, packages of the workspace among them to their copies; sockets and pipes are left out. The copy is
 * a repository with one commit.
 */
export async function copyTree(from: string, to: string, options: CopyOptions): Promise<void> {
  await copyFiles(from, to, options.signal);
  await git(['init', '--quiet'], to, options);
  // A pattern for folders, as most have it in their .gitignore, does not mean links.
  await appendFile(path.join(to, '.git', 'info', 'exclude'), `node_modules\n${CONFIG_FOLDER}\n`);
  await git(['add', '--all'], to, options);
  await git([...IDENTITY, 'commit', '--quiet', '--no-verify', '--message', 'Copy'], to, options);
}

/** Makes another worktree of a copy, with all its files, those that git ignores too. */
export async function addWorktree(from: string, copy: string, to: string, options: CopyOptions): Promise<void> {
  await git(['worktree', 'add', '--quiet', '--detach', '--no-checkout', to, 'HEAD'], copy, options);
  await copyFiles(from, to, options.signal);
  await git(['reset', '--quiet'], to, options);
}

async function copyFiles(from: string, to: string, signal: AbortSignal): Promise<void> {
  const folders: string[] = [];
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => {
      signal.throwIfAborted();
      const name = path.basename(source);
      if (name === 'node_modules') folders.push(path.relative(from, source));
      return name !== 'node_modules' && name !== '.git' && isCopied(source);
    },
  });
  for (const folder of folders) await linkPackages(folder, from, to);
}

/** Sockets, pipes and devices cannot be copied, and no tool reads them. */
function isCopied(source: string): boolean {
  const stats = lstatSync(source, { throwIfNoEntry: false });
  return stats !== undefined && (stats.isFile() || stats.isDirectory() || stats.isSymbolicLink());
}

/** As a whole where it leads nowhere back into the repository, else entry by entry. */
async function linkPackages(folder: string, from: string, to: string): Promise<void> {
  const source = await realpath(path.join(from, folder));
  const target = path.join(to, folder);
  const entries = packageEntries(source);
  const inner = (await Promise.all(entries.filter((entry) => lstatSync(path.join(source, entry)).isSymbolicLink()).map((entry) => innerTarget(path.join(source, entry), from)))).some((one) => one !== null);
  if (!inner) {
    await symlink(source, target, 'dir');
    return;
  }
  for (const entry of [...entries, ...readdirSync(source).filter((name) => name.startsWith('.'))]) {
    await mkdir(path.dirname(path.join(target, entry)), { recursive: true });
    const own = await innerTarget(path.join(source, entry), from);
    await symlink(own === null ? path.join(source, entry) : path.join(to, own), path.join(target, entry));
  }
}

/** `name` and `@scope/name`. */
function packageEntries(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.startsWith('.')).flatMap((name) => (name.startsWith('@') ? readdirSync(path.join(folder, name)).map((one) => `${name}/${one}`) : [name]));
}

/** Where in the repository a link leads, relative to it; null where it is none, or leads elsewhere. */
async function innerTarget(entry: string, root: string): Promise<string | null> {
  if (!(await lstat(entry)).isSymbolicLink()) return null;
  const relative = path.relative(await realpath(root), path.resolve(path.dirname(entry), await readlink(entry)));
  return relative.startsWith('..') || path.isAbsolute(relative) || relative.split(path.sep).includes('node_modules') ? null : relative;
}

async function git(args: readonly string[], cwd: string, { environment, signal }: CopyOptions): Promise<void> {
  signal.throwIfAborted();
  const result = await runGit(args, { cwd, environment });
  if (result.kind === 'missing') throw new BenchTrouble('benchmarks need git; install it');
  if (result.kind === 'failed') throw new BenchTrouble(`git ${args.find((word) => !word.startsWith('-') && !word.includes('=')) ?? ''} failed in the copy of the repository: ${result.message}`);
}
