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
export function firstUnseen({ found, missing }: Names, { files }: TreeState, { outputs }: Pick<CacheSettings, 'outputs'>): string | undefined {
  const isThere = (name: string): boolean => files.has(name) || [...files.keys()].some((file) => file.startsWith(`${bare(name)}/`));
  const isOutput = (name: string): boolean => bare(name).split('/').some((part) => part === 'node_modules' || isOutputName(part) || outputs.includes(part)) || outputs.some((output) => output.includes('/') && `${bare(name)}/`.startsWith(`${bare(output)}/`));
  return found.find((name) => !isThere(name)) ?? missing.find((name) => isOutput(name));
}

function bare(name: string): string {
  return name.replace(/^\.\//, '').replace(/\/$/, '');
}
