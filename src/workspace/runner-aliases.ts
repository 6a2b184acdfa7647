import path from 'node:path';
import { parseSync, Visitor, type Argument, type ObjectProperty } from 'oxc-parser';
import { compareText } from '../model/finding.ts';
import { readTextIfThere } from '../system/read-text.ts';
import type { GraphInput } from './module-resolver.ts';
import { inFolder } from './packages.ts';
import { createSourceLocator } from './source-locator.ts';
import { readStaticValues, type StaticValues } from './static-values.ts';

/** What the aliases of bundlers and test runners make of an import. */
export interface RunnerAliases {
  /**
   * Where it may lead: absolute paths, and names of packages. `isOpaque`: an alias is meant whose target only running the
   * configuration could tell.
   */
  candidates(file: string, specifier: string): { readonly targets: readonly string[]; readonly isOpaque: boolean };
}

/** Configurations that say what an import means when tests run. */
const CONFIG = /(?:^|\/)(?:(?:vite|vitest|jest|webpack|rspack|rsbuild|babel)(?:[.-]\w+)*\.(?:config|workspace|projects)\.(?:[cm]?[jt]s|json)|(?:vite|vitest|jest|babel)\.(?:config|workspace)(?:[.-]\w+)*\.(?:[cm]?[jt]s|json)|\.babelrc(?:\.json|\.[cm]?js)?)$/;

type Apply = (request: string, from: string) => readonly (string | null)[];

interface Rule {
  /** Workspace-relative folder whose files it speaks of. */
  readonly scope: string;
  /** Absolute paths or names; null for one that cannot be told; none where the rule does not mean the import. */
  readonly apply: Apply;
}

/** Reads them all, and runs none: what is computed in a way that we can't follow is opaque. */
export function createRunnerAliases(workspace: GraphInput): RunnerAliases {
  const locator = createSourceLocator(workspace);
  const rules: Rule[] = [];
  for (const file of workspace.files.filter((one) => CONFIG.test(one) || path.posix.basename(one) === 'package.json')) {
    const text = sourceOf(path.join(workspace.root, file));
    if (text === null) continue;
    const scope = locator.packageOf(file);
    rules.push(...readRules({ text, file: path.join(workspace.root, file), cwd: path.join(workspace.root, scope), root: workspace.root }).map((apply) => ({ scope, apply })));
  }
  return {
    candidates(file, specifier) {
      const found = rules.filter(({ scope }) => scope === '' || file.startsWith(inFolder(scope, ''))).flatMap(({ apply }) => apply(specifier, path.join(workspace.root, file)));
      const targets = [...new Set(found.filter((target) => target !== null))].sort(compareText);
      return { targets, isOpaque: found.includes(null) };
    },
  };
}

/** JSON is an expression, too; of package.json only what Jest reads. */
function sourceOf(file: string): string | null {
  const text = readTextIfThere(file);
  if (text === null || !/alias|moduleNameMapper|modulePaths|moduleDirectories/.test(text)) return null;
  if (path.basename(file) === 'package.json' && !/"(?:jest|babel)"\s*:/.test(text)) return null;
  return /\.json$|\.babelrc$/.test(file) ? `(${text})` : text;
}

interface Config {
  readonly text: string;
  /** Absolute. */
  readonly file: string;
  /** Absolute folder that it is run in. */
  readonly cwd: string;
  /** Absolute root of the workspace. */
  readonly root: string;
}

function readRules(config: Config): Apply[] {
  const { program } = parseSync(/\.(?:json|babelrc)$/.test(config.file) ? 'config.js' : config.file, config.text, { sourceType: 'unambiguous' });
  const values = readStaticValues(program, config.file, config.cwd);
  const rules: Apply[] = [];
  const rootDirs = new Set([path.dirname(config.file), config.cwd]);
  const found: { key: string; value: Argument }[] = [];
  new Visitor({
    Property(property) {
      const key = keyOf(property as ObjectProperty);
      const value = property.value as Argument;
      if (key === 'rootDir') rootDirs.add(path.resolve(path.dirname(config.file), values.text(value) ?? '.'));
      else found.push({ key, value });
    },
  }).visit(program);
  const places: Places = { folders: [...rootDirs], root: config.root };
  for (const { key, value } of found) {
    if (key === 'alias') rules.push(...aliasRules(value, values, places));
    else if (key === 'moduleNameMapper') rules.push(...mapperRules(value, values, places));
    else if (key === 'modulePaths' || key === 'moduleDirectories') rules.push(...folderRules(key, value, values, places));
  }
  return rules;
}

