import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { createFilesMatcher, parseTsconfig, type TsConfigJsonResolved } from 'get-tsconfig';
import { compareText } from '../model/finding.ts';
import type { TypeScriptProject, WorkspaceFault } from '../model/workspace.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { folderOf, inFolder, type FoundPackage } from './packages.ts';
import { isInSample } from './sample-folders.ts';
import { compilerConfigs } from './script-runner.ts';
import type { ToolLocator } from './tools.ts';
import { extendedBy, findTsconfigFault } from './tsconfig-fault.ts';

/** Tried in the root when there is no tsconfig.json anywhere. */
const OTHER_NAMES = ['tsconfig.app.json', 'tsconfig.build.json', 'tsconfig.lib.json', 'tsconfig.src.json'];

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;

export interface FoundProjects {
  /** Sorted by `config`. */
  readonly projects: readonly TypeScriptProject[];
  /** Those that are no projects of the workspace, sorted. */
  readonly others: readonly string[];
  readonly faults: readonly WorkspaceFault[];
}

/**
 * Every tsconfig.json, every jsconfig.json that has JavaScript checked, and what they reference, also where git ignores it
 * (generated ones); and those that a package script gives to tsc, where they hold a file that no other does (a build's own
 * only repeats them). Not those of fixtures, templates, examples and of packages outside the workspace, unless named.
 *
 * A configuration that holds no files and only references others is represented by those. One that cannot be read is
 * listed without files, beside its fault: it must not look as if there were nothing to check.
 */
export function findTypeScriptProjects(root: string, files: readonly string[], packages: readonly FoundPackage[], tools: ToolLocator): FoundProjects {
  const search: Search = { root, sources: files.filter((file) => SOURCE.test(file)), tools, faults: [], cache: new Map<string, never>() };
  const entries = entryConfigs(files, packages);
  const { meant, others } = otherConfigs(search, files, packages, entries);
  const projects = new Map<string, TypeScriptProject | null>();
  const pending = [...meant, ...entries];
  for (let config = pending.pop(); config !== undefined; config = pending.pop()) {
    if (projects.has(config)) continue;
    const project = findProject(search, config, meant.has(config));
    pending.push(...(project?.references ?? []));
    const isSolution = project !== null && project.files.length === 0 && project.references.length > 0;
    projects.set(config, isSolution ? null : project);
  }
  const named = scriptConfigs(files, packages);
  const isDropped = (project: TypeScriptProject, _: number, all: readonly TypeScriptProject[]): boolean => meant.has(project.config) && !named.includes(project.config) && isOnlyBase(root, project, all);
  const kept = [...projects.values()].filter((project) => project !== null).filter((...one) => !isDropped(...one));
  for (const config of named) {
    if (projects.has(config)) continue;
    const project = findProject(search, config, false);
    projects.set(config, project);
    named.push(...(project?.references ?? []));
    const held = new Set(kept.flatMap((one) => one.files));
    if (project !== null && (project.files.some((file) => !held.has(file)) || search.faults.some(({ file }) => file === config))) kept.push(project);
  }
  const sorted = kept.sort((a, b) => compareText(a.config, b.config));
  return { projects: sorted, others: others.filter((config) => !sorted.some((project) => project.config === config)), faults: search.faults };
}

interface Search {
  readonly root: string;
  readonly sources: readonly string[];
  readonly tools: ToolLocator;
  /** Filled on the way. */
  readonly faults: WorkspaceFault[];
  readonly cache: Map<string, never>;
}

/** Null for one that is of no use: without files where it was only come upon, or a jsconfig.json that has nothing checked. */
function findProject(search: Search, config: string, isComeUpon: boolean): TypeScriptProject | null {
  const { root, sources, tools, faults, cache } = search;
  const typescript = tools.find('typescript', folderOf(config));
  const read = readProject(root, config, cache);
  if (typeof read === 'string') {
    if (isJsConfig(config) && !/"checkJs"\s*:\s*true/.test(readTextIfThere(path.join(root, config)) ?? '')) return null;
    faults.push({ file: config, message: read });
    return { config, files: [], references: [], typescript };
  }
  if (isJsConfig(config) && read.compilerOptions?.checkJs !== true) return null;
  const references = resolveReferences(root, config, read.references ?? [], faults);
  const files = matchFiles(root, config, read, sources);
  return isComeUpon && files.length + references.length === 0 ? null : { config, files, references, typescript };
}

function entryConfigs(files: readonly string[], packages: readonly FoundPackage[]): string[] {
  const there = new Set(files);
  const folders = new Set(['', ...packages.map(({ folder }) => folder)]);
  const found = [...folders].map((folder) => inFolder(folder, 'tsconfig.json')).filter((file) => there.has(file));
  return found.length > 0 ? found : OTHER_NAMES.filter((name) => there.has(name)).slice(0, 1);
}

/** The rest of those by the names that editors and tools look for: what counts, and what belongs to something else. */
function otherConfigs({ tools }: Search, files: readonly string[], packages: readonly FoundPackage[], entries: readonly string[]): { meant: ReadonlySet<string>; others: string[] } {
  const there = new Set(files);
  const members = new Set(packages.map(({ folder }) => folder));
  const isForeign = (file: string): boolean => {
    for (let folder = folderOf(file); !members.has(folder) && folder !== ''; folder = folderOf(folder)) if (there.has(inFolder(folder, 'package.json'))) return true;
    return false;
  };
  const meant = new Set<string>();
  const others: string[] = [];
  for (const file of files.filter((one) => /(?:^|\/)[jt]sconfig\.json$/.test(one) && !entries.includes(one))) {
    // Editors read it, too; without a TypeScript in the project nobody else does.
    if (isJsConfig(file) && (there.has(inFolder(folderOf(file), 'tsconfig.json')) || tools.find('typescript', folderOf(file)) === null)) continue;
    if (isInSample(file) || isForeign(file)) others.push(file);
    else meant.add(file);
  }
  return { meant, others };
}

function isJsConfig(config: string): boolean {
  return path.posix.basename(config) === 'jsconfig.json';
}

/** What others extend and whose files they all hold is there for them alone. */
function isOnlyBase(root: string, { config, files }: TypeScriptProject, all: readonly TypeScriptProject[]): boolean {
  const others = all.filter((other) => other.config !== config);
  if (files.length === 0 || !others.some((other) => extendedBy(root, other.config).includes(config))) return false;
  const held = new Set(others.flatMap((other) => other.files));
  return files.every((file) => held.has(file));
}

function scriptConfigs(files: readonly string[], packages: readonly FoundPackage[]): string[] {
  const there = new Set(files);
  const named = packages.flatMap(({ folder, json }) => compilerConfigs(json.scripts).map((config) => path.posix.normalize(inFolder(folder, config)).replace(/\/$/, '')));
  const configs = named.map((config) => (there.has(config) ? config : inFolder(config === '.' ? '' : config, 'tsconfig.json')));
  return [...new Set(configs)].filter((config) => there.has(config)).sort(compareText);
}

/** The configuration with everything it extends, or a sentence about what is wrong with it. */
function readProject(root: string, config: string, cache: Map<string, never>): TsConfigJsonResolved | string {
  const fault = findTsconfigFault(root, config);
  if (fault !== null) return fault;
  try {
    const read = parseTsconfig(path.join(root, config), cache);
    return isJsConfig(config) ? { ...read, compilerOptions: { allowJs: true, ...read.compilerOptions } } : read;
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
