import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { statIfThere } from '../system/read-text.ts';
import { findRoot } from '../workspace/root.ts';

export interface Located {
  readonly cwd: string;
  readonly paths: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Paths narrow what is checked. But one path alone that is a folder of another tree names the repository itself: `npm start
 * -- ../other` checks that one. Throws `WorkspaceError` where `cwd` is no folder.
 */
export async function locateRepository(cwd: string, paths: readonly string[], environment: Readonly<Record<string, string | undefined>>): Promise<Located> {
  const here: Located = { cwd, paths, notes: [] };
  const [only] = paths;
  if (only === undefined || paths.length > 1) return here;
  const given = path.resolve(cwd, only);
  if ((await statIfThere(given))?.isDirectory() !== true) return here;
  const folder = await realpath(given);
  const [current, other] = await Promise.all([findRoot(cwd, environment), findRoot(folder, environment)]);
  const isInside = folder === current.root || folder.startsWith(current.root + path.sep);
  // A package folder of a tree without git has a root of its own and still belongs to the tree around it.
  if (isInside && (!other.isGit || other.root === current.root)) return here;
  return {
    cwd: other.root,
    paths: folder === other.root ? [] : [folder],
    notes: [`checking the repository ${other.root}, because ${only} is outside ${current.root}`],
  };
}
