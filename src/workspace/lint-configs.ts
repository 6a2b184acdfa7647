import path from 'node:path';
import { compareText } from '../model/finding.ts';
import type { LintConfig } from '../model/workspace.ts';
import { folderOf, inFolder, type FoundPackage } from './packages.ts';
import { isInSample } from './sample-folders.ts';
import type { ToolLocator } from './tools.ts';

type Linter = LintConfig['linter'];

/** Names by linter; of several in one folder the first counts, as in the linter itself. */
const NAMES: Readonly<Record<Linter, readonly string[]>> = {
  eslint: ['eslint.config.js', 'eslint.config.mjs', 'eslint.config.cjs', 'eslint.config.ts', 'eslint.config.mts', 'eslint.config.cts'],
  eslintrc: ['.eslintrc.js', '.eslintrc.cjs', '.eslintrc.yaml', '.eslintrc.yml', '.eslintrc.json', '.eslintrc'],
  biome: ['biome.json', 'biome.jsonc', '.biome.json', '.biome.jsonc'],
  oxlint: ['.oxlintrc.json', '.oxlintrc.jsonc', 'oxlint.config.ts'],
};

const TOOLS = { eslint: 'eslint', eslintrc: 'eslint', biome: '@biomejs/biome', oxlint: 'oxlint' } as const;

/** From this version on ESLint looks for a configuration from each file upward, and no longer from where it is run. */
const ESLINT_BY_FILE = 10;

/**
 * The linter configurations of the root, of the packages, and of the folders between. Of other folders (but for fixtures,
 * templates and examples): those that have none of their kind above, for they are what that folder is linted by; and below
 * others those that ESLint takes by itself since version 10. In one folder a flat ESLint configuration displaces the old kind.
 */
export function findLintConfigs(files: readonly string[], packages: readonly FoundPackage[], tools: ToolLocator): LintConfig[] {
  const there = new Set(files);
  const found: LintConfig[] = [];
  const ofPackages = foldersToRoot(packages);
  for (const folder of [...new Set([...ofPackages, ...foldersWithConfig(files)])].sort(compareText)) {
    for (const linter of ['eslint', 'eslintrc', 'biome', 'oxlint'] as const) {
      if (linter === 'eslintrc' && found.some((other) => other.folder === folder && other.linter === 'eslint')) continue;
      const config = NAMES[linter].map((name) => inFolder(folder, name)).find((name) => there.has(name)) ?? fromPackageJson(linter, folder, packages);
      if (config === null) continue;
      const one: LintConfig = { linter, config, folder, tool: tools.find(TOOLS[linter], folder) };
      if (ofPackages.has(folder) || isMeant(one, found, packages)) found.push(one);
    }
  }
  return found;
}

function foldersWithConfig(files: readonly string[]): string[] {
  const names = new Set(Object.values(NAMES).flat());
  return files.filter((file) => names.has(path.posix.basename(file)) && !isInSample(file)).map(folderOf);
}

/** Whether a configuration in a folder that is no package governs it; `found` are those that may lie above. */
function isMeant({ linter, folder, tool }: LintConfig, found: readonly LintConfig[], packages: readonly FoundPackage[]): boolean {
  const name = TOOLS[linter];
  if (tool === null && !packages.some(({ json }) => Object.hasOwn(json.devDependencies, name) || Object.hasOwn(json.dependencies, name))) return false;
  const above = found.filter((other) => TOOLS[other.linter] === name && (other.folder === '' || folder.startsWith(`${other.folder}/`)));
  return above.length === 0 || (linter === 'eslint' && Number.parseInt(tool?.version ?? '', 10) >= ESLINT_BY_FILE);
}

function foldersToRoot(packages: readonly FoundPackage[]): ReadonlySet<string> {
  const folders = new Set(['']);
  for (const { folder } of packages) {
    for (let current = folder; current !== ''; current = folderOf(current)) folders.add(path.posix.normalize(current));
  }
  return folders;
}

function fromPackageJson(linter: Linter, folder: string, packages: readonly FoundPackage[]): string | null {
  const hasKey = linter === 'eslintrc' && packages.some((one) => one.folder === folder && one.json.raw.eslintConfig !== undefined);
  return hasKey ? inFolder(folder, 'package.json') : null;
}
