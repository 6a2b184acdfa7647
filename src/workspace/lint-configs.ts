import path from 'node:path';
import { compareText } from '../model/finding.ts';
import type { LintConfig } from '../model/workspace.ts';
import { folderOf, inFolder, type FoundPackage } from './packages.ts';
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

/**
 * The linter configurations of the root, of the packages, and of the folders between. Others (fixtures, templates) govern
 * nothing that is run from a package. In one folder a flat ESLint configuration displaces the old kind.
 */
export function findLintConfigs(files: readonly string[], packages: readonly FoundPackage[], tools: ToolLocator): LintConfig[] {
  const there = new Set(files);
  const found: LintConfig[] = [];
  for (const folder of foldersToRoot(packages)) {
    for (const linter of ['eslint', 'eslintrc', 'biome', 'oxlint'] as const) {
      if (linter === 'eslintrc' && found.some((other) => other.folder === folder && other.linter === 'eslint')) continue;
      const config = NAMES[linter].map((name) => inFolder(folder, name)).find((name) => there.has(name)) ?? fromPackageJson(linter, folder, packages);
      if (config !== null) found.push({ linter, config, folder, tool: tools.find(TOOLS[linter], folder) });
    }
  }
  return found;
}

function foldersToRoot(packages: readonly FoundPackage[]): string[] {
  const folders = new Set(['']);
  for (const { folder } of packages) {
    for (let current = folder; current !== ''; current = folderOf(current)) folders.add(path.posix.normalize(current));
  }
  return [...folders].sort(compareText);
}

function fromPackageJson(linter: Linter, folder: string, packages: readonly FoundPackage[]): string | null {
  const hasKey = linter === 'eslintrc' && packages.some((one) => one.folder === folder && one.json.raw.eslintConfig !== undefined);
  return hasKey ? inFolder(folder, 'package.json') : null;
}
