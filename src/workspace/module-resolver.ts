import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { ResolverFactory } from 'oxc-resolver';
import { compareText } from '../model/finding.ts';
import type { Workspace } from '../model/workspace.ts';
import { createGeneratedTest } from './generated-files.ts';
import { createInstalledPackages, packageNameOf, type InstalledPackages } from './installed-packages.ts';
import type { ModuleSpecifier } from './module-specifiers.ts';
import { entryTargets, importTargets } from './package-entries.ts';
import { folderOf, inFolder } from './packages.ts';
import { createPathAliases, type PathAliases } from './path-aliases.ts';
import { createRemovedFiles, type RemovedFiles } from './removed-files.ts';
import { createRunnerAliases, type RunnerAliases } from './runner-aliases.ts';
import { createSourceLocator, type SourceLocator } from './source-locator.ts';
import { createStandIns, type StandIns } from './stand-ins.ts';

export type GraphInput = Pick<Workspace, 'root' | 'files' | 'packages' | 'typescriptProjects' | 'setupProblem' | 'removed'>;

/** Where an import leads. */
export type Resolution =
  /** Files of the workspace; more than one where conditions decide at run time. */
  | { readonly kind: 'files'; readonly files: readonly string[] }
  /** Into a package of the workspace, but not which file: `folder` is the package's. */
  | { readonly kind: 'package'; readonly folder: string }
  /** Out of the workspace: installed, built in, or generated. */
  | { readonly kind: 'outside' }
  /** A name that only a bundler or a plugin knows: it may lead anywhere. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'nowhere' };

/** Where an import leads, and where else it may. */
export interface Answer {
  /** This alone says what is loaded, and whether anything is found. */
  readonly resolution: Resolution;
  /** By the settings of another project, under another of the `rootDirs`, on another platform: a change there is felt, too. */
  readonly besides: readonly Resolution[];
}

const OUTSIDE: Resolution = { kind: 'outside' };
const UNKNOWN: Resolution = { kind: 'unknown' };
const NOWHERE: Resolution = { kind: 'nowhere' };
const NONE: readonly Resolution[] = [];

/** What runtimes bring with them and what is fetched. */
const FOREIGN = /^(?:node|bun|deno|cloudflare|npm|jsr|https?|data|blob|file):/;

/** All that some tool or other asks for: whether a package has an entry matters, not which of them is used. */
const CONDITIONS = ['import', 'require', 'node', 'default', 'module', 'browser', 'development', 'production', 'svelte', 'style', 'sass', 'worker', 'react-server', 'bun', 'deno', 'workerd', 'react-native'];
const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.d.ts', '.d.mts', '.d.cts', '.js', '.jsx', '.mjs', '.cjs', '.json', '.node', '.vue', '.svelte', '.astro'];
const EXTENSION_ALIAS = {
  // Declarations and outputs keep the `.ts` of their source's imports unless the compiler was told to rewrite them.
  '.ts': ['.ts', '.d.ts', '.js'],
  '.tsx': ['.tsx', '.d.ts', '.js', '.jsx'],
  '.mts': ['.mts', '.d.mts', '.mjs'],
  '.cts': ['.cts', '.d.cts', '.cjs'],
  '.js': ['.ts', '.tsx', '.d.ts', '.js', '.jsx'],
  '.jsx': ['.tsx', '.d.ts', '.jsx'],
  '.mjs': ['.mts', '.d.mts', '.mjs'],
  '.cjs': ['.cts', '.d.cts', '.cjs'],
};

/**
 * Resolves as TypeScript, Node and bundlers would, whichever gets furthest; sources are preferred to what is built from them.
 * Answers are kept: use one for one state of the tree.
 */
