import path from 'node:path';
import { isRecord } from '../system/is-record.ts';
import { parseJson } from '../system/parse-json.ts';
import type { PathWord } from './path-words.ts';

/** Keys under which linters, what they load, and we find settings. */
const KEYS = ['eslintConfig', 'spark-gates', 'secretlint', 'prettier', 'babel'];
/** A version of a package of the same name is none. */
const HAS_SETTINGS = new RegExp(`"(?:${KEYS.join('|')})"\\s*:\\s*(?:\\{|"[@./a-z])`);
const SHORT = /^(@[^/]+\/)?(?:eslint-(?:plugin|config|import-resolver)|secretlint-rule)(?:-(.+))?$/;

export function isManifest(file: string): boolean {
  return file === 'package.json' || file.endsWith('/package.json');
}

/** What a manifest says to linters; empty where it says nothing. */
export function settingsIn(text: string): string {
  const manifest = HAS_SETTINGS.test(text) ? parseJson(text) : null;
  return isRecord(manifest) ? KEYS.flatMap((key) => (manifest[key] === undefined ? [] : [JSON.stringify(manifest[key])])).join('\n') : '';
}

/** Paths by which a manifest leads out of its folder: a `main` elsewhere, say. */
export function upwardIn(text: string): string[] {
  return text.match(/"\.\.\/[^"]*"/g) ?? [];
}

export interface ImportRow {
  readonly file: string;
  /** `#rules/` of `#rules/*`. */
  readonly prefix: string;
  readonly target: PathWord;
}

/** What packages import by names of their own: `#rules/*`. */
export function importsOf(manifests: ReadonlyMap<string, string>): ImportRow[] {
  return [...manifests].flatMap(([file, text]) => {
    const manifest = /"imports"\s*:\s*\{/.test(text) ? parseJson(text) : null;
    const imports = isRecord(manifest) && isRecord(manifest.imports) ? Object.entries(manifest.imports) : [];
    return imports.flatMap(([key, value]) => targetsOf(value).map((target) => {
      const [word = '', ...more] = target.split('*');
      return { file, prefix: key.replace(/\*.*$/, ''), target: { word, isOpen: more.length > 0, isOwn: true } };
    }));
  });
}

/** One, a list of them, or one for each condition. */
function targetsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('#') ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(targetsOf) : [];
}

/** Names by which a word may name a package: `@house/lint/strict` is a part of `@house/lint`, or of the plugin of `@house`. */
export function packagesIn(word: string): string[] {
  const [first = '', second] = word.split('/');
  return first.startsWith('@') && second !== undefined ? [first, `${first}/${second}`] : [first];
}

/** Folders of the tree by the names under which packages find them, the short ones of linters included. */
export function foldersByPackage(links: ReadonlyMap<string, string>, manifests: ReadonlyMap<string, string>): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const [name, folder] of [...linkedFolders(links), ...namedFolders(manifests)]) {
    for (const called of new Set([name, shortOf(name)])) folders.set(called, [...(folders.get(called) ?? []), folder]);
  }
  return folders;
}

/** `acme` for eslint-plugin-acme, `@acme` for @acme/eslint-config, `@acme/strict` for @acme/eslint-config-strict. */
function shortOf(name: string): string {
  const [, scope = '', rest = ''] = SHORT.exec(name) ?? [];
  return scope === '' && rest === '' ? name : `${scope}${rest}`.replace(/\/$/, '');
}

function linkedFolders(links: ReadonlyMap<string, string>): [string, string][] {
  const place = 'node_modules/';
  return [...links].flatMap(([link, target]): [string, string][] => {
    const folder = target.replace(/^<root>\/?/, '');
    const isOfTree = link.includes(place) && !/^(?:\.\.)?\/|(?:^|\/)node_modules(?:\/|$)|^nothing:/.test(folder);
    return isOfTree ? [[link.slice(link.lastIndexOf(place) + place.length), folder === '' ? '.' : folder]] : [];
  });
}

/** A package finds itself by its own name; that of the root stands in many a text that means no file by it, and counts only if it has exports. */
function namedFolders(manifests: ReadonlyMap<string, string>): [string, string][] {
  return [...manifests].flatMap(([file, text]): [string, string][] => {
    const folder = path.posix.dirname(file);
    if (folder !== '.') return [...text.matchAll(/"name"\s*:\s*"([^"]+)"/g)].map(([, name = '']) => [name, folder]);
    const manifest = text.includes('"exports"') ? parseJson(text) : null;
    return isRecord(manifest) && typeof manifest.name === 'string' && 'exports' in manifest ? [[manifest.name, folder]] : [];
  });
}
