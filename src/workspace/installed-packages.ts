import { existsSync } from 'node:fs';
import path from 'node:path';
import { isRecord } from '../system/is-record.ts';
import type { GraphInput } from './module-resolver.ts';
import { entryTargets } from './package-entries.ts';
import { readPackageJson } from './package-json.ts';
import { folderOf, inFolder } from './packages.ts';

export interface PackageAt {
  readonly folder: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What is installed for a file, and what may be missing without being a fault. */
export interface InstalledPackages {
  /** The package.json of a workspace-relative folder. */
  packageAt(folder: string): PackageAt | null;
  /** The nearest one that belongs to the workspace's files. */
  nearestPackage(file: string): PackageAt | null;
  /** True when an import that does not resolve is nothing to report. */
  isExcused(file: string, request: string, isType: boolean): boolean;
}

/** The package of a bare import; null for what can be no package (`@/x`, `~/x`, `$lib`): a bundler's own names. */
export function packageNameOf(request: string): string | null {
  return /^(?:@[\w.~-]+\/)?[A-Za-z0-9_][\w.~-]*(?=\/|$)/.exec(request)?.[0] ?? null;
}

export function createInstalledPackages(workspace: GraphInput, ambient: readonly string[]): InstalledPackages {
  const { root } = workspace;
  const there = new Set(workspace.files);
  const members = new Set(workspace.packages.map(({ folder }) => folder));
  const isAmbient = ambient.map((name) => new RegExp(`^${name.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('.*')}$`));
  const packages = new Map<string, PackageAt | null>();
  const packageAt = (folder: string): PackageAt | null => {
    let found = packages.get(folder);
    if (found === undefined) {
      const read = readPackageJson(path.join(root, folder));
      packages.set(folder, (found = read.kind === 'found' ? { folder, raw: read.json.raw } : null));
    }
    return found;
  };
  const nearestPackage = (file: string): PackageAt | null => {
    for (let folder = folderOf(file); ; folder = folderOf(folder)) {
      if (there.has(inFolder(folder, 'package.json'))) return packageAt(folder);
      if (folder === '') return null;
    }
  };
  const installedAt = new Map<string, string | null>();
  const find = (folder: string, name: string): string | null => {
    const key = `${folder}\0${name}`;
    let found = installedAt.get(key);
    if (found === undefined) installedAt.set(key, (found = findUpward(path.join(root, folder), name)));
    return found;
  };
  return {
    packageAt,
    nearestPackage,
    isExcused(file, request, isType) {
      if (workspace.setupProblem !== null || isAmbient.some((pattern) => pattern.test(request))) return true;
      const own = nearestPackage(file);
      // An example or a template with dependencies of its own, which nobody installs with the workspace.
      if (own !== null && !members.has(own.folder)) return true;
      const name = packageNameOf(request) ?? request;
      if (own !== null && isOptional(own.raw, name)) return true;
      const folder = folderOf(file);
      const isTyped = isType || /\.(?:[cm]?ts|tsx|vue|svelte|astro)$/.test(file);
      if (isTyped && find(folder, `@types/${name.replace(/^@/, '').replace('/', '__')}`) !== null) return true;
      const at = find(folder, name);
      if (at === null) return false;
      if (request === name) return true;
      const read = readPackageJson(at);
      return read.kind === 'found' && read.json.raw.exports !== undefined && entryTargets(read.json.raw, `.${request.slice(name.length)}`).length > 0;
    },
  };
}

function isOptional(raw: Readonly<Record<string, unknown>>, name: string): boolean {
  if (isRecord(raw.optionalDependencies) && Object.hasOwn(raw.optionalDependencies, name)) return true;
  const meta = isRecord(raw.peerDependenciesMeta) ? raw.peerDependenciesMeta[name] : undefined;
  return isRecord(meta) && meta.optional === true;
}

function findUpward(folder: string, name: string): string | null {
  for (let current = folder; ; current = path.dirname(current)) {
    const target = path.join(current, 'node_modules', name);
    if (existsSync(path.join(target, 'package.json'))) return target;
    if (path.dirname(current) === current) return null;
  }
}