export class ModuleResolver {
  readonly #workspace: GraphInput;
  readonly #there: ReadonlySet<string>;
  readonly #isGenerated: (file: string) => boolean;
  readonly #locator: SourceLocator;
  readonly #aliases: PathAliases;
  readonly #installed: InstalledPackages;
  readonly #removed: RemovedFiles;
  readonly #runnerAliases: RunnerAliases;
  readonly #factories: readonly ResolverFactory[];
  readonly #standIns: StandIns;
  readonly #known = new Map<string, Answer>();
  readonly #folders = new Map<string, boolean>();

  /** `ambient`: names of modules that a declaration file of the workspace declares; stars allowed. */
  constructor(workspace: GraphInput, ambient: readonly string[]) {
    this.#workspace = workspace;
    this.#there = new Set(workspace.files);
    this.#isGenerated = createGeneratedTest(workspace.root, workspace.files);
    this.#locator = createSourceLocator(workspace);
    this.#aliases = createPathAliases(workspace.root, workspace.typescriptProjects);
    this.#standIns = createStandIns(workspace, this.#aliases.suffixes);
    this.#installed = createInstalledPackages(workspace, ambient);
    this.#removed = createRemovedFiles(workspace.removed);
    this.#runnerAliases = createRunnerAliases(workspace);
    const shared = { extensions: EXTENSIONS, extensionAlias: EXTENSION_ALIAS, nodePath: false };
    const typed = new ResolverFactory({ ...shared, conditionNames: ['types', ...CONDITIONS], mainFields: ['types', 'typings', 'module', 'main'] });
    this.#factories = [typed, typed.cloneWithOptions({ ...shared, conditionNames: CONDITIONS, mainFields: ['module', 'main'] })];
  }

  resolve(file: string, { specifier, isRuntime }: ModuleSpecifier): Answer {
    const key = `${isRelative(specifier) ? folderOf(file) : file}\0${specifier}\0${String(isRuntime)}`;
    let answer = this.#known.get(key);
    if (answer === undefined) this.#known.set(key, (answer = this.#resolve(file, specifier, isRuntime)));
    return answer;
  }

  /** What the compiler or another platform takes in place of a file that an import leads to. */
  standInsFor(file: string): readonly string[] {
    return this.#standIns.of(file);
  }

