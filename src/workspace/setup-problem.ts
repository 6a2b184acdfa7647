import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { PackageManager } from '../model/workspace.ts';
import { isMissing } from '../system/read-text.ts';
import type { FoundPackage } from './packages.ts';

/**
 * One sentence when packages are declared and nothing at all is installed; null otherwise. A single tool that is missing from
 * an installed tree is no setup problem: the gate that needs it says so.
 */
export function findSetupProblem(root: string, packages: readonly FoundPackage[], manager: PackageManager | null): string | null {
  const needy = packages.filter(({ json }) => Object.keys(json.dependencies).length + Object.keys(json.devDependencies).length > 0);
  const bare = needy.find(({ folder }) => !isInstalledAbove(path.join(root, folder)));
  if (bare === undefined) return null;
  if (existsSync(path.join(root, '.pnp.cjs'))) {
    return 'the packages are installed as Yarn Plug\'n\'Play, which is not supported: set "nodeLinker: node-modules" in .yarnrc.yml and run yarn install';
  }
  const where = isCoveredByRoot(bare, packages) ? '' : ` in ${bare.folder}`;
  return `node_modules is missing${where}: run ${installCommand(manager)}${where === '' ? '' : ' there'}`;
}

export function installCommand(manager: PackageManager | null): string {
  const locked = manager !== null && manager.lockfile !== null;
  switch (manager?.name) {
    case 'pnpm':
      return locked ? 'pnpm install --frozen-lockfile' : 'pnpm install';
    case 'yarn':
      return 'yarn install';
    case 'bun':
      return locked ? 'bun install --frozen-lockfile' : 'bun install';
    case 'npm':
    case undefined:
      return locked ? 'npm ci' : 'npm install';
  }
}

function isCoveredByRoot(bare: FoundPackage, packages: readonly FoundPackage[]): boolean {
  return bare.folder === '' || packages[0]?.folder === '';
}

function isInstalledAbove(folder: string): boolean {
  for (let current = folder; ; current = path.dirname(current)) {
    if (hasPackages(path.join(current, 'node_modules'))) return true;
    if (path.dirname(current) === current) return false;
  }
}

/** Tools leave caches (`.vite`, `.cache`) in node_modules where nothing was ever installed. */
function hasPackages(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => !name.startsWith('.'));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
