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
  /** Installed packages that code of the project among them imports. */
  readonly packages: readonly string[];
  /** Code of the project among them looks at the file system, starts programs, or imports what cannot be told from reading it. */
  readonly isOpen: boolean;
}

/** A plugin collection has some hundreds; beyond this something else was reached. */
const FILES_MAX = 10_000;
/** Modules of Node that tell of nothing but the process, which ends with its environment. */
const SELF_CONTAINED = /^(?:node:)?(?:assert|os|path|process|querystring|url|util)(?:\/|$)/;

/**
 * Follows the imports of a module, as Node does. Node does not tell which ES modules it has loaded; what those import is written in
 * them. CommonJS modules end the walk: Node tells those that it has loaded itself.
 */
export function loadedModules(entry: string): LoadedModules {
  const resolver = new ResolverFactory({ conditionNames: ['node', 'import', 'module-sync'], extensions: ['.js', '.json', '.node', '.ts', '.mts', '.cts'], extensionAlias: { '.js': ['.js', '.ts'], '.mjs': ['.mjs', '.mts'], '.cjs': ['.cjs', '.cts'] } });
  const files = new Set<string>();
  const packages = new Set<string>();
  const pending = [entry];
  let isOpen = false;
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    if (files.size > FILES_MAX) return { files: [...files], packages: [...packages], isOpen: true };
    const text = /\.[cm]?[jt]s$/.test(file) ? readIfThere(file) : null;
    if (text === null) continue;
    const { module } = parseSync(file, text, { sourceType: 'unambiguous' });
    const own = !isInstalled(file);
    const { imported, required, unknown } = specifiersOf(module, text, own);
    const looksAround = [...imported, ...required].some((specifier) => isBuiltin(specifier) && !SELF_CONTAINED.test(specifier));
    if (own && (unknown || looksAround || /\b(?:createRequire|getBuiltinModule)\b/.test(text))) isOpen = true;
    for (const specifier of [...imported, ...required]) {
      if (isBuiltin(specifier)) continue;
      // In CommonJS, which packages were required Node tells.
      const isWalked = imported.includes(specifier) || specifier.startsWith('.');
      const found = isWalked ? resolver.sync(path.dirname(file), specifier).path : undefined;
      if (found !== undefined) pending.push(found);
      if (!own) continue;
      if (isWalked && found === undefined) isOpen = true;
      else if (found === undefined || isInstalled(found)) packages.add(packageOf(specifier));
    }
  }
  return { files: [...files], packages: [...packages], isOpen };
}

interface Specifiers {
  readonly imported: readonly string[];
  readonly required: readonly string[];
  /** There may be others. */
  readonly unknown: boolean;
}

function specifiersOf(module: EcmaScriptModule, text: string, own: boolean): Specifiers {
  const imported = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  for (const { entries } of module.staticExports) for (const { moduleRequest } of entries) if (moduleRequest !== null) imported.push(moduleRequest.value);
  let unknown = false;
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(["'`])([^\\$]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[2];
    if (literal === undefined) unknown = true;
    else imported.push(literal);
  }
  // What is loaded from TypeScript may require whatever syntax it is written in.
  if (module.hasModuleSyntax && !own) return { imported: [...new Set(imported)], required: [], unknown };
  const required = [...text.matchAll(/\brequire\s*\(\s*(["'`])([^"'`\n$\\]+)\1/g)].map(([, , specifier = '']) => specifier);
  if (/\brequire\s*\(\s*[^"'`\s)]/.test(text)) unknown = true;
  return { imported: [...new Set(imported)], required: [...new Set(required)], unknown };
}

/** Of `@scope/name/lib/file.js` the first two, of `name/lib/file.js` the first. */
function packageOf(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