  /** Where the aliases of bundlers and test runners have an import lead, besides; null where none of them means it. */
  aliased(file: string, specifier: ModuleSpecifier): { readonly found: readonly Resolution[]; readonly isOpaque: boolean } | null {
    const request = specifier.specifier.replace(/\?.*$/s, '');
    // Vite takes what starts with a slash from its root.
    const rooted = request.startsWith('/') ? [this.#locator.packageOf(file), ''].map((base) => path.join(this.#workspace.root, base, request)) : [];
    const { targets, isOpaque } = this.#runnerAliases.candidates(file, request);
    if (targets.length + rooted.length === 0 && !isOpaque) return null;
    const found = [...targets, ...rooted].map((target) => (path.isAbsolute(target) ? this.#byPath(file, target) : this.resolve(file, { ...specifier, specifier: target }).resolution));
    return { found: found.filter(({ kind }) => kind === 'files' || kind === 'package'), isOpaque };
  }

  /** Files that are gone and that an import would have found, whatever it finds now. */
  removedBehind(file: string, { specifier }: ModuleSpecifier): readonly string[] {
    if (this.#removed.isEmpty) return [];
    const request = specifier.replace(/\?.*$/s, '');
    if (isRelative(request)) {
      const target = path.posix.join(folderOf(file), request);
      return [target, ...this.#aliases.otherRoots(target)].flatMap((one) => this.#removed.at(one));
    }
    const own = request.startsWith('#') ? this.#installed.nearestPackage(file) : null;
    const name = packageNameOf(request);
    const member = this.#memberNamed(name);
    const targets = [
      ...[...this.#aliases.candidates(file, request).choices.flat(), ...this.#runnerAliases.candidates(file, request).targets.filter((target) => path.isAbsolute(target))].map((target) => this.#relative(target)),
      ...(own === null ? [] : importTargets(own.raw, request).map((target) => inFolder(own.folder, target))),
      ...(member === undefined ? [] : entryTargets(this.#installed.packageAt(member.folder)?.raw ?? {}, `.${request.slice(name?.length)}`).map((target) => inFolder(member.folder, target))),
    ];
    return targets.flatMap((target) => this.#removed.at(path.posix.normalize(target)));
  }

  #resolve(file: string, specifier: string, isRuntime: boolean): Answer {
    const request = specifier.replace(/\?.*$/s, '');
    if (request === '' || isBuiltin(request) || FOREIGN.test(request)) return alone(OUTSIDE);
    if (/^[a-z][\w+.-]*:|^\/|!|\0/i.test(request)) return alone(UNKNOWN);
    // SvelteKit generates `$types` beside each route.
    if (isRelative(request)) return /(?:^|\/)\$types(?:\.js)?$/.test(request) ? alone(OUTSIDE) : this.#byRelativePath(file, request);
    const { choices, isAlias } = this.#aliases.candidates(file, request);
    for (const target of new Set(choices.flat())) {
      const resolution = this.#byPath(file, target);
      if (resolution.kind !== 'nowhere') return { resolution, besides: this.#byOtherChoices(file, request, choices, isRuntime) };
    }
    const found = this.#byName(file, request, isRuntime);
    // A name that only the alias could have given has nowhere else to lead.
    return alone(isAlias && found.kind === 'unknown' ? NOWHERE : found);
  }

  #byRelativePath(file: string, request: string): Answer {
    const own = this.#byPath(file, request);
    const target = path.posix.join(folderOf(file), request);
    const others = this.#aliases.otherRoots(target);
    // Most folders are under one root alone, and each miss would look for every extension there is.
    const found = others.filter((other) => this.#isFolder(folderOf(other))).map((other) => this.#thereAt('', `./${other}`)).filter((one) => one !== null);
    const standIns = [target, ...others].flatMap((one) => this.#standIns.of(one));
    return { resolution: own.kind === 'nowhere' ? (found[0] ?? own) : own, besides: standIns.length === 0 ? found : [...found, { kind: 'files', files: standIns }] };
  }

  /**
   * All that is there. Of one project's targets TypeScript takes a declaration before a script that comes first, and a project
   * without any has the import lead to what is called so, which matters where that is ours.
   */
  #byOtherChoices(file: string, request: string, choices: readonly (readonly string[])[], isRuntime: boolean): readonly Resolution[] {
    if (choices.flat().length < 2 && choices.length < 2) return NONE;
    const found = choices.map((targets) => targets.map((target) => this.#thereAt(folderOf(file), target)).filter((one) => one !== null));
    const isOurs = request.startsWith('#') || this.#memberNamed(packageNameOf(request)) !== undefined;
    return [...found.flat(), ...(isOurs && found.some((one) => one.length === 0) ? [this.#byName(file, request, isRuntime)] : [])];
  }

  #byPath(file: string, request: string): Resolution {
    const folder = folderOf(file);
    const found = this.#thereAt(folder, request);
    if (found !== null) return found;
    const target = this.#relative(path.resolve(this.#workspace.root, folder, request));
    if (target === '' || target === '..' || target.startsWith('../')) return NOWHERE;
    return this.#isGenerated(target) ? this.#fromSources(target) : NOWHERE;
  }

  /** What a path leads to, if only on some platform; null where nothing is there. */
  #thereAt(folder: string, request: string): Resolution | null {
    const found = this.#ask(folder, request);
    if (found !== null) return this.#place(found);
    const target = this.#relative(path.resolve(this.#workspace.root, folder, request));
    const variants = this.#standIns.variants(target).filter((variant) => /(?<!\.d)\.[jt]sx?$/.test(variant) && this.#there.has(variant));
    return variants.length === 0 ? null : { kind: 'files', files: variants };
  }

  #byName(file: string, request: string, isRuntime: boolean): Resolution {
    return request.startsWith('#') ? this.#byImportsField(file, request) : this.#byPackage(file, request, !isRuntime);
  }

  #byImportsField(file: string, request: string): Resolution {
    const own = this.#installed.nearestPackage(file);
    if (own?.raw.imports === undefined) return UNKNOWN;
    const targets = importTargets(own.raw, request);
    const sources = this.#fromTargets(own.folder, targets);
    if (sources !== null) return sources;
    const found = this.#ask(folderOf(file), request);
    if (found !== null) return this.#place(found);
    return targets.some((target) => this.#isGenerated(inFolder(own.folder, target))) ? { kind: 'package', folder: this.#locator.packageOf(file) } : NOWHERE;
  }

  #byPackage(file: string, request: string, isType: boolean): Resolution {
    const name = packageNameOf(request);
    if (name === null) return UNKNOWN;
    const member = this.#memberNamed(name);
    if (member !== undefined) {
      const raw = this.#installed.packageAt(member.folder)?.raw ?? {};
      const sources = this.#fromTargets(member.folder, entryTargets(raw, `.${request.slice(name.length)}`));
      if (sources !== null) return sources;
    }
    const found = this.#ask(folderOf(file), request);
    if (found !== null) return this.#place(found);
    if (member !== undefined) return { kind: 'package', folder: member.folder };
    return this.#installed.isExcused(file, request, isType) ? OUTSIDE : NOWHERE;
  }

  /** The sources among the files that a package.json names, or those behind them; null when none is to be seen. */
  #fromTargets(folder: string, targets: readonly string[]): Resolution | null {
    const found = new Set<string>();
    for (const target of targets) {
      const file = path.posix.normalize(inFolder(folder, target));
      const resolved = this.#there.has(file) ? file : (this.#locator.sourceOf(file) ?? this.#asFile(this.#ask('', `./${file}`)));
      if (resolved !== null) found.add(resolved);
    }
    return found.size === 0 ? null : { kind: 'files', files: [...found].sort(compareText) };
  }

  /** What an absolute path is to the workspace. */
  #place(absolute: string): Resolution {
    const file = this.#relative(absolute);
    if (this.#there.has(file)) return { kind: 'files', files: [file] };
    const isOurs = !file.startsWith('../') && !path.isAbsolute(file) && !/(?:^|\/)node_modules\//.test(file);
    return isOurs && this.#isGenerated(file) ? this.#fromSources(file) : OUTSIDE;
  }

  #fromSources(file: string): Resolution {
    const source = this.#locator.sourceOf(file);
    return source === null ? { kind: 'package', folder: this.#locator.packageOf(file) } : { kind: 'files', files: [source] };
  }

  #ask(folder: string, request: string): string | null {
    for (const factory of this.#factories) {
      const { path: found } = factory.sync(path.join(this.#workspace.root, folder), request);
      if (found !== undefined) return found;
    }
    return null;
  }

  #memberNamed(name: string | null): GraphInput['packages'][number] | undefined {
    return name === null ? undefined : this.#workspace.packages.find((one) => one.name === name);
  }

  #isFolder(folder: string): boolean {
    let isThere = this.#folders.get(folder);
    if (isThere === undefined) this.#folders.set(folder, (isThere = existsSync(path.join(this.#workspace.root, folder))));
    return isThere;
  }

  #asFile(absolute: string | null): string | null {
    const file = absolute === null ? '' : this.#relative(absolute);
    return this.#there.has(file) ? file : null;
  }

  #relative(absolute: string): string {
    return path.relative(this.#workspace.root, absolute).split(path.sep).join('/');
  }
}

function alone(resolution: Resolution): Answer {
  return { resolution, besides: NONE };
}

function isRelative(request: string): boolean {
  return /^\.{1,2}(?:\/|$)/.test(request);
}
