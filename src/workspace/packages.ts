import path from 'node:path';
import picomatch from 'picomatch';
import { parseDocument } from 'yaml';
import { compareText } from '../model/finding.ts';
import type { PackageManager, PackageManagerName, WorkspaceFault } from '../model/workspace.ts';
import { isRecord } from '../system/is-record.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { patterns, readPackageJson, type PackageJson } from './package-json.ts';

export interface FoundPackage {
  /** Workspace-relative folder; '' is the root. */
  readonly folder: string;
  readonly json: PackageJson;
}

export interface FoundPackages {
  /** The root's first where there is one, then by folder. */
  readonly packages: readonly FoundPackage[];
  readonly packageManager: PackageManager | null;
  readonly faults: readonly WorkspaceFault[];
}

/** Lockfiles by manager; of several in one folder the first here counts. */
const LOCKFILES: readonly (readonly [file: string, manager: PackageManagerName])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

/** Folders of example projects: a package.json below one is test data. */
const FIXTURES = /(?:^|\/)(?:fixtures|__fixtures__|testdata)(?:\/|$)/;

/**
 * The root's package and those that it declares through `workspaces`, pnpm-workspace.yaml or lerna.json. A root without
 * a package.json (a repository of several projects side by side): the outermost packages, each with those it declares.
 * Other package.json files (examples, fixtures) are no packages of the workspace.
 */
export function findPackages(root: string, files: readonly string[]): FoundPackages {
  const folders = files.filter((file) => path.posix.basename(file) === 'package.json').map(folderOf);
  const faults: WorkspaceFault[] = [];
  const packages: FoundPackage[] = [];
  const heads = folders.includes('') ? [''] : outermost(folders);
  for (const head of heads) {
    const own = load(root, head, faults);
    if (own !== null) packages.push(own);
    for (const member of members(root, head, own?.json ?? null, folders, faults)) {
      const found = load(root, member, faults);
      if (found !== null) packages.push(found);
    }
  }
  packages.sort((a, b) => compareText(a.folder, b.folder));
  return { packages, packageManager: findPackageManager(packages, files), faults };
}

export function folderOf(file: string): string {
  const folder = path.posix.dirname(file);
  return folder === '.' ? '' : folder;
}

/** A file in a workspace-relative folder. */
export function inFolder(folder: string, file: string): string {
  return folder === '' ? file : `${folder}/${file}`;
}

function load(root: string, folder: string, faults: WorkspaceFault[]): FoundPackage | null {
  const result = readPackageJson(path.join(root, folder));
  if (result.kind === 'broken') faults.push({ file: inFolder(folder, 'package.json'), message: result.message });
  return result.kind === 'found' ? { folder, json: result.json } : null;
}

function outermost(folders: readonly string[]): string[] {
  const candidates = folders.filter((folder) => !FIXTURES.test(folder));
  return candidates.filter((folder) => !candidates.some((other) => other !== folder && folder.startsWith(`${other}/`)));
}

function members(root: string, head: string, json: PackageJson | null, folders: readonly string[], faults: WorkspaceFault[]): string[] {
  const globs = json?.workspaces ?? pnpmGlobs(root, head, faults) ?? lernaGlobs(root, head);
  if (globs === null) return [];
  const normal = globs.map((glob) => glob.replace(/^(!?)\.?\//, '$1').replace(/\/+$/, ''));
  const isMember = picomatch(normal.filter((glob) => !glob.startsWith('!')), { ignore: normal.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1)), flags: 's' });
  const prefix = inFolder(head, '');
  return folders.filter((folder) => folder !== head && folder.startsWith(prefix) && isMember(folder.slice(prefix.length)));
}

function pnpmGlobs(root: string, head: string, faults: WorkspaceFault[]): string[] | null {
  const file = inFolder(head, 'pnpm-workspace.yaml');
  const text = readTextIfThere(path.join(root, file));
  if (text === null) return null;
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    faults.push({ file, message: `is not valid YAML (${error.message.split('\n')[0] ?? error.code}); correct it` });
    return null;
  }
  const content: unknown = document.toJS();
  return isRecord(content) ? patterns(content.packages) : null;
}

function lernaGlobs(root: string, head: string): string[] | null {
  const text = readTextIfThere(path.join(root, head, 'lerna.json'));
  if (text === null) return null;
  try {
    const content: unknown = JSON.parse(text);
    return isRecord(content) ? patterns(content.packages) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function findPackageManager(packages: readonly FoundPackage[], files: readonly string[]): PackageManager | null {
  const [head] = packages;
  if (head === undefined) return null;
  const there = new Set(files);
  const locks = LOCKFILES.map(([name, manager]) => ({ manager, lockfile: inFolder(head.folder, name) })).filter(({ lockfile }) => there.has(lockfile));
  const named = /^(npm|pnpm|yarn|bun)@/.exec(head.json.packageManager ?? '')?.[1];
  if (named !== undefined) return { name: named as PackageManagerName, lockfile: locks.find(({ manager }) => manager === named)?.lockfile ?? null };
  const [lock] = locks;
  if (lock !== undefined) return { name: lock.manager, lockfile: lock.lockfile };
  return { name: there.has(inFolder(head.folder, 'pnpm-workspace.yaml')) ? 'pnpm' : 'npm', lockfile: null };
}
