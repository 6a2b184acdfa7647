import { existsSync } from 'node:fs';
import path from 'node:path';
import { compareText } from '../model/finding.ts';
import type { ImportGraph } from '../model/import-graph.ts';
import type { Workspace } from '../model/workspace.ts';
import type { Environment } from '../system/git.ts';
import { broughtIn, naming } from './beside-imports.ts';
import { effectOnOthers } from './effects-on-others.ts';
import { filesAtPaths } from './team-globs.ts';
import { createWideTest } from './wide-files.ts';

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
  const { reached, wide } = reachOf(seeds.files, options);
  const reason = wide === null ? await effectOnOthers(seeds.files, options) : `${wide} may act on any file`;
  if (reason !== null) return { ok: true, files: null, emptyReason, notes: [...seeds.notes, `everything is checked, because ${reason}`] };
  const there = [...reached].filter((file) => !workspace.removed.includes(file)).length;
  const started = seeds.files.length;
  return { ok: true, files: reached, emptyReason, notes: [...seeds.notes, `${String(started)} ${scope.kind === 'changed' ? `changed since ${base}` : 'given'}, ${String(there)} to check with what depends on ${started === 1 ? 'it' : 'them'}`] };
}

/** `wide`: a file among them that may act on any other. */
function reachOf(seeds: readonly string[], options: ScopeOptions): { reached: ReadonlySet<string>; wide: string | null } {
  const { workspace } = options;
  const graph = options.graph();
  const actsOnAll = createWideTest(options);
  const starts = new Set(seeds);
  const looked = new Set<string>();
  for (;;) {
    const reached = graph.dependentsOf(starts);
    const fresh = [...reached].filter((file) => !looked.has(file)).sort(compareText);
    const wide = fresh.find((file) => actsOnAll(file));
    if (wide !== undefined) return { reached, wide };
    // Who augments a module acts on everyone who imports that module.
    const augmented = fresh.flatMap((file) => augmentedBy(file, graph));
    if (augmented.every((file) => reached.has(file))) return { reached: new Set([...reached, ...naming(seeds, workspace), ...broughtIn(seeds, workspace, graph)]), wide: null };
    for (const file of fresh) looked.add(file);
    for (const file of augmented) starts.add(file);
  }
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

/** Files of the workspace whose modules a source augments (`declare module './x'`); of one by the name of a package, all that it may mean. */
function augmentedBy(file: string, graph: ImportGraph): readonly string[] {
  const names = graph.effects.get(file)?.augmented ?? [];
  if (names.length === 0) return [];
  const targets = graph.importsOf(file);
  if (!names.every(isRelative)) return targets;
  const stems = names.map((name) => stemOf(path.posix.join(path.posix.dirname(file), name)));
  return targets.filter((target) => stems.some((stem) => stemOf(target) === stem || stemOf(target) === `${stem}/index`));
}

function isRelative(name: string): boolean {
  return /^\.{1,2}(?:\/|$)/.test(name);
}

function stemOf(file: string): string {
  return file.replace(/(?:\.d)?\.(?:[cm]?[jt]s|[jt]sx)$/, '');
}