interface Places {
  /** Absolute; what a relative path or `<rootDir>` may start from. */
  readonly folders: readonly string[];
  readonly root: string;
}

function keyOf({ key, computed }: ObjectProperty): string {
  if (key.type === 'Identifier' && !computed) return key.name;
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : '';
}

/** Vite's and webpack's: `{ '@': './src' }`, or a list of `{ find, replacement }`. */
function aliasRules(node: Argument, values: StaticValues, places: Places): Apply[] {
  const list = values.follow(node);
  if (list?.type !== 'ArrayExpression') {
    return values.properties(node).flatMap((property) => {
      if (property.type !== 'Property') return [];
      const find = keyOf(property);
      return find === '' ? [] : [prefixRule(find, values.text(property.value), places)];
    });
  }
  return list.elements.flatMap((element): Apply[] => {
    if (element === null || element.type === 'SpreadElement') return [];
    const of = (name: string): Argument | null => {
      const property = values.properties(element).find((one) => one.type === 'Property' && keyOf(one) === name);
      return property?.type === 'Property' ? property.value : null;
    };
    const find = values.follow(of('find'));
    const to = values.text(of('replacement'));
    if (find?.type === 'Literal' && 'regex' in find) return [patternRule(find.regex.pattern, [to], places)];
    const text = values.text(find);
    return text === null ? [] : [prefixRule(text, to, places)];
  });
}

/** webpack's `name$` means the name alone. */
function prefixRule(find: string, to: string | null, places: Places): Apply {
  const name = find.replace(/\/?\*?$|\$$/, '');
  return (request) => {
    if (request !== name && !request.startsWith(name.endsWith('/') ? name : `${name}/`)) return [];
    return to === null ? [null] : expand(to.replace(/\/?\*$/, '') + request.slice(name.length), places);
  };
}

/** Jest's: `{ '^@/(.*)$': '<rootDir>/src/$1' }`, several targets allowed. */
function mapperRules(node: Argument, values: StaticValues, places: Places): Apply[] {
  return values.properties(node).flatMap((property): Apply[] => {
    if (property.type !== 'Property') return [];
    const target = values.follow(property.value);
    const targets = target?.type === 'ArrayExpression' ? target.elements.map((element) => (element === null || element.type === 'SpreadElement' ? null : values.text(element))) : [values.text(target)];
    return [patternRule(keyOf(property), targets, places)];
  });
}

function patternRule(pattern: string, targets: readonly (string | null)[], places: Places): Apply {
  const expression = toRegExp(pattern);
  return (request) => {
    if (expression === null || !expression.test(request)) return [];
    return targets.flatMap((to) => (to === null ? [null] : expand(request.replace(expression, to), places)));
  };
}

function toRegExp(pattern: string): RegExp | null {
  try {
    return pattern === '' ? null : new RegExp(pattern);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Jest's folders of modules: paths as they are, names in every folder upward. */
function folderRules(key: 'modulePaths' | 'moduleDirectories', node: Argument, values: StaticValues, places: Places): Apply[] {
  const list = values.follow(node);
  if (list?.type !== 'ArrayExpression') return [];
  const names = list.elements.map((element) => (element === null || element.type === 'SpreadElement' ? null : values.text(element))).filter((name) => name !== null && name !== 'node_modules');
  return names.filter((name) => name !== null).map((name): Apply => (request, from) => {
    if (/^[./]/.test(request)) return [];
    if (key === 'modulePaths' || /^[</]/.test(name)) return expand(`${name}/${request}`, places);
    const found: string[] = [];
    for (let folder = path.dirname(from); folder.startsWith(places.root); folder = path.dirname(folder)) found.push(path.join(folder, name, request));
    return found;
  });
}

/** A target as the paths that it may be, and as the name of a package. */
function expand(to: string, { folders, root }: Places): string[] {
  if (to.includes('<rootDir>')) return folders.map((folder) => path.normalize(to.replaceAll('<rootDir>', folder)));
  if (path.isAbsolute(to)) return to.startsWith(`${root}${path.sep}`) ? [path.normalize(to)] : folders.map((folder) => path.join(folder, to));
  const paths = folders.map((folder) => path.resolve(folder, to));
  return /^\.{1,2}(?:\/|$)/.test(to) ? paths : [...paths, to];
}
