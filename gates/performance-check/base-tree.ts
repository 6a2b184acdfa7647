import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { RunContext } from '../../src/model/run-context.ts';
import { REPOSITORY_VARIABLES } from '../../src/system/git.ts';
import type { SubprocessResult } from '../../src/system/subprocess.ts';
import { workspacePath } from '../engines/workspace-path.ts';
import type { Tree } from './run-benchmarks.ts';

export type BaseTree = { readonly ok: true; readonly tree: Tree } | { readonly ok: false; readonly problem: string };

/**
 * Writes the tree of the base commit into a temporary folder, with the installed packages of this one. Through an index of
 * its own, so that neither the repository's index nor its list of worktrees is touched; `git archive` would leave out what
 * .gitattributes keeps from releases, which is often the benchmarks.
 */
export async function makeBaseTree(ref: string, context: RunContext): Promise<BaseTree> {
  const { root } = context.workspace;
  const temp = await context.tempFolder();
  const index = path.join(temp, 'index');
  const folder = path.join(temp, 'base');
  const git = (args: readonly string[]): Promise<SubprocessResult> =>
    context.subprocess({ file: 'git', args, cwd: root, environment: { ...Object.fromEntries(REPOSITORY_VARIABLES.map((name) => [name, undefined])), GIT_INDEX_FILE: index, LC_ALL: 'C' } });

  // Where HEAD left the base: what others added there since is not this tree's doing.
  const found = await git(['merge-base', '--end-of-options', ref, 'HEAD']);
  const commit = found.stdout.trim();
  if (!succeeded(found) || commit === '') return { ok: false, problem: `base "${ref}" has no commit in common with HEAD here; fetch it, with its history` };
  for (const args of [['read-tree', commit], ['checkout-index', '--all', '--force', `--prefix=${folder}/`]]) {
    const result = await git(args);
    if (!succeeded(result)) return { ok: false, problem: `git ${args[0] ?? ''} of ${commit} failed: ${result.stderr.trim()}` };
  }
  await mkdir(folder, { recursive: true });
  for (const one of context.workspace.packages) await linkPackages(root, folder, one.folder);
  return { ok: true, tree: { root: folder, title: `the base commit ${commit.slice(0, 9)}` } };
}

function succeeded({ outcome }: SubprocessResult): boolean {
  return outcome.kind === 'exited' && outcome.exitCode === 0;
}

/** node_modules of one package, entry by entry: a link to a package of the workspace itself must lead to the base's, not to this tree's. */
async function linkPackages(root: string, base: string, folder: string): Promise<void> {
  const from = path.join(root, folder, 'node_modules');
  const to = path.join(base, folder, 'node_modules');
  if (!existsSync(from) || !existsSync(path.join(base, folder)) || existsSync(to)) return;
  await mkdir(to);
  for (const name of await readdir(from)) {
    if (!name.startsWith('@')) {
      await linkEntry(name, { root, base, from, to });
      continue;
    }
    await mkdir(path.join(to, name));
    for (const scoped of await readdir(path.join(from, name))) await linkEntry(`${name}/${scoped}`, { root, base, from, to });
  }
}

interface Link {
  readonly root: string;
  readonly base: string;
  readonly from: string;
  readonly to: string;
}

async function linkEntry(name: string, { root, base, from, to }: Link): Promise<void> {
  const entry = path.join(from, name);
  // Links that lead nowhere, and the package manager's own notes, are no packages.
  if (!existsSync(entry) || !(await stat(entry)).isDirectory()) return;
  const real = await realpath(entry);
  const inside = workspacePath(root, real);
  const isOwn = inside !== null && !inside.split('/').includes('node_modules');
  // A junction needs no rights on Windows, and is an ordinary link elsewhere.
  await symlink(isOwn ? path.join(base, inside) : real, path.join(to, name), 'junction');
}
