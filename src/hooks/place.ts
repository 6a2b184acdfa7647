import path from 'node:path';
import type { HookRequest } from './request.ts';
import { existingFolder, findSuperproject, findTree, isSetUp, type Tree } from './tree.ts';

/** Where a request belongs. Loaded by the thin client. */
export interface Place {
  readonly tree: Tree;
  readonly request: HookRequest;
  /** The agent works in another worktree than the one that it is given: its work cannot be judged by what is there. */
  readonly isBeside: boolean;
}

/**
 * To the tree of the file that is edited, where that is one of the session's; else to that of its folder, or, where an agent has gone to a folder of no session, to the one
 * that this is a submodule of, or to the client's project. Null where none has a session, unless one is about to be started; `gone` for a worktree that has been removed: there is
 * nothing to judge any more.
 */
export function placeOf(request: HookRequest, projectFolder: string | null): Place | 'gone' | null {
  const here = findTree(request.cwd);
  const edited = treeOfEdit(request, here, projectFolder);
  if (edited !== null) return moved(request, edited);
  if (here?.hasSession === true) return { tree: here, request, isBeside: false };
  const outer = here === null ? null : findSuperproject(here);
  const tree = outer?.hasSession === true || projectFolder === null ? outer : findTree(projectFolder);
  if (tree?.hasSession !== true) return request.event === 'multi_implement_start' ? placeOfStart(request, here ?? tree) : null;
  if (here === null && /[\\/]\.claude[\\/]worktrees[\\/]/.test(request.cwd)) return 'gone';
  return { ...moved(request, tree), isBeside: here !== null && here.shared !== null && here.shared === tree.shared };
}

function moved(request: HookRequest, tree: Tree): Place {
  return { tree, request: { ...request, cwd: tree.root, files: request.files.map((file) => path.resolve(request.cwd, file)) }, isBeside: false };
}

/** Null where it is that of the agent's folder, or of another session than the agent's and its client's. Whoever is in none may edit in any. */
function treeOfEdit({ event, cwd, files: [file] }: HookRequest, here: Tree | null, projectFolder: string | null): Tree | null {
  if ((event !== 'before_edit' && event !== 'after_edit') || file === undefined) return null;
  const absolute = path.resolve(cwd, file);
  const inner = here?.hasSession === true ? here.roots.filter((root) => absolute.startsWith(root + path.sep)).sort((a, b) => b.length - a.length)[0] : undefined;
  if (inner !== undefined && inner === here?.root) return null;
  const tree = findTree(inner ?? existingFolder(path.dirname(absolute)));
  if (tree?.hasSession !== true) return null;
  const homes = [here, projectFolder === null ? null : findTree(projectFolder)].filter((home) => home?.hasSession === true);
  return homes.length === 0 || homes.some((home) => home?.roots[0] === tree.roots[0]) ? tree : null;
}

/** The first session of a repository has still to be written down. A command of that name may be another's, and is no reason to write anything. */
function placeOfStart(request: HookRequest, tree: Tree | null): Place | null {
  if (tree === null || (request.clientEvent !== request.event && !isSetUp(tree))) return null;
  return { tree, request: { ...request, cwd: tree.root }, isBeside: false };
}
