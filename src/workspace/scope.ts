import { existsSync } from 'node:fs';
import path from 'node:path';
import { compareText } from '../model/finding.ts';
import type { ImportGraph } from '../model/import-graph.ts';
import type { Workspace } from '../model/workspace.ts';
import type { Environment } from '../system/git.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { declaringTextsAtBase } from './base-texts.ts';
import { SOURCE_FILE } from './script-blocks.ts';
import { filesAtPaths } from './team-globs.ts';
import { extendedBy } from './tsconfig-fault.ts';

/** What a progressive run starts from: everything that differs from the base, or these files, as somebody typed them. */
export type Scope = { readonly kind: 'changed' } | { readonly kind: 'files'; readonly files: readonly string[] };

export interface ScopeOptions {
  readonly workspace: Workspace;
  readonly scope: Scope;
  /** What `files` are relative to; absolute. */
  readonly cwd: string;
  /** The commit that "changed" is relative to, as the user wrote it. */
  readonly base: string;
  /** Absolute path of the configuration of spark-gates, or null. */
  readonly configFile: string | null;
  /** Configurations that it names for gates, relative to the root. */
  readonly named: readonly string[];
  readonly graph: () => ImportGraph;
  readonly environment: Environment;
}

export type ScopeResult =
  | {
      readonly ok: true;
      /** The files to start from and all that depend on them, those that are gone too; null: everything, because a configuration is among them. */
      readonly files: ReadonlySet<string> | null;
      /** Why a team has nothing to check, if it has not. */
      readonly emptyReason: string;
      /** Sentences for people. */
      readonly notes: readonly string[];
    }
  /** One sentence. */
  | { readonly ok: false; readonly problem: string };

/** More names than these make a note hard to read. */
const NAMED_MAX = 5;

/**
 * The files that a change can have broken: those that changed and everything that imports them, at whatever distance. What acts otherwise
 * than by imports, a configuration or a declaration for everybody, may have broken anything: then everything is meant.
 */
export async function resolveScope(options: ScopeOptions): Promise<ScopeResult> {
  const { workspace, scope, base } = options;
  const seeds = seedsOf(options);
  if (!seeds.ok) return seeds;
  const emptyReason = scope.kind === 'changed' ? `nothing of it has changed since ${base}, nor depends on what has` : 'none of the given files is its, nor does it depend on one';
  if (seeds.files.length === 0) return { ok: true, files: new Set(), emptyReason, notes: seeds.notes };
  const before = await wideAtBase(seeds.files, options);
  const { reached, wide } = before === null ? reachOf(seeds.files, options) : { reached: new Set(seeds.files), wide: before };
  if (wide !== null) return { ok: true, files: null, emptyReason, notes: [...seeds.notes, `everything is checked, because ${wide} may act on any file`] };
  const there = [...reached].filter((file) => !workspace.removed.includes(file)).length;
  const started = seeds.files.length;
  return { ok: true, files: reached, emptyReason, notes: [...seeds.notes, `${String(started)} ${scope.kind === 'changed' ? `changed since ${base}` : 'given'}, ${String(there)} to check with what depends on ${started === 1 ? 'it' : 'them'}`] };
}

/** `wide`: a file among them that may act on any other. */
function reachOf(seeds: readonly string[], options: ScopeOptions): { reached: ReadonlySet<string>; wide: string | null } {
  const graph = options.graph();
  const starts = new Set(seeds);
  const looked = new Set<string>();
  for (;;) {
    const reached = graph.dependentsOf(starts);
    const fresh = [...reached].filter((file) => !looked.has(file)).sort(compareText);
    const wide = fresh.find((file) => actsOnAll(file, options));
    if (wide !== undefined) return { reached, wide };
    // Who augments a module acts on everyone who imports that module.
    const augmented = fresh.flatMap((file) => augmentedBy(file, options));
    if (augmented.every((file) => reached.has(file))) return { reached, wide: null };
    for (const file of fresh) looked.add(file);
    for (const file of augmented) starts.add(file);
  }
}

/** One that has declared something for others until now: who relied on it does not import it. */
async function wideAtBase(seeds: readonly string[], { workspace, base, environment }: ScopeOptions): Promise<string | null> {
  const texts = await declaringTextsAtBase(seeds, { head: workspace.head, base, git: { cwd: workspace.root, environment } });
  for (const [file, text] of texts) {
    const now = new Set(augmentationsIn(readTextIfThere(path.join(workspace.root, file)) ?? ''));
    if (isForEverybody(file, text, workspace) || augmentationsIn(text).some((name) => !now.has(name))) return file;
  }
  return null;
}

type Seeds = { readonly ok: true; readonly files: readonly string[]; readonly notes: readonly string[] } | { readonly ok: false; readonly problem: string };

