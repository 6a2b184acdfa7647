import path from 'node:path';
import type { ImportGraph, SourceEffects } from '../model/import-graph.ts';
import { mayHoldSettings } from '../model/settings-files.ts';
import type { Workspace } from '../model/workspace.ts';
import { once } from '../system/once.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { JAVASCRIPT_FILE } from './script-blocks.ts';
import { extendedBy } from './tsconfig-fault.ts';

/** Configurations of what the fast gates run, and of what they resolve by. */
const CONFIGURATION = /(?:^|\/)(?:package\.json|pnpm-workspace\.yaml|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|\.npmrc|\.yarnrc(?:\.yml)?|[jt]sconfig[^/]*\.json|(?:eslint|oxlint|biome|jest|vite|vitest|babel|webpack|rspack|rsbuild)[^/]*\.(?:config|workspace)\.[^/]+|\.?biome\.jsonc?|\.oxlintrc\.jsonc?|\.eslintrc[^/]*|\.eslintignore|eslint-suppressions\.json|\.babelrc[^/]*|\.secretlintrc[^/]*|\.secretlintignore|\.gitignore|spark-gates\.config\.\w+)$/;
/** Rules and shared configurations of linters, wherever a configuration has them from. */
const LINTERS = /eslint|oxlint|biome|secretlint/i;
/** What every file with JSX imports, without saying so. */
const JSX_RUNTIME = /(?:^|\/)jsx-(?:dev-)?runtime(?:\.d)?\.\w+$/;
const SCRIPT = /\.[cm]?[jt]s$/;
/** Read by people, services, editors and package managers, and by no gate. */
const IDLE = /(?:^|\/)(?:\.github|\.circleci|\.gitlab|\.vscode|\.idea|\.husky|\.changeset|\.devcontainer)\/|(?:^|\/)(?:LICEN[CS]E|COPYING|NOTICE|AUTHORS|CONTRIBUTORS|CODEOWNERS|Dockerfile|Makefile|Procfile|\.gitattributes|\.mailmap|\.dockerignore|\.npmignore|\.nvmrc|\.node-version|\.gitkeep|\.keep)$/i;

/** Of other languages, media, and what tests, pages and translators read. */
const DATA = /\.(?:java|kts?|swift|mm?|c|cc|cpp|h|hpp|cs|fs|php|dart|gradle|tf|tfvars|hcl|proto|prisma|pbxproj|plist|storyboard|xib|xml|mp[34]|m4a|wav|ogg|webm|mov|wasm|zip|t?gz|jar|pem|crt|bin|db|sqlite|xlsx?|docx?|pptx?|psd|eot|otf)$|(?:^|\/)(?:fixtures|__fixtures__|locales|public|__snapshots__)\//i;

export interface WideOptions {
  readonly workspace: Workspace;
  /** Absolute path of the configuration of spark-gates, or null. */
  readonly configFile: string | null;
  /** Configurations that it names for gates, relative to the root. */
  readonly named: readonly string[];
  readonly graph: () => ImportGraph;
}

/** Tells which files may act on any other, otherwise than by being imported. Answers are kept: use one for one state of the tree. */
export function createWideTest({ workspace, configFile, named, graph }: WideOptions): (file: string) => boolean {
  const parents = once(() => tsconfigParents(workspace, named));
  const linterNames = once(() => new Set(workspace.lintConfigs.flatMap(({ config }) => namesOfPaths(readTextIfThere(path.join(workspace.root, config)) ?? ''))));
  const isImported = (file: string): boolean => graph().dependentsOf([file]).size > 1;
  return (file) => {
    if (CONFIGURATION.test(file) || JSX_RUNTIME.test(file) || path.join(workspace.root, file) === configFile) return true;
    if (named.some((one) => path.posix.normalize(one) === file) || workspace.lintConfigs.some(({ config }) => config === file)) return true;
    if (file.endsWith('.json') && parents().has(file)) return true;
    const effects = graph().effects.get(file);
    if (effects !== undefined && (isForAll(file, effects, workspace) || effects.augmented.some((name) => !name.startsWith('.') && !isOfWorkspace(name, workspace)))) return true;
    if (IDLE.test(file)) return false;
    // What sources import is data to them, unless a linter has it as well.
    if (LINTERS.test(file) && (mayHoldSettings(file) || SCRIPT.test(file))) return true;
    const isNamedByLinter = linterNames().has(path.posix.basename(file).replace(/\.\w+$/, ''));
    return (isNamedByLinter || (mayHoldSettings(file) && !DATA.test(file))) && !isImported(file);
  };
}

/** The last parts of quoted paths, with and without an ending. A pattern names nothing that is loaded. */
function namesOfPaths(text: string): string[] {
  return [...text.matchAll(/['"`][^'"`*\n]*\/([^'"`*\n/]+)(?=['"`])/g)].flatMap(([, name = '']) => [name, name.replace(/\.\w+$/, '')]);
}

/** The names of a script are everybody's only where a compiler reads it: JavaScript is often read by none. */
export function isForAll(file: string, effects: SourceEffects, workspace: Workspace): boolean {
  return effects.isForAll && (!JAVASCRIPT_FILE.test(file) || compilesJavaScript(workspace));
}

/** Whether any project has JavaScript among its files. */
export function compilesJavaScript({ typescriptProjects }: Workspace): boolean {
  return typescriptProjects.some(({ files }) => files.some((file) => JAVASCRIPT_FILE.test(file)));
}

function isOfWorkspace(name: string, { packages }: Workspace): boolean {
  return packages.some((one) => one.name !== null && (name === one.name || name.startsWith(`${one.name}/`)));
}

function tsconfigParents(workspace: Workspace, named: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>([...workspace.typescriptProjects.map(({ config }) => config), ...named.filter((file) => file.endsWith('.json'))]);
  for (const config of found) for (const parent of extendedBy(workspace.root, config)) if (!parent.startsWith('../')) found.add(parent);
  return found;
}
