import { existsSync } from 'node:fs';
import path from 'node:path';
import { createPathsMatcher, parseTsconfig, type PathsMatcher } from 'get-tsconfig';
import type { TypeScriptProject } from '../model/workspace.ts';
import { folderOf, inFolder } from './packages.ts';

/** What the `paths` and `baseUrl` of a file's tsconfig make of an import. */
export interface PathAliases {
  /** Absolute paths to try, in order; `isAlias` when a `paths` pattern matched, so that nothing else is meant. */
  candidates(file: string, specifier: string): { readonly targets: readonly string[]; readonly isAlias: boolean };
}

interface Matcher {
  readonly match: PathsMatcher;
  readonly patterns: readonly RegExp[];
}

/**
 * A file's settings are those of the projects that include it, else those of the nearest folder upward that has some (tests
 * and configuration files are often left out of a tsconfig, and still resolved by it).
 */
export function createPathAliases(root: string, projects: readonly TypeScriptProject[]): PathAliases {
  const cache = new Map<string, never>();
  const ofFile = new Map<string, Matcher[]>();
  const ofFolder = new Map<string, Matcher[]>();
  for (const { config, files } of projects) {
    const matcher = readMatcher(path.join(root, config), cache);
    if (matcher === null) continue;
    for (const file of files) append(ofFile, file, matcher);
    append(ofFolder, folderOf(config), matcher);
  }
  const inherited = (folder: string): Matcher[] => {
    const own = ofFolder.get(folder);
    if (own !== undefined) return own;
    const solution = inFolder(folder, 'tsconfig.json');
    const read = existsSync(path.join(root, solution)) ? readMatcher(path.join(root, solution), cache) : null;
    const found = read !== null ? [read] : folder === '' ? [] : inherited(folderOf(folder));
    ofFolder.set(folder, found);
    return found;
  };
  return {
    candidates(file, specifier) {
      const targets: string[] = [];
      let isAlias = false;
      for (const { match, patterns } of ofFile.get(file) ?? inherited(folderOf(file))) {
        targets.push(...match(specifier));
        isAlias ||= patterns.some((pattern) => pattern.test(specifier));
      }
      return { targets: [...new Set(targets)], isAlias };
    },
  };
}

function append(map: Map<string, Matcher[]>, key: string, matcher: Matcher): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [matcher]);
  else list.push(matcher);
}

/** Null without `paths` and `baseUrl`, and for a tsconfig that cannot be used, which is a fault of the workspace already. */
function readMatcher(file: string, cache: Map<string, never>): Matcher | null {
  try {
    const config = parseTsconfig(file, cache);
    const match = createPathsMatcher({ path: file, config });
    return match === null ? null : { match, patterns: Object.keys(config.compilerOptions?.paths ?? {}).filter((key) => key !== '*').map(toPattern) };
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

function toPattern(key: string): RegExp {
  return new RegExp(`^${key.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('.*')}$`);
}
