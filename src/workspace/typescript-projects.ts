import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { createFilesMatcher, parseTsconfig, type TsConfigJsonResolved } from 'get-tsconfig';
import { compareText } from '../model/finding.ts';
import type { TypeScriptProject, WorkspaceFault } from '../model/workspace.ts';
import { folderOf, inFolder, type FoundPackage } from './packages.ts';
import { compilerConfigs } from './script-runner.ts';
import type { ToolLocator } from './tools.ts';
import { findTsconfigFault } from './tsconfig-fault.ts';

/** Tried in the root when there is no tsconfig.json anywhere. */
const OTHER_NAMES = ['tsconfig.app.json', 'tsconfig.build.json', 'tsconfig.lib.json', 'tsconfig.src.json'];

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;

export interface FoundProjects {
  /** Sorted by `config`. */
  readonly projects: readonly TypeScriptProject[];
  readonly faults: readonly WorkspaceFault[];
}

/**
 * The tsconfig.json of the root and of each package, and what they reference, also where git ignores it (generated ones);
 * and those that a package script gives to tsc, where they hold a file that no other does (a build's own only repeats them).
 * A configuration that holds no files and only references others is represented by those. One that cannot be read is
 * listed without files, beside its fault: it must not look as if there were nothing to check.
 */
export function findTypeScriptProjects(root: string, files: readonly string[], packages: readonly FoundPackage[], tools: ToolLocator): FoundProjects {
  const sources = files.filter((file) => SOURCE.test(file));
  const faults: WorkspaceFault[] = [];
  const projects = new Map<string, TypeScriptProject | null>();
  const cache = new Map<string, never>();
  const pending = entryConfigs(files, packages);
  for (let config = pending.pop(); config !== undefined; config = pending.pop()) {
    if (projects.has(config)) continue;
    const typescript = tools.find('typescript', folderOf(config));
    const read = readProject(root, config, cache);
    if (typeof read === 'string') {
      faults.push({ file: config, message: read });
      projects.set(config, { config, files: [], references: [], typescript });
      continue;
    }
    const references = resolveReferences(root, config, read.references ?? [], faults);
    pending.push(...references);
    const own = matchFiles(root, config, read, sources);
    projects.set(config, own.length === 0 && references.length > 0 ? null : { config, files: own, references, typescript });
  }
  const kept = [...projects.values()].filter((project) => project !== null);
  for (const config of scriptConfigs(files, packages)) {
    const read = projects.has(config) ? null : readProject(root, config, cache);
    if (read === null || typeof read === 'string') continue;
    const own = matchFiles(root, config, read, sources);
    const held = new Set(kept.flatMap((project) => project.files));
    const references = resolveReferences(root, config, read.references ?? [], faults);
    if (own.some((file) => !held.has(file))) kept.push({ config, files: own, references, typescript: tools.find('typescript', folderOf(config)) });
  }
  return { projects: kept.sort((a, b) => compareText(a.config, b.config)), faults };
}

function entryConfigs(files: readonly string[], packages: readonly FoundPackage[]): string[] {
  const there = new Set(files);
  const folders = new Set(['', ...packages.map(({ folder }) => folder)]);
  const found = [...folders].map((folder) => inFolder(folder, 'tsconfig.json')).filter((file) => there.has(file));
  return found.length > 0 ? found : OTHER_NAMES.filter((name) => there.has(name)).slice(0, 1);
}

function scriptConfigs(files: readonly string[], packages: readonly FoundPackage[]): string[] {
  const there = new Set(files);
  const named = packages.flatMap(({ folder, json }) => compilerConfigs(json.scripts).map((config) => path.posix.normalize(inFolder(folder, config))));
  return [...new Set(named)].filter((config) => there.has(config)).sort(compareText);
}

/** The configuration with everything it extends, or a sentence about what is wrong with it. */
function readProject(root: string, config: string, cache: Map<string, never>): TsConfigJsonResolved | string {
  const fault = findTsconfigFault(root, config);
  if (fault !== null) return fault;
  try {
    return parseTsconfig(path.join(root, config), cache);
  } catch (error) {
    return `cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function resolveReferences(root: string, config: string, references: readonly { readonly path: string }[], faults: WorkspaceFault[]): string[] {
  const found: string[] = [];
  for (const reference of references) {
    const target = path.resolve(root, folderOf(config), reference.path);
    const file = target.endsWith('.json') && statSync(target, { throwIfNoEntry: false })?.isDirectory() !== true ? target : path.join(target, 'tsconfig.json');
    const relative = path.relative(root, file).split(path.sep).join('/');
    if (!existsSync(file)) faults.push({ file: config, message: `references "${reference.path}", but there is no ${relative}` });
    else if (!relative.startsWith('../')) found.push(relative);
  }
  return found.sort(compareText);
}

function matchFiles(root: string, config: string, read: TsConfigJsonResolved, sources: readonly string[]): string[] {
  const isCaseSensitive = process.platform !== 'win32' && process.platform !== 'darwin';
  const matches = createFilesMatcher({ path: path.join(root, config), config: read }, isCaseSensitive);
  const matched = sources.filter((file) => matches(path.join(root, file)) !== undefined);
  const there = new Set(matched);
  return matched.filter((file) => !isShadowed(file, there));
}

/** Of files that differ only in their extension TypeScript takes the source, not its output or declaration. */
function isShadowed(file: string, there: ReadonlySet<string>): boolean {
  const parts = /^(.*?)(\.d)?\.([cm]?)(?:[jt]s|[jt]sx)$/.exec(file);
  if (parts === null) return false;
  const [, stem = '', declaration, kind = ''] = parts;
  const isSource = declaration === undefined && /\.(?:[cm]?ts|tsx)$/.test(file);
  if (isSource) return false;
  return [`${stem}.${kind}ts`, ...(kind === '' ? [`${stem}.tsx`] : [])].some((source) => there.has(source));
}
