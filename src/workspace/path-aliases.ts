import { existsSync } from 'node:fs';
import path from 'node:path';
import { createPathsMatcher, parseTsconfig, type PathsMatcher } from 'get-tsconfig';
import type { TypeScriptProject } from '../model/workspace.ts';
import { folderOf, inFolder } from './packages.ts';

/** What the settings of tsconfigs make of an import. */
export interface PathAliases {
  /**
   * By `paths` and `baseUrl`, absolute paths to try, in order: one choice for each project of the file that makes something else
   * of the import, an empty one for a project that makes nothing of it. `isAlias` when a `paths` pattern matched, so that nothing else is meant.
   */
  candidates(file: string, specifier: string): { readonly choices: readonly (readonly string[])[]; readonly isAlias: boolean };
  /** The same path under the other `rootDirs`, of every project that has it under one of them. All workspace-relative. */
  otherRoots(target: string): readonly string[];
  /** The `moduleSuffixes` of all projects. */
  readonly suffixes: ReadonlySet<string>;
}

interface Matcher {
  readonly match: PathsMatcher;
  /** Of `paths`, but for one that means everything. */
  readonly keys: readonly RegExp[];
}

interface Settings {
  /** Null without `paths` and `baseUrl`. */
  readonly matcher: Matcher | null;
  /** Relative to the tsconfig. */
  readonly rootDirs: readonly string[];
  readonly suffixes: readonly string[];
}

/**
 * A file's settings are those of the projects that include it, else those of the nearest folder upward that has some (tests
 * and configuration files are often left out of a tsconfig, and still resolved by it).
 */
export function createPathAliases(root: string, projects: readonly TypeScriptProject[]): PathAliases {
  const cache = new Map<string, never>();
  const ofFile = new Map<string, (Matcher | null)[]>();
  const ofFolder = new Map<string, Matcher[]>();
  const rootDirs = new Map<string, readonly string[]>();
  const suffixes = new Set<string>();
  for (const { config, files } of projects) {
    const settings = readSettings(path.join(root, config), cache);
    if (settings === null) continue;
    for (const suffix of settings.suffixes) suffixes.add(suffix);
    const dirs = settings.rootDirs.map((dir) => path.posix.join(folderOf(config), dir).replace(/^\.?\/?$|\/$/, ''));
    if (dirs.length > 1) rootDirs.set(dirs.join('\0'), dirs);
    for (const file of files) append(ofFile, file, settings.matcher);
    if (settings.matcher !== null) append(ofFolder, folderOf(config), settings.matcher);
  }
  const inherited = (folder: string): Matcher[] => {
    const own = ofFolder.get(folder);
    if (own !== undefined) return own;
    const solution = inFolder(folder, 'tsconfig.json');
    const read = existsSync(path.join(root, solution)) ? (readSettings(path.join(root, solution), cache)?.matcher ?? null) : null;
    const found = read !== null ? [read] : folder === '' ? [] : inherited(folderOf(folder));
    ofFolder.set(folder, found);
    return found;
  };
  return {
    candidates(file, specifier) {
      const own = ofFile.get(file) ?? [];
      const matchers = own.some((matcher) => matcher !== null) ? own : [...inherited(folderOf(file)), ...own];
      const choices = new Map<string, readonly string[]>();
      let isAlias = false;
      for (const matcher of matchers) {
        const targets = matcher?.match(specifier) ?? [];
        choices.set(targets.join('\0'), targets);
        isAlias ||= matcher?.keys.some((key) => key.test(specifier)) === true;
      }
      return { choices: [...choices.values()], isAlias };
    },
    otherRoots(target) {
      return [...rootDirs.values()].flatMap((dirs) => {
        const [own] = dirs.filter((dir) => (dir === '' ? !target.startsWith('../') : target.startsWith(`${dir}/`))).sort((a, b) => b.length - a.length);
        return own === undefined ? [] : dirs.filter((dir) => dir !== own).map((dir) => inFolder(dir, target.slice(inFolder(own, '').length)));
      });
    },
    suffixes,
  };
}

function append<Item>(map: Map<string, Item[]>, key: string, matcher: Item): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [matcher]);
  else list.push(matcher);
}

/** Null for a tsconfig that cannot be used, which is a fault of the workspace already. */
function readSettings(file: string, cache: Map<string, never>): Settings | null {
  try {
    const config = parseTsconfig(file, cache);
    const match = createPathsMatcher({ path: file, config });
    const { paths, rootDirs, moduleSuffixes } = config.compilerOptions ?? {};
    const keys = Object.keys(paths ?? {}).filter((key) => key !== '*').map(toPattern);
    return { matcher: match === null ? null : { match, keys }, rootDirs: textsOf(rootDirs), suffixes: textsOf(moduleSuffixes) };
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** Nobody has checked what a tsconfig holds. */
function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : [];
}

function toPattern(key: string): RegExp {
  return new RegExp(`^${key.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('.*')}$`);
}