function seedsOf({ workspace, scope, cwd }: ScopeOptions): Seeds {
  if (scope.kind === 'changed') {
    if (workspace.changed === null) return { ok: false, problem: `${workspace.root} is no git repository, so nobody can tell what has changed; name the files with --files` };
    return { ok: true, files: [...workspace.changed, ...workspace.removed], notes: [] };
  }
  const files = new Set<string>();
  const strange: string[] = [];
  for (const written of scope.files) {
    const found = filesAtPaths(workspace.root, [...workspace.files, ...workspace.removed], [written], cwd);
    if (found.ok) for (const file of found.files) files.add(file);
    else if (isRemoved(workspace, path.resolve(cwd, written))) files.add(relativeTo(workspace.root, path.resolve(cwd, written)));
    // An agent edits what it likes, and what git ignores is no gate's business.
    else if (existsSync(path.resolve(cwd, written)) && isInside(workspace.root, path.resolve(cwd, written))) strange.push(written);
    else return { ok: false, problem: found.problem };
  }
  const shown = strange.slice(0, NAMED_MAX).join(', ');
  const more = strange.length > NAMED_MAX ? ` and ${String(strange.length - NAMED_MAX)} more` : '';
  return { ok: true, files: [...files].sort(compareText), notes: strange.length === 0 ? [] : [`left out, because git ignores it or the configuration excludes it: ${shown}${more}`] };
}

function isRemoved(workspace: Workspace, absolute: string): boolean {
  return workspace.removed.includes(relativeTo(workspace.root, absolute));
}

function isInside(root: string, absolute: string): boolean {
  const relative = relativeTo(root, absolute);
  return relative !== '..' && !relative.startsWith('../') && !path.isAbsolute(relative);
}

function relativeTo(root: string, absolute: string): string {
  return path.relative(root, absolute).split(path.sep).join('/');
}

/** Configurations of what the fast gates run, and of what they resolve by. */
const CONFIGURATION = /(?:^|\/)(?:package\.json|pnpm-workspace\.yaml|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|\.npmrc|\.yarnrc(?:\.yml)?|[jt]sconfig[^/]*\.json|(?:eslint|oxlint|biome|jest|vite|vitest|babel|webpack|rspack|rsbuild)[^/]*\.(?:config|workspace)\.[^/]+|\.?biome\.jsonc?|\.oxlintrc\.jsonc?|\.eslintrc[^/]*|\.eslintignore|eslint-suppressions\.json|\.babelrc[^/]*|\.secretlintrc[^/]*|\.secretlintignore|\.gitignore|spark-gates\.config\.\w+)$/;

/** Which compilers have every file with JSX import, without saying so in the file. */
const JSX_RUNTIME = /(?:^|\/)jsx-(?:dev-)?runtime(?:\.d)?\.\w+$/;

function actsOnAll(file: string, { workspace, configFile, named }: ScopeOptions): boolean {
  if (CONFIGURATION.test(file) || JSX_RUNTIME.test(file) || path.join(workspace.root, file) === configFile) return true;
  if (named.some((one) => path.posix.normalize(one) === file)) return true;
  if (workspace.lintConfigs.some(({ config }) => config === file)) return true;
  if (file.endsWith('.json')) return tsconfigParents(workspace, named).has(file);
  const text = SOURCE_FILE.test(file) ? readTextIfThere(path.join(workspace.root, file)) : null;
  return text !== null && isForEverybody(file, text, workspace);
}

const AUGMENTATION = /\bdeclare\s+module\s*(["'])([^"'\n]+)\1/g;

/** The modules that a source augments, as it names them. */
function augmentationsIn(text: string): string[] {
  return [...text.matchAll(AUGMENTATION)].map(([, , name = '']) => name);
}

/** What is declared for all, also in the name of an installed package, and scripts, whose names are everybody's. */
function isForEverybody(file: string, text: string, workspace: Workspace): boolean {
  if (/\bdeclare\s+global\b/.test(text) || augmentationsIn(text).some((name) => !isRelative(name) && !isOfWorkspace(name, workspace))) return true;
  return /\.(?:[cm]?ts|tsx)$/.test(file) && !/^[ \t]*(?:import|export)\b/m.test(text);
}

/** Files of the workspace whose modules a source augments (`declare module './x'`); of one by the name of a package, all that it may mean. */
function augmentedBy(file: string, { workspace, graph }: ScopeOptions): readonly string[] {
  if (!SOURCE_FILE.test(file)) return [];
  const names = augmentationsIn(readTextIfThere(path.join(workspace.root, file)) ?? '');
  if (names.length === 0) return [];
  const targets = graph().importsOf(file);
  if (!names.every(isRelative)) return targets;
  const stems = names.map((name) => stemOf(path.posix.join(path.posix.dirname(file), name)));
  return targets.filter((target) => stems.some((stem) => stemOf(target) === stem || stemOf(target) === `${stem}/index`));
}

function isRelative(name: string): boolean {
  return /^\.{1,2}(?:\/|$)/.test(name);
}

function isOfWorkspace(name: string, { packages }: Workspace): boolean {
  return packages.some((one) => one.name !== null && (name === one.name || name.startsWith(`${one.name}/`)));
}

function stemOf(file: string): string {
  return file.replace(/(?:\.d)?\.(?:[cm]?[jt]s|[jt]sx)$/, '');
}

function tsconfigParents(workspace: Workspace, named: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>([...workspace.typescriptProjects.map(({ config }) => config), ...named.filter((file) => file.endsWith('.json'))]);
  for (const config of found) for (const parent of extendedBy(workspace.root, config)) if (!parent.startsWith('../')) found.add(parent);
  return found;
}
