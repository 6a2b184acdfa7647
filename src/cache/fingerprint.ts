import { existsSync, realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Check } from '../model/check.ts';
import type { Workspace } from '../model/workspace.ts';
import { lstatIfThere } from '../system/file-times.ts';
import { once } from '../system/once.ts';
import { digestOfEntries, digestOfValue, type Digest } from './digest.ts';
import { digestOfAll, digestOfCode, digestOfInstalled, type TreeState } from './tree-state.ts';

/**
 * All that a check's result depends on, part by part, so that it can be told which part has changed. Two checks with equal parts
 * have equal results.
 */
export interface FingerprintParts {
  /** Our own version and build, and the packages that we bring along. */
  readonly product: Digest;
  /** What was asked of the engine: gates, files by name, parameters. */
  readonly definition: Digest;
  readonly engine: string;
  /** Node's version, platform and processor. */
  readonly node: string;
  /** Contents of the files that count for it. */
  readonly files: Digest;
  /** Installed packages; absent where they don't matter. */
  readonly installed?: Digest;
  /** Variables of the environment by name. */
  readonly environment?: Readonly<Record<string, Digest>>;
  readonly programs?: Readonly<Record<string, string>>;
  /** Where programs are looked for, who we are, in what time zone and on what processor: what is measured depends on it. */
  readonly process?: Digest;
  /** What git would answer, where a file of the tree looks as if it asked; of what measures against HEAD the commit. */
  readonly git?: string;
}

export type FingerprintResult =
  | { readonly ok: true; readonly fingerprint: Digest; readonly parts: FingerprintParts }
  /** Why it has none: one clause for people. */
  | { readonly ok: false; readonly reason: string };

/** What is the same for all checks of one state; worked out once. */
export interface FingerprintContext {
  readonly state: TreeState;
  readonly of: (check: Check) => FingerprintResult;
}

/** Of package managers, in any folder. */
const SETTINGS = /(?:^|\/)(?:\.npmrc|\.yarnrc|\.yarnrc\.yml|\.pnpmfile\.cjs|pnpm-workspace\.yaml|lerna\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/;

export interface FingerprintOptions {
  readonly state: TreeState;
  /** What the checks are handed besides themselves. */
  readonly workspace: Workspace;
  readonly product: Digest;
  /** Gates whose results are never kept. */
  readonly never: readonly string[];
}

export function fingerprintContext({ state, workspace, product, never }: FingerprintOptions): FingerprintContext {
  const code = once(() => digestOfCode(state));
  const all = once(() => digestOfAll(state));
  const installed = once(() => digestOfInstalled(state));
  const handed = once(() => workspaceDigest(workspace));
  const node = `${process.version} ${process.platform} ${process.arch}`;
  const environment = once(() => Object.fromEntries(Object.entries(state.environment.variables).map(([name, value]) => [name, digestOfValue(value)])));
  const of = (check: Check): FingerprintResult => {
    if (check.gates.some((gate) => never.includes(gate))) return { ok: false, reason: 'cache.never in the configuration names its gate' };
    const missing = check.files.find((file) => !state.files.has(file));
    if (missing !== undefined) return { ok: false, reason: `${missing} came while the run was planned` };
    const unseen = check.inputFiles?.find((file) => !state.files.has(file) && existsSync(path.resolve(state.root, file)));
    if (unseen !== undefined) return { ok: false, reason: `${unseen} lies among what tools write: name it in cache.inputs` };
    const engine = `${check.engine} ${check.engineVersion ?? ''}`.trim();
    const inputs = check.inputs ?? 'workspace';
    if (inputs === 'never') return { ok: false, reason: 'what it measures is of the moment' };
    if (inputs === 'files') {
      const names = [...check.files, ...(check.inputFiles ?? [])];
      const files = digestOfEntries(names.map((file) => [file, state.files.get(file) ?? 'nothing'] as const));
      return sealed({ product, definition: definitionOf(check, state.root, null), engine, node, files });
    }
    if (state.problem !== null) return { ok: false, reason: state.problem };
    const packages = installed();
    if (packages === null) return { ok: false, reason: 'the installed packages changed while they were looked at' };
    const { programs, named, path: programPath, zone } = state.environment;
    const shared = { product, definition: definitionOf(check, state.root, handed()), engine, node, installed: packages, environment: environment(), programs };
    if (inputs === 'packages') {
      const { packages: members, packageManager } = workspace;
      const manifests = members.map(({ folder }) => path.posix.join(folder, 'package.json'));
      const settings = [...state.files.keys()].filter((file) => path.isAbsolute(file) || SETTINGS.test(file));
      const files = digestOfEntries([...new Set([...check.files, ...(check.inputFiles ?? []), ...manifests, ...settings])].map((file) => [file, state.files.get(file) ?? 'nothing'] as const));
      return sealed({ ...shared, definition: definitionOf(check, state.root, digestOfValue(withoutRoot(JSON.stringify([members, packageManager]), state.root))), files });
    }
    if (inputs === 'code') {
      const own = digestOfEntries(check.files.map((file) => [file, state.files.get(file) ?? 'nothing'] as const));
      return sealed({ ...shared, files: digestOfValue([code(), own]), ...(state.gitOfCode === null ? {} : { git: state.gitOfCode }) });
    }
    const asked = state.git ?? (inputs === 'commit' ? state.head : null);
    const git = asked === null ? {} : { git: asked };
    return sealed({ ...shared, programs: { ...programs, ...named }, files: all(), process: digestOfValue([programPath, zone, process.getuid?.() ?? null, os.cpus()[0]?.model ?? '', os.availableParallelism()]), ...git });
  };
  return { state, of };
}

function sealed(parts: FingerprintParts): FingerprintResult {
  return { ok: true, fingerprint: digestOfValue(parts), parts };
}

/** Everything of a check that its result can depend on: neither its title nor how long it may take. */
function definitionOf(check: Check, root: string, workspace: Digest | null): Digest {
  const { id, gates, name, engineOrigin, files, parts } = check;
  return digestOfValue([withoutRoot(JSON.stringify({ id, gates, name, engineOrigin, files, parts }), root), workspace]);
}

/** Where the tree lies, and at which commit, is nothing that a check may depend on; what changed since is used to attribute only. */
function workspaceDigest(workspace: Workspace): Digest {
  const known = { ...workspace, root: '', head: null, mainRoot: '', changed: null, removed: [] } satisfies Workspace;
  return digestOfValue(withoutRoot(JSON.stringify(known), workspace.root));
}

/** Worktrees that link one node_modules are alike, too. */
function withoutRoot(json: string, root: string): string {
  const packages = path.join(root, 'node_modules');
  const linked = lstatIfThere(packages)?.isSymbolicLink() === true && existsSync(packages) ? realpathSync(packages) : null;
  const bare = json.replaceAll(JSON.stringify(root).slice(1, -1), '<root>');
  return linked === null ? bare : bare.replaceAll(JSON.stringify(linked).slice(1, -1), '<root>/node_modules');
}
