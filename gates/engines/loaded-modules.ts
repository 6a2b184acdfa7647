import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { parseSync, type EcmaScriptModule } from 'oxc-parser';
import { ResolverFactory } from 'oxc-resolver';
import { isMissing } from '../../src/system/read-text.ts';
import { isInstalled } from './workspace-path.ts';

/** What a module brings with it when it is imported. */
export interface LoadedModules {
  /** Absolute real paths, the module itself included. */
  readonly files: readonly string[];
  /** Code of the project among them looks at the file system, or starts programs: what it finds there can't be told. */
  readonly looksAround: boolean;
  /** Code of the project among them imports what cannot be told from reading it. */
  readonly isOpen: boolean;
}

/** A plugin collection has some hundreds; beyond this something else was reached. */
const FILES_MAX = 10_000;
const LOOKERS = /^(?:node:)?(?:fs(?:\/promises)?|child_process|worker_threads|module)$|^(?:glob|globby|fast-glob|tinyglobby|execa|fs-extra|picomatch|find-up|local-pkg|pkg-types|jiti|tsx)\b/;

/**
 * Follows the imports of a module, as Node does. Node does not tell which ES modules it has loaded; what those import is written in
 * them. CommonJS modules end the walk: Node tells those that it has loaded itself.
 */
export function loadedModules(entry: string): LoadedModules {
  const resolver = new ResolverFactory({ conditionNames: ['node', 'import', 'module-sync'], extensions: ['.js', '.json', '.node', '.ts', '.mts', '.cts'], extensionAlias: { '.js': ['.js', '.ts'], '.mjs': ['.mjs', '.mts'], '.cjs': ['.cjs', '.cts'] } });
  const files = new Set<string>();
  const pending = [entry];
  let looksAround = false;
  let isOpen = false;
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    if (files.size > FILES_MAX) return { files: [...files], looksAround: true, isOpen: true };
    const text = /\.[cm]?[jt]s$/.test(file) ? readIfThere(file) : null;
    if (text === null) continue;
    const { module } = parseSync(file, text, { sourceType: 'unambiguous' });
    const own = !isInstalled(file);
    const { specifiers, unknown } = specifiersOf(module, text);
    if (own && (unknown || /\bcreateRequire\b/.test(text))) isOpen = true;
    for (const specifier of specifiers) {
      if (own && LOOKERS.test(specifier)) looksAround = true;
      if (isBuiltin(specifier)) continue;
      const found = resolver.sync(path.dirname(file), specifier).path;
      if (found !== undefined) pending.push(found);
      else if (own) isOpen = true;
    }
  }
  return { files: [...files], looksAround, isOpen };
}

function specifiersOf(module: EcmaScriptModule, text: string): { specifiers: string[]; unknown: boolean } {
  const specifiers = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  for (const { entries } of module.staticExports) for (const { moduleRequest } of entries) if (moduleRequest !== null) specifiers.push(moduleRequest.value);
  let unknown = false;
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(["'`])([^\\$]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[2];
    if (literal === undefined) unknown = true;
    else specifiers.push(literal);
  }
  // In CommonJS, what was required Node tells; what may be required later it does not.
  if (!module.hasModuleSyntax) {
    for (const [, , specifier = ''] of text.matchAll(/\brequire\s*\(\s*(["'`])([^"'`\n$\\]+)\1/g)) if (isBuiltin(specifier) || LOOKERS.test(specifier) || specifier.startsWith('.')) specifiers.push(specifier);
    if (/\brequire\s*\(\s*[^"'`\s)]/.test(text)) unknown = true;
  }
  return { specifiers: [...new Set(specifiers)], unknown };
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
