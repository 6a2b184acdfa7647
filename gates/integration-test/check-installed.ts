import { existsSync, lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import semver from 'semver';
import { z } from 'zod';
import type { CheckOutcome } from '../../src/model/check.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import type { WorkspacePackage } from '../../src/model/workspace.ts';
import { npmProblems } from './npm-problems.ts';

/** The one part of an installed package.json that we need. */
const installedManifest = z.object({ version: z.string().optional() });
const rootManifest = z.object({
  overrides: z.record(z.string(), z.unknown()).optional(),
  resolutions: z.record(z.string(), z.unknown()).optional(),
  pnpm: z.object({ overrides: z.record(z.string(), z.unknown()).optional() }).optional(),
});

/**
 * Whether what each package.json declares is installed, in a version that satisfies it; for npm also whether the packages
 * below are whole (`npm ls`).
 */
export async function checkInstalled(context: RunContext): Promise<CheckOutcome> {
  const { root, packages, packageManager } = context.workspace;
  const overridden = await overriddenNames(root);
  const results = await Promise.all(packages.map((one) => checkPackage(root, one, overridden)));
  const findings = results.flatMap((one) => one.findings);
  const looked = results.reduce((sum, one) => sum + one.packages, 0);
  const byNpm = packageManager?.name === 'npm' && isInstalledByNpm(root);
  const deep = byNpm ? await npmProblems(context) : { ok: true as const, findings: [], packages: 0 };
  if (!deep.ok) return { status: 'error', failure: deep.failure, findings };
  const known = new Set(findings.map(({ rule, message }) => `${rule} ${message.split(' ')[0] ?? ''}`));
  const more = deep.findings.filter(({ rule, message }) => !known.has(`${rule} ${message.split(' ')[0] ?? ''}`));
  return {
    status: 'done',
    findings: [...findings, ...more].sort(compareFindings),
    inspected: { files: packages.map((one) => manifestOf(one)), packages: Math.max(looked, deep.packages) },
  };
}

/**
 * Only a tree that npm has put there can be judged by npm. A linked node_modules, as in a second worktree, npm takes for
 * packages under development, and misses the development dependencies of each.
 */
function isInstalledByNpm(root: string): boolean {
  const folder = path.join(root, 'node_modules');
  return existsSync(path.join(folder, '.package-lock.json')) && !lstatSync(folder).isSymbolicLink();
}

async function overriddenNames(root: string): Promise<ReadonlySet<string>> {
  const file = path.join(root, 'package.json');
  if (!existsSync(file)) return new Set();
  const manifest = rootManifest.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!manifest.success) return new Set();
  const { overrides, resolutions, pnpm } = manifest.data;
  const keys = [overrides, resolutions, pnpm?.overrides].flatMap((one) => Object.keys(one ?? {}));
  // `a>b@1`, `**/b`, `@scope/b@npm:1`: the name is what stands last, without its version.
  return new Set(keys.map((key) => /(?:^|[>/*])((?:@[^/@>]+\/)?[^/@>]+)(?:@[^>]*)?$/.exec(key)?.[1] ?? key));
}

interface PackageResult {
  readonly findings: readonly Finding[];
  readonly packages: number;
}

async function checkPackage(root: string, one: WorkspacePackage, overridden: ReadonlySet<string>): Promise<PackageResult> {
  const file = manifestOf(one);
  const text = await readFile(path.join(root, file), 'utf8');
  const findings: Finding[] = [];
  let packages = 0;
  for (const section of ['dependencies', 'devDependencies'] as const) {
    for (const [name, wanted] of Object.entries(one[section])) {
      if (section === 'dependencies' && name in one.optionalDependencies) continue;
      packages += 1;
      const installed = await installedVersion(path.join(root, one.folder), name);
      const problem = describeProblem(name, wanted, installed, overridden);
      if (problem !== null) findings.push({ gate: 'integration_test', ...problem, file, ...placeOf(text, section, name), severity: 'error' });
    }
  }
  return { findings, packages };
}

function describeProblem(name: string, wanted: string, installed: string | null | undefined, overridden: ReadonlySet<string>): Pick<Finding, 'rule' | 'message'> | null {
  if (installed === undefined) return { rule: 'not-installed', message: `${name} is declared as ${wanted}, but not installed` };
  const range = rangeOf(wanted);
  if (range === null || installed === null || overridden.has(name)) return null;
  if (semver.satisfies(installed, range, { includePrerelease: true, loose: true })) return null;
  return { rule: 'wrong-version', message: `${name} is declared as ${wanted}, but ${installed} is installed` };
}

/** The version range in a declaration; null for those that are no range: paths, URLs, tags, `workspace:`, `catalog:`. */
function rangeOf(wanted: string): string | null {
  const alias = /^npm:(?:@[^/]+\/)?[^@]+@(.+)$/.exec(wanted)?.[1];
  return semver.validRange(alias ?? wanted, { loose: true });
}

/** Undefined: not installed. Null: installed without a version, as a linked package may be. */
async function installedVersion(folder: string, name: string): Promise<string | null | undefined> {
  for (let at = folder; ; at = path.dirname(at)) {
    const file = path.join(at, 'node_modules', name, 'package.json');
    if (existsSync(file)) {
      const manifest = installedManifest.safeParse(JSON.parse(await readFile(file, 'utf8')));
      return manifest.success ? (manifest.data.version ?? null) : null;
    }
    if (at === path.dirname(at)) return undefined;
  }
}

function manifestOf({ folder }: WorkspacePackage): string {
  return folder === '' ? 'package.json' : `${folder}/package.json`;
}

function placeOf(text: string, section: string, name: string): Pick<Finding, 'line' | 'column'> {
  const tree = parseTree(text);
  const property = tree === undefined ? undefined : findNodeAtLocation(tree, [section, name])?.parent;
  if (property === undefined) return { line: null, column: null };
  const before = text.slice(0, property.offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
