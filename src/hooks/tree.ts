import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { COORDINATION_FILE, RELAY_FOLDER } from '../model/relay-files.ts';
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
}

/** Null where there is no such folder, or none of a repository or package. */
export function findTree(cwd: string): Tree | null {
  const folder = realFolder(cwd);
  if (folder === null) return null;
  const root = upward(folder, '.git') ?? upward(folder, 'package.json');
  if (root === null) return null;
  const main = mainRootOf(root);
  if (main === null) return { root, roots: [root], relay: null, hasSession: true };
  const relay = isRelayElsewhere(main) || isRelayElsewhere(root) ? null : path.join(main, RELAY_FOLDER);
  return { root, roots: [...new Set([main, root, ...linkedRoots(main)])], relay, hasSession: relay === null || statOf(path.join(relay, COORDINATION_FILE)) !== null };
}

function upward(folder: string, mark: string): string | null {
  for (let current = folder; ; current = path.dirname(current)) {
    if (statOf(path.join(current, mark)) !== null) return current;
    if (path.dirname(current) === current) return null;
  }
}

/** A linked worktree has a file `.git` that leads to `<main>/.git/worktrees/<name>`; null where it leads elsewhere. */
function mainRootOf(root: string): string | null {
  const mark = path.join(root, '.git');
  if (statOf(mark)?.isFile() !== true) return root;
  const target = /^gitdir: (.+?)\s*$/m.exec(textOf(mark) ?? '')?.[1];
  const found = target === undefined ? null : /^(.*)[\\/]\.git[\\/]worktrees[\\/][^\\/]+$/.exec(path.resolve(root, target));
  return found?.[1] === undefined ? null : realFolder(found[1]);
}

function linkedRoots(main: string): string[] {
  const folder = path.join(main, '.git', 'worktrees');
  return namesIn(folder).flatMap((name) => {
    const mark = textOf(path.join(folder, name, 'gitdir'));
    return mark === null ? [] : (realFolder(path.dirname(mark.trim())) ?? []);
  });
}

/**
 * Whether a configuration has the word. Where none does, the relay is where it is by default; where one does, whoever loads it knows. Programs are
 * not run for it, and of package.json only our part counts: anybody may call a script or a package so.
 */
function isRelayElsewhere(root: string): boolean {
  const own = valueAt(parsePayload(textOf(path.join(root, 'package.json')) ?? ''), 'spark-gates');
  if (isPayload(own) && Object.hasOwn(own, 'relay')) return true;
  const configs = namesIn(root).filter((name) => /^spark-gates\.config\.\w+$/.test(name));
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
