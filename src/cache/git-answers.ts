import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isMissing, readTextIfThere } from '../system/read-text.ts';
import { digestOfEntries, digestOfValue, type Digest } from './digest.ts';
import type { TreeListing } from './list-tree.ts';

/** Branches, also those of remotes, and tags. The others are notes that tools keep for themselves. */
const REFS = ['refs/heads', 'refs/remotes', 'refs/tags'];

/** What git answers from besides commits and files of the tree, in the folder of the repository. */
const SETTINGS = ['config', 'info/attributes', 'info/exclude', 'shallow', 'refs/stash', 'logs/refs/stash'];
/** The same in the folder of the worktree: settings, and what is under way. */
const OF_WORKTREE = ['config.worktree', 'MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'REBASE_HEAD'];

/**
 * What git's usual answers about a tree depend on besides its files: the commit and branch, the index by content, branches, tags, stashes,
 * a merge under way, settings of the repository. Not what was before, notes, other worktrees. `isLeftOut` names files of the index and
 * untracked ones that are none of the project.
 */
export function digestOfGitAnswers({ head, branch, entries, ownFolder, commonFolder }: TreeListing, isLeftOut: (file: string) => boolean): Digest {
  const settings = [...SETTINGS.map((name) => path.join(commonFolder, name)), ...OF_WORKTREE.map((name) => path.join(ownFolder, name))].map((file) => readTextIfThere(file));
  return digestOfValue([head, branch, digestOfEntries([...entries].filter(([file]) => !isLeftOut(file))), digestOfEntries(refsIn(commonFolder)), settings]);
}

/** Where each ref points, however the repository stores it. */
function refsIn(folder: string): Map<string, string> {
  const refs = new Map<string, string>();
  // A list of tables whose names are new with each change; then there are no files of refs.
  const tables = readTextIfThere(path.join(folder, 'reftable/tables.list'));
  if (tables !== null) refs.set('reftable', tables);
  for (const line of (readTextIfThere(path.join(folder, 'packed-refs')) ?? '').split('\n')) {
    const [, target = '', name = ''] = /^([\da-f]+) (\S+)$/.exec(line) ?? [];
    if (REFS.some((kind) => name.startsWith(`${kind}/`))) refs.set(name, target);
  }
  for (const kind of REFS) addLoose(folder, kind, refs);
  return refs;
}

/** One that has a file of its own has moved since it was packed. */
function addLoose(folder: string, name: string, refs: Map<string, string>): void {
  for (const entry of listIfThere(path.join(folder, name))) {
    const child = `${name}/${entry.name}`;
    if (entry.isDirectory()) addLoose(folder, child, refs);
    else if (!entry.name.endsWith('.lock')) refs.set(child, (readTextIfThere(path.join(folder, child)) ?? '').trim());
  }
}

function listIfThere(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
