import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../system/git.ts';
import { entriesOf, expandOutside, isOfSystem } from './outside-paths.ts';
import { addNamed, type TreeFiles, type TreeFilesOptions } from './tree-files.ts';

const PROGRAM_ENDS = ['js', 'cjs', 'mjs', 'ts', 'cts', 'mts'];
const DATA_ENDS = ['json', 'jsonc', 'json5', 'yaml', 'yml', 'toml'];

/** `.toolrc`, alone or with an ending. */
const RC_NAMES = ['babel', 'c8', 'eslint', 'graphql', 'markuplint', 'mocha', 'nyc', 'oxlint', 'postcss', 'prettier', 'remark', 'secretlint', 'stylelint', 'swc'];
/** `tool.config.js` and its like. */
const CONFIG_NAMES = ['babel', 'eslint', 'graphql', 'jest', 'nyc', 'oxlint', 'postcss', 'prettier', 'stylelint', 'tailwind'];

/** Configuration that tools look for in every folder upward, also above the root. */
const UPWARD_NAMES = new Set([
  'package.json', 'package.yaml', 'tsconfig.json', 'jsconfig.json', 'tsdoc.json', '.npmrc', '.yarnrc', '.yarnrc.yml', '.pnpmfile.cjs', '.pnp.cjs', '.pnp.loader.mjs', 'pnpm-workspace.yaml', 'lerna.json', 'bunfig.toml', 'deno.json', 'deno.jsonc',
  '.env', '.env.local', '.env.test', '.editorconfig', '.gitignore', '.gitattributes', '.eslintignore', '.stylelintignore', '.remarkignore', 'biome.json', 'biome.jsonc', '.biome.json', '.biome.jsonc',
  '.browserslistrc', 'browserslist', '.nvmrc', '.node-version', '.tool-versions', 'mise.toml', '.mise.toml',
  ...RC_NAMES.flatMap((tool) => [`.${tool}rc`, ...[...DATA_ENDS, ...PROGRAM_ENDS].map((end) => `.${tool}rc.${end}`)]),
  ...CONFIG_NAMES.flatMap((tool) => [...PROGRAM_ENDS, 'json'].map((end) => `${tool}.config.${end}`)),
]);

/** In the home folder, of those whose gates ask a registry. */
const HOME_NAMES = ['.npmrc', '.yarnrc', '.yarnrc.yml', '.config/pnpm/rc', '.gitconfig'];

/** What a file may be called that an import names without its end. */
const ENDS = ['', '.ts', '.tsx', '.mts', '.cts', '.d.ts', '.js', '.jsx', '.mjs', '.cjs', '.json', '/package.json', '/tsconfig.json', '/index.ts', '/index.js'];

/** Files named outside of the root are followed so far; beyond, what they name is not known. */
const OUTSIDE_MAX = 2_000;

export function ancestorsOf(root: string): string[] {
  const folders: string[] = [];
  for (let folder = path.dirname(root); ; folder = path.dirname(folder)) {
    folders.push(folder);
    if (path.dirname(folder) === folder) return folders;
  }
}

/** What tools find outside of the root without being told; absolute names, since that is where they look. */
export function addSurroundings(into: TreeFiles, options: TreeFilesOptions, environment: Environment): void {
  const { root } = options;
  const home = environment.HOME === undefined ? [] : HOME_NAMES.map((name) => path.join(environment.HOME ?? '', name));
  const above = ancestorsOf(root).flatMap((folder) => {
    // Never empty, unless it is closed to us: the way to the root leads through it.
    const entries = entriesOf(folder);
    return (entries.length === 0 ? [...UPWARD_NAMES] : entries.filter((name) => UPWARD_NAMES.has(name))).map((name) => path.join(folder, name));
  });
  for (const file of [...above, ...home]) {
    if (existsSync(file)) addNamed(file, into, options);
  }
}

/** What files of the tree name outside of it, and what those name in turn. A folder counts with all that is in it. */
export function addOutside(into: TreeFiles, options: TreeFilesOptions, environment: Environment): void {
  const { root } = options;
  const where = { root, home: environment.HOME };
  const tops = new Set(entriesOf('/'));
  let tried = 0;
  // Grows while it is walked: what is read names more.
  for (const target of into.outside) {
    // What looks like a path from the top may be one of a web site.
    if (target.startsWith('/') && !tops.has(target.split('/')[1] ?? '')) continue;
    const expanded = expandOutside(target, where);
    if (expanded.kind === 'everything') into.problem ??= `a file of the tree means all that lies beside the tree (${target})`;
    else for (const one of expanded.paths) tried += addOne(one, into, options);
    if (tried > OUTSIDE_MAX) into.problem ??= `files of the tree name more than ${String(OUTSIDE_MAX)} files outside of it`;
    if (into.problem !== null) return;
  }
}

/** How many there were; of those below the root for nothing, one. */
function addOne(target: string, into: TreeFiles, options: TreeFilesOptions): number {
  const { root } = options;
  const place = /^(.*?(?:^|\/)node_modules)(?:\/|$)/.exec(target)?.[1];
  if (place !== undefined) {
    into.places.add(place);
    return 1;
  }
  const found = candidatesOf(target).filter((candidate) => existsSync(path.resolve(root, candidate)));
  for (const candidate of found) if (!isOfSystem(candidate, root) || !statSync(candidate).isDirectory()) addNamed(candidate, into, options);
  return target.startsWith('/') ? found.length : Math.max(found.length, 1);
}

/** `./b.js` is written for a `b.ts`. */
function candidatesOf(target: string): string[] {
  const bare = target.replace(/\.([cm]?)jsx?$/, '');
  return [...ENDS.map((end) => target + end), ...(bare === target ? [] : ['.ts', '.tsx', '.mts', '.cts', '.d.ts'].map((end) => bare + end))];
}

