import { existsSync } from 'node:fs';
import path from 'node:path';
import type { HookRequest } from './request.ts';
import { editedRoots } from './thin-ledger.ts';
import { findSuperproject, findTree, isSetUp, type Tree } from './tree.ts';

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
  const project = projectFolder === null ? null : findTree(projectFolder);
  const edited = treeOfEdit(request, [here, project]);
  if (edited !== null) return moved(request, edited);
  if (here?.hasSession === true) return { tree: here, request, isBeside: false };
  const outer = here === null ? null : findSuperproject(here);
  const tree = outer?.hasSession === true ? outer : project ?? outer;
  if (tree?.hasSession !== true) return request.event === 'multi_implement_start' ? placeOfStart(request, here ?? tree) : null;
  if (here === null && /[\\/]\.claude[\\/]worktrees[\\/]/.test(request.cwd)) return 'gone';
  return { ...moved(request, tree), isBeside: here !== null && here.shared !== null && here.shared === tree.shared };
}

/** An agent may end in a folder where it has changed nothing: it is judged where its work is, as long as that is there. */
export function placeOfEnd(tree: Tree, request: HookRequest): { readonly tree: Tree; readonly request: HookRequest } {
  const { relay } = tree;
  if (request.event !== 'team_phase_complete' || relay === null) return { tree, request };
  const roots = editedRoots(relay, request.agentId);
  if (roots.includes(tree.root)) return { tree, request };
  const worked = roots.map((root) => findTree(root)).findLast((found) => found !== null && found.relay === relay && roots.includes(found.root)) ?? null;
  return worked === null ? { tree, request } : moved(request, worked);
}

function moved(request: HookRequest, tree: Tree): Place {
  return { tree, request: { ...request, cwd: tree.root, files: request.files.map((file) => path.resolve(request.cwd, file)) }, isBeside: false };
}

/** Null where it is of none of the session that the agent or its client is in. */
function treeOfEdit({ event, cwd, files: [file] }: HookRequest, homes: readonly (Tree | null)[]): Tree | null {
  if ((event !== 'before_edit' && event !== 'after_edit') || file === undefined) return null;
  const tree = findTree(existingFolder(path.dirname(path.resolve(cwd, file))));
  if (tree?.hasSession !== true) return null;
  const sessions = homes.filter((home) => home?.hasSession === true);
  return sessions.length === 0 || sessions.some((home) => home?.roots[0] === tree.roots[0]) ? tree : null;
}

function existingFolder(folder: string): string {
  for (let current = folder; ; current = path.dirname(current)) if (existsSync(current) || path.dirname(current) === current) return current;
}

/** The first session of a repository has still to be written down. A command of that name may be another's, and is no reason to write anything. */
function placeOfStart(request: HookRequest, tree: Tree | null): Place | null {
  if (tree === null || (request.clientEvent !== request.event && !isSetUp(tree))) return null;
  return { tree, request: { ...request, cwd: tree.root }, isBeside: false };
}
