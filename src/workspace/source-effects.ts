import { isBuiltin } from 'node:module';
import type { SourceEffects } from '../model/import-graph.ts';
import { packageNameOf } from './installed-packages.ts';
import type { ModuleSpecifier } from './module-specifiers.ts';
import { JAVASCRIPT_FILE } from './script-blocks.ts';

const TYPESCRIPT = /\.(?:[cm]?ts|tsx)$/;
const STYLE = /\.(?:css|scss|sass|less|styl|pcss)(?:\?.*)?$/;

/** What a source does to those that do not import it. `isModule`: by its syntax; `specifiers`: the modules that it names. */
export function effectsOf(file: string, text: string, { isModule, specifiers }: { readonly isModule: boolean; readonly specifiers: readonly ModuleSpecifier[] }): SourceEffects {
  const augmented = [...text.matchAll(/\bdeclare\s+module\s*(["'])([^"'\n]+)\1/g)].map(([, , name = '']) => name);
  const packages = specifiers.map(({ specifier }) => (isBuiltin(specifier) || /^[./#]/.test(specifier) ? null : packageNameOf(specifier))).filter((name) => name !== null);
  const references = [...text.matchAll(/^[ \t]*\/\/\/\s*<reference\s+(types|lib|path)\s*=\s*["']([^"'\n]+)/gm)].map(([, kind = '', name = '']) => `reference ${kind} ${name}`);
  const bare = [...text.matchAll(/^[ \t]*import\s*(["'])([^"'\n]+)\1/gm)].map(([, , name = '']) => name).filter((name) => !STYLE.test(name) && !/^[#/]/.test(name));
  return {
    isForAll: /\bdeclare\s+global\b|^[ \t]*export\s+as\s+namespace\b/m.test(text) || isScript(file, text, isModule),
    augmented,
    brings: [...new Set([...packages, ...references, ...bare])],
  };
}

/** The names of a script are everybody's. JavaScript that speaks of modules is one of CommonJS. */
function isScript(file: string, text: string, isModule: boolean): boolean {
  if (isModule) return false;
  if (TYPESCRIPT.test(file)) return !/^import\s+[\w$]+\s*=\s*require\b/m.test(text);
  return JAVASCRIPT_FILE.test(file) && !/\b(?:require|module|exports|import)\b/.test(text);
}
