import { existsSync } from 'node:fs';
import path from 'node:path';
import { isRelayFile } from '../model/relay-files.ts';
import { hasSettled } from '../system/file-times.ts';
import type { Environment } from '../system/git.ts';
import { digestOfEntries, digestOfValue, type Digest } from './digest.ts';
import { readEnvironment, type EnvironmentState } from './environment.ts';
import { isInert, isOfGit } from './file-kinds.ts';
import type { FileMemo } from './file-memo.ts';
import { digestOfGitAnswers } from './git-answers.ts';
import { InstalledWalk, type InstalledMemo, type InstalledUnit } from './installed-places.ts';
import { mayLoadAny } from './linter-reach.ts';
import { listTree } from './list-tree.ts';
import { addOutside, addSurroundings, ancestorsOf } from './surroundings.ts';
import { addIgnored, addListed, addNamed, emptyTreeFiles } from './tree-files.ts';

/** What the configuration says about what checks depend on. */
export interface CacheSettings {
  /** More files or folders that checks read, relative to the root: outside of it, or made by tools. */
  readonly inputs: readonly string[];
  /** Ignored files and folders that checks write and none reads; a name without a slash is meant in every folder. */
  readonly outputs: readonly string[];
  /** More variables of the environment. */
  readonly env: readonly string[];
  /** Gates whose results are never kept. */
  readonly never: readonly string[];
  /** Folder of the relay, relative to the main worktree's root. */
  readonly relay: string;
}

/** Everything that a check's result may depend on, at one moment. */
export interface TreeState {
  readonly root: string;
  readonly mainRoot: string;
  readonly head: string;
  readonly branch: string;
  /** Every file with all that a tool can see of it, by path relative to the root. */
  readonly files: ReadonlyMap<string, string>;
  /** Git's word on each listed file: tracked or not. */
  readonly tracked: ReadonlyMap<string, string>;
  readonly units: ReadonlyMap<string, InstalledUnit>;
  readonly links: ReadonlyMap<string, string>;
  readonly environment: EnvironmentState;
  /** What git would answer, where a file that checks run or load looks as if it asked; null where none does. */
  readonly git: Digest | null;
  /** The same, where one does that a linter's configuration may load. */
  readonly gitOfCode: Digest | null;
  /** Why nothing but what depends on single files can be told to be unchanged; null where all can. */
  readonly problem: string | null;
  /** Time of day before anything was looked at. */
  readonly takenMs: number;
}

export interface TreeStateOptions {
  /** Absolute and real. */
  readonly root: string;
  readonly settings: CacheSettings;
  readonly environment: Environment;
  readonly files: FileMemo;
  readonly installed: InstalledMemo;
  /** Whether installed packages that are not known yet are read; without, their contents are null. */
  readonly readInstalled: boolean;
  readonly nowMs: () => number;
}

/** Null outside git, before the first commit, and where git cannot be asked. */
export async function readTreeState(options: TreeStateOptions): Promise<TreeState | null> {
  const { root, settings, environment, nowMs } = options;
  const takenMs = nowMs();
  const listed = listTree(root, environment);
  const installed = new InstalledWalk({ root, memo: options.installed, read: options.readInstalled, nowMs, takenMs });
  // Most of what is installed lies here, and can be looked at while git is at work.
  installed.addPlaces(['node_modules']);
  const listing = await listed;
  if (listing === null) return null;
  const found = emptyTreeFiles();
  const reading = { root, memo: options.files, outputs: settings.outputs };
  const relay = path.relative(root, path.resolve(listing.mainRoot, settings.relay)).split(path.sep).join('/');
  const isOfRelay = (file: string): boolean => isRelayFile(file, settings.relay) || isRelayFile(file, relay);
  for (const file of listing.listed.keys()) if (!isOfRelay(file)) addListed(file, found, reading);
  addIgnored(listing.ignored.filter((file) => !isRelayFile(file, settings.relay)), found, reading);
  for (const file of settings.inputs) addNamed(path.relative(root, path.resolve(root, file)), found, reading);
  addSurroundings(found, reading, environment);
  addOutside(found, reading, environment);
  const above = ancestorsOf(root).map((folder) => path.join(folder, 'node_modules')).filter((folder) => existsSync(folder));
  installed.addPlaces([...found.places, ...above]);
  const gitUsers = new Set([...found.gitUsers].filter((file) => !isOfGit(file)));
  const git = gitUsers.size === 0 ? null : digestOfGitAnswers(listing, isOfRelay);
  return {
    root,
    mainRoot: listing.mainRoot,
    head: listing.head,
    branch: listing.branch,
    files: found.files,
    tracked: listing.listed,
    units: installed.state.units,
    links: installed.state.links,
    environment: readEnvironment({ environment, root, mentioned: found.names, words: found.programs, declared: settings.env }),
    git,
    gitOfCode: mayLoadAny(gitUsers, { root, files: found.files, links: installed.state.links }) ? git : null,
    problem: found.problem ?? installed.state.problem,
    takenMs,
  };
}

/** The same state with the contents of installed packages that were only read later, where they cannot have changed since. */
export function withInstalledOf(state: TreeState, later: TreeState): TreeState {
  const units = new Map([...state.units].map(([name, unit]) => {
    const other = later.units.get(name);
    return [name, unit.content === null && other?.stat === unit.stat && hasSettled(unit.newestMs, state.takenMs) ? other : unit] as const;
  }));
  return { ...state, units };
}

/** Of the names and contents of what a compiler or a linter may read. */
export function digestOfCode(state: TreeState): Digest {
  return digestOfEntries([...state.files].map(([file, value]) => [file, isInert(file) ? '' : value] as const));
}

export function digestOfAll(state: TreeState): Digest {
  return digestOfEntries(state.files);
}

/** Null where something installed was not read. */
export function digestOfInstalled(state: TreeState): Digest | null {
  const contents: [string, string][] = [];
  for (const [name, { content }] of state.units) {
    if (content === null) return null;
    contents.push([name, content]);
  }
  return digestOfValue([digestOfEntries(contents), digestOfEntries(state.links)]);
}

/** The digest of all that a whole run depends on but for the request; null where not all of it could be told. */
export function stateKey(state: TreeState, product: Digest): Digest | null {
  const installed = digestOfInstalled(state);
  if (installed === null || state.problem !== null) return null;
  const { head, branch, mainRoot, environment, tracked, git } = state;
  return digestOfValue([product, process.version, process.platform, process.arch, head, branch, git, mainRoot, environment, installed, digestOfAll(state), digestOfEntries(tracked)]);
}
