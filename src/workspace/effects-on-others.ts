import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ImportGraph, SourceEffects } from '../model/import-graph.ts';
import type { Workspace } from '../model/workspace.ts';
import type { Environment } from '../system/git.ts';
import { textsAtBase } from './base-texts.ts';
import { packageNameOf } from './installed-packages.ts';
import { readModule } from './module-specifiers.ts';
import { folderOf } from './packages.ts';
import { SOURCE_FILE } from './script-blocks.ts';
import { effectsOf } from './source-effects.ts';
import { isForAll } from './wide-files.ts';

export interface EffectsOptions {
  readonly workspace: Workspace;
  /** The commit that "changed" is relative to, as the user wrote it. */
  readonly base: string;
  readonly graph: () => ImportGraph;
  readonly environment: Environment;
}

const NONE: SourceEffects = { isForAll: false, augmented: [], brings: [] };

/**
 * Why a change of these files may have broken files that do not import them, by what they were at the base and are no longer, or the other
 * way round: a clause for people. Null where it has not. What they declare for all now is not asked here.
 */
export async function effectOnOthers(changed: readonly string[], { workspace, base, graph, environment }: EffectsOptions): Promise<string | null> {
  const sources = changed.filter((file) => SOURCE_FILE.test(file));
  const texts = await textsAtBase(sources, { head: workspace.head, base, git: { cwd: workspace.root, environment } });
  if (texts === null) return `git does not tell what ${sources[0] ?? ''} was before`;
  const { effects } = graph();
  const rows = sources.map((file) => {
    const text = texts.get(file);
    return { file, before: text === undefined ? NONE : effectsOf(file, text, readModule(file, text)), now: effects.get(file) ?? NONE };
  });
  // What one of them has lost another may have got: then the program has what it had.
  const [allBefore, allNow] = [new Set(rows.flatMap(({ before }) => before.brings)), new Set(rows.flatMap(({ now }) => now.brings))];
  const others = createNamers(effects, new Set(sources));
  for (const { file, before, now } of rows) {
    if (isForAll(file, before, workspace) && !now.isForAll) return `${file} has declared names for all`;
    const lost = before.augmented.find((name) => !now.augmented.includes(name));
    if (lost !== undefined) return `${file} has augmented "${lost}"`;
    const differing = [...before.brings, ...now.brings].filter((name) => (name.startsWith('.') ? before.brings.includes(name) !== now.brings.includes(name) : allBefore.has(name) !== allNow.has(name)));
    const alone = differing.find((name) => (name.startsWith('.') ? declaresForAll(file, name, effects) : (name.startsWith('reference ') || isInstalled(name, file, workspace.root)) && !others(name)));
    if (alone !== undefined) return `${file} ${now.brings.includes(alone) ? 'is the first to have' : 'was the last to have'} ${alone}, which may declare names for all`;
  }
  return null;
}

/** Tells whether any other source than these brings the same into the program. */
function createNamers(effects: ImportGraph['effects'], apart: ReadonlySet<string>): (name: string) => boolean {
  let names: Set<string> | undefined;
  return (name) => {
    names ??= new Set([...effects].flatMap(([file, { brings }]) => (apart.has(file) ? [] : brings)));
    return names.has(name);
  };
}

/** An alias of the workspace is none: what it leads to is known. */
function isInstalled(name: string, file: string, root: string): boolean {
  const bare = packageNameOf(name);
  if (bare === null) return false;
  for (let folder = folderOf(file); ; folder = folderOf(folder)) {
    const packages = path.join(root, folder, 'node_modules');
    if (existsSync(path.join(packages, bare)) || existsSync(path.join(packages, '@types', bare.replace(/^@/, '').replace('/', '__')))) return true;
    if (folder === '') return false;
  }
}

/** Of a relative import for its effects alone; what else it acts on are edges. */
function declaresForAll(file: string, name: string, effects: ImportGraph['effects']): boolean {
  const stem = path.posix.join(folderOf(file), name).replace(/\.[cm]?[jt]sx?$/, '');
  const ends = ['.ts', '.tsx', '.mts', '.cts', '.d.ts', '.d.mts', '.d.cts', '.js', '.jsx', '.mjs', '.cjs'];
  return [stem, `${stem}/index`].some((one) => ends.some((end) => effects.get(one + end)?.isForAll === true || (effects.get(one + end)?.augmented.length ?? 0) > 0));
}
