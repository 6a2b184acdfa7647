import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { COORDINATION_FILE, EVENTS_FILE, RELAY_FOLDER } from '../model/relay-files.ts';
import { isPayload, parsePayload, valueAt } from './payload.ts';

/** Where an agent works, found without git and without reading a configuration. Loaded by the thin client: node: built-ins only. */
export interface Tree {
  /** Absolute real path. */
  readonly root: string;
  /** Real roots of all worktrees, the main one first. */
  readonly roots: readonly string[];
  /** Absolute; null where only the configuration can tell. */
  readonly relay: string | null;
  /** Whether there is a session in it; true also where only the configuration can tell. */
  readonly hasSession: boolean;
  /** For a worktree of a repository that has no main one: the git folder that all of them share. */
  readonly shared: string | null;
}

/** Null where there is no such folder, or none of a repository or package. */
export function findTree(cwd: string): Tree | null {
  const folder = realFolder(cwd);
  if (folder === null) return null;
  const root = upward(folder, '.git') ?? upward(folder, 'package.json');
  if (root === null) return null;
  const main = mainRootOf(root);
  if (main === null) return { root, roots: [root], relay: null, hasSession: isRelayElsewhere(root) || hasCoordination(path.join(root, RELAY_FOLDER)), shared: sharedFolderOf(root) };
  const relay = isRelayElsewhere(main) || isRelayElsewhere(root) ? null : path.join(main, RELAY_FOLDER);
  return { root, roots: [...new Set([main, root, ...linkedRoots(main)])], relay, hasSession: relay === null || hasCoordination(relay), shared: null };
}

/**
 * The tree that a submodule is part of, and so on until there is a session: its teams' files are in there. Found by where it lies: an agent's worktree
 * has submodules of its own.
 */
export function findSuperproject({ root }: Tree): Tree | null {
  if (!/[\\/]modules[\\/]/.test(gitFolderOf(root) ?? '') || sharedFolderOf(root) !== null) return null;
  const outer = findTree(path.dirname(root));
  return outer === null || outer.hasSession ? outer : findSuperproject(outer);
}

/** The folder itself, or the nearest above it that is there. */
export function existingFolder(folder: string): string {
  for (let current = folder; ; current = path.dirname(current)) if (statOf(current) !== null || path.dirname(current) === current) return current;
}

function upward(folder: string, mark: string): string | null {
  for (let current = folder; ; current = path.dirname(current)) {
    if (statOf(path.join(current, mark)) !== null) return current;
    if (path.dirname(current) === current) return null;
  }
}

/** Where a file `.git` leads; null where it is a folder, or says nothing. */
function gitFolderOf(root: string): string | null {
  const target = /^gitdir: (.+)$/m.exec(textOf(path.join(root, '.git')) ?? '')?.[1];
  return target === undefined ? null : path.resolve(root, target.trimEnd());
}

/** A linked worktree has a file `.git` that leads to `<main>/.git/worktrees/<name>`; null where it leads elsewhere: to a submodule's, to a bare repository. */
function mainRootOf(root: string): string | null {
  if (statOf(path.join(root, '.git'))?.isFile() !== true) return root;
  const main = /^(.*)[\\/]\.git[\\/]worktrees[\\/][^\\/]+$/.exec(gitFolderOf(root) ?? '')?.[1];
  return main === undefined ? null : realFolder(main);
}

/** Git writes it down for a linked worktree, and for nothing else. */
function sharedFolderOf(root: string): string | null {
  const own = gitFolderOf(root);
  const shared = own === null ? null : textOf(path.join(own, 'commondir'));
  return own === null || shared === null ? null : realFolder(path.resolve(own, shared.trim()));
}

/** The log has it all: a session does not end by taking its document away. */
function hasCoordination(relay: string): boolean {
  return [COORDINATION_FILE, EVENTS_FILE].some((name) => statOf(path.join(relay, name)) !== null);
}

function linkedRoots(main: string): string[] {
  const folder = path.join(main, '.git', 'worktrees');
  return namesIn(folder).flatMap((name) => {
    const mark = textOf(path.join(folder, name, 'gitdir'));
    return mark === null ? [] : (realFolder(path.dirname(path.resolve(folder, name, mark.trim()))) ?? []);
  });
}

/** Whether a session could be started here, as far as its place tells: there are tasks, a configuration or a relay. Anywhere else the command is not ours. */
export function isSetUp({ root, roots: [main = root] }: Tree): boolean {
  if (statOf(path.join(main, RELAY_FOLDER)) !== null) return true;
  return [main, root].some((folder) => ownSettings(folder) !== undefined || namesIn(folder).some((name) => CONFIG.test(name) || /^tasks\.(?:json|ya?ml|md)$/i.test(name)));
}

const CONFIG = /^spark-gates\.config\.\w+$/;

/** Our part of package.json. */
function ownSettings(root: string): unknown {
  return valueAt(parsePayload(textOf(path.join(root, 'package.json')) ?? ''), 'spark-gates');
}

/**
 * Whether a configuration has the word. Where none does, the relay is where it is by default; where one does, whoever loads it knows. Programs are
 * not run for it, and of package.json only our part counts: anybody may call a script or a package so.
 */
function isRelayElsewhere(root: string): boolean {
  const own = ownSettings(root);
  if (isPayload(own) && Object.hasOwn(own, 'relay')) return true;
  const configs = namesIn(root).filter((name) => CONFIG.test(name));
  return configs.some((name) => /["'\s]relay["']?\s*:|\brelay\b\s*[,}]/.test(textOf(path.join(root, name)) ?? ''));
}

function realFolder(folder: string): string | null {
  if (statOf(folder)?.isDirectory() !== true) return null;
  return realpathSync.native(folder);
}

function statOf(file: string): ReturnType<typeof statSync> | null {
  return orNull(() => statSync(file));
}

function textOf(file: string): string | null {
  return orNull(() => readFileSync(file, 'utf8'));
}

function namesIn(folder: string): string[] {
  return orNull(() => readdirSync(folder)) ?? [];
}

/** What cannot be looked at is not there: whoever does the real work says why. */
function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
