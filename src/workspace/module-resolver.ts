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

const OUTSIDE: Resolution = { kind: 'outside' };
const UNKNOWN: Resolution = { kind: 'unknown' };
const NOWHERE: Resolution = { kind: 'nowhere' };

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
  readonly #known = new Map<string, Resolution>();

  /** `ambient`: names of modules that a declaration file of the workspace declares; stars allowed. */
  constructor(workspace: GraphInput, ambient: readonly string[]) {
    this.#workspace = workspace;
    this.#there = new Set(workspace.files);
    this.#isGenerated = createGeneratedTest(workspace.root, workspace.files);
    this.#locator = createSourceLocator(workspace);
    this.#aliases = createPathAliases(workspace.root, workspace.typescriptProjects);
    this.#installed = createInstalledPackages(workspace, ambient);
    this.#removed = createRemovedFiles(workspace.removed);
    this.#runnerAliases = createRunnerAliases(workspace);
    const shared = { extensions: EXTENSIONS, extensionAlias: EXTENSION_ALIAS, nodePath: false };
    const typed = new ResolverFactory({ ...shared, conditionNames: ['types', ...CONDITIONS], mainFields: ['types', 'typings', 'module', 'main'] });
    this.#factories = [typed, typed.cloneWithOptions({ ...shared, conditionNames: CONDITIONS, mainFields: ['module', 'main'] })];
  }

  resolve(file: string, { specifier, isRuntime }: ModuleSpecifier): Resolution {
    const key = `${isRelative(specifier) ? folderOf(file) : file}\0${specifier}\0${String(isRuntime)}`;
    let resolution = this.#known.get(key);
    if (resolution === undefined) this.#known.set(key, (resolution = this.#resolve(file, specifier, isRuntime)));
    return resolution;
  }

  /** Where the aliases of bundlers and test runners have an import lead, besides; null where none of them means it. */
  aliased(file: string, specifier: ModuleSpecifier): { readonly found: readonly Resolution[]; readonly isOpaque: boolean } | null {
    const request = specifier.specifier.replace(/\?.*$/s, '');
    // Vite takes what starts with a slash from its root.
    const rooted = request.startsWith('/') ? [this.#locator.packageOf(file), ''].map((base) => path.join(this.#workspace.root, base, request)) : [];
    const { targets, isOpaque } = this.#runnerAliases.candidates(file, request);
    if (targets.length + rooted.length === 0 && !isOpaque) return null;
    const found = [...targets, ...rooted].map((target) => (path.isAbsolute(target) ? this.#byPath(file, target) : this.resolve(file, { ...specifier, specifier: target })));
    return { found: found.filter(({ kind }) => kind === 'files' || kind === 'package'), isOpaque };
  }

  /** Files that are gone and that an import would have found, whatever it finds now. */
  removedBehind(file: string, { specifier }: ModuleSpecifier): readonly string[] {
    if (this.#removed.isEmpty) return [];
    const request = specifier.replace(/\?.*$/s, '');
    if (isRelative(request)) return this.#removed.at(path.posix.join(folderOf(file), request));
    const own = request.startsWith('#') ? this.#installed.nearestPackage(file) : null;
    const name = packageNameOf(request);
    const member = name === null ? undefined : this.#workspace.packages.find((one) => one.name === name);
    const targets = [
      ...[...this.#aliases.candidates(file, request).targets, ...this.#runnerAliases.candidates(file, request).targets.filter((target) => path.isAbsolute(target))].map((target) => this.#relative(target)),
      ...(own === null ? [] : importTargets(own.raw, request).map((target) => inFolder(own.folder, target))),
      ...(member === undefined ? [] : entryTargets(this.#installed.packageAt(member.folder)?.raw ?? {}, `.${request.slice(name?.length)}`).map((target) => inFolder(member.folder, target))),
    ];
    return targets.flatMap((target) => this.#removed.at(path.posix.normalize(target)));
  }

  #resolve(file: string, specifier: string, isRuntime: boolean): Resolution {
    const request = specifier.replace(/\?.*$/s, '');
    if (request === '' || isBuiltin(request) || FOREIGN.test(request)) return OUTSIDE;
    if (/^[a-z][\w+.-]*:|^\/|!|\0/i.test(request)) return UNKNOWN;
    // SvelteKit generates `$types` beside each route.
    if (isRelative(request)) return /(?:^|\/)\$types(?:\.js)?$/.test(request) ? OUTSIDE : this.#byPath(file, request);
    const aliased = this.#byAlias(file, request);
    if (aliased !== null && aliased.kind !== 'nowhere') return aliased;
    const found = request.startsWith('#') ? this.#byImportsField(file, request) : this.#byPackage(file, request, !isRuntime);
    // A name that only the alias could have given has nowhere else to lead.
    return aliased !== null && found.kind === 'unknown' ? NOWHERE : found;
  }

  #byPath(file: string, request: string): Resolution {
    const folder = folderOf(file);
    const found = this.#ask(folder, request);
    if (found !== null) return this.#place(found);
    const target = this.#relative(path.resolve(this.#workspace.root, folder, request));
    if (target === '' || target === '..' || target.startsWith('../')) return NOWHERE;
    const variants = this.#locator.platformVariants(target);
    if (variants.length > 0) return { kind: 'files', files: variants };
    return this.#isGenerated(target) ? this.#fromSources(target) : NOWHERE;
  }

  /** Null when no alias is meant. */
  #byAlias(file: string, request: string): Resolution | null {
    const { targets, isAlias } = this.#aliases.candidates(file, request);
    for (const target of targets) {
      const found = this.#byPath(file, target);
      if (found.kind !== 'nowhere') return found;
    }
    return isAlias ? NOWHERE : null;
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
    const member = this.#workspace.packages.find((one) => one.name === name);
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

  #asFile(absolute: string | null): string | null {
    const file = absolute === null ? '' : this.#relative(absolute);
    return this.#there.has(file) ? file : null;
  }

  #relative(absolute: string): string {
    return path.relative(this.#workspace.root, absolute).split(path.sep).join('/');
  }
}

function isRelative(request: string): boolean {
  return /^\.{1,2}(?:\/|$)/.test(request);
}
