import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { Finding } from '../../../src/model/finding.ts';
import type { Workspace, WorkspacePackage } from '../../../src/model/workspace.ts';

/** "Cannot find module", its variants for a better module resolution and for the JSX runtime. */
const RULES = new Set(['TS2307', 'TS2792', 'TS2875']);
const SHARE = 0.5;

/**
 * Declared packages that are not installed, where they are what most errors are about: then the tree is not set up, and
 * hundreds of type errors say nothing about the code. Empty otherwise.
 */
export function missingPackages(findings: readonly Finding[], workspace: Workspace): string[] {
  const errors = findings.filter((finding) => finding.severity === 'error' && finding.kind === undefined);
  const missing = errors.map((finding) => missingPackage(finding, workspace)).filter((name) => name !== null);
  return missing.length > errors.length * SHARE ? [...new Set(missing)].sort() : [];
}

function missingPackage(finding: Finding, workspace: Workspace): string | null {
  if (!RULES.has(finding.rule) || finding.file === null) return null;
  const name = packageName(/'([^']+)'/.exec(finding.message)?.[1] ?? '');
  if (name === null || !isDeclared(name, finding.file, workspace.packages)) return null;
  return isPresent(name, path.dirname(path.join(workspace.root, finding.file))) ? null : name;
}

function packageName(specifier: string): string | null {
  if (specifier === '' || specifier.startsWith('.') || specifier.startsWith('/') || isBuiltin(specifier)) return null;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function isDeclared(name: string, file: string, packages: readonly WorkspacePackage[]): boolean {
  return packages
    .filter(({ folder }) => folder === '' || file.startsWith(`${folder}/`))
    .some((each) => [each.dependencies, each.devDependencies, each.optionalDependencies, each.peerDependencies].some((declared) => name in declared));
}

function isPresent(name: string, from: string): boolean {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'node_modules', name))) return true;
    if (folder === path.dirname(folder)) return false;
  }
}
