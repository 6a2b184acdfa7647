import { realpathSync } from 'node:fs';
import path from 'node:path';
import { isMissing } from '../system/read-text.ts';
import { isOutputName } from './file-kinds.ts';
import type { CacheSettings, TreeState } from './tree-state.ts';

/** Names of files and folders, relative to the root, by whether a check found them. */
export interface Names {
  readonly found: readonly string[];
  readonly missing: readonly string[];
}

/**
 * The first one that could come or go without the state being another one, if any: what git ignores as a tool's own, what lies
 * in git's folder, an empty folder.
 */
export function firstUnseen({ found, missing }: Names, { root, files }: TreeState, { outputs }: Pick<CacheSettings, 'outputs'>): string | undefined {
  const folders = new Set([...files.keys()].flatMap((file) => foldersOf(file)));
  const isThere = (name: string): boolean => files.has(name) || folders.has(bare(name));
  const isOutput = (name: string): boolean => bare(name).split('/').some((part) => part === 'node_modules' || isOutputName(part) || outputs.includes(part)) || outputs.some((output) => output.includes('/') && `${bare(name)}/`.startsWith(`${bare(output)}/`));
  // What lies behind a link within the tree is listed where the link leads to.
  return found.find((name) => !isThere(name) && !isThere(realName(root, name))) ?? missing.find((name) => isOutput(name));
}

function realName(root: string, name: string): string {
  try {
    return path.relative(root, realpathSync(path.join(root, name))).split(path.sep).join('/');
  } catch (error) {
    if (isMissing(error)) return name;
    throw error;
  }
}

/** The folders that a path names on its way. */
function foldersOf(file: string): string[] {
  const folders: string[] = [];
  for (let at = file.indexOf('/', 1); at !== -1; at = file.indexOf('/', at + 1)) folders.push(file.slice(0, at));
  return folders;
}

function bare(name: string): string {
  return name.replace(/^\.\//, '').replace(/\/$/, '');
}
