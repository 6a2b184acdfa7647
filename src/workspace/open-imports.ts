import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { globTest } from '../system/globs.ts';
import { commentAround } from './module-specifiers.ts';
import { folderOf, inFolder } from './packages.ts';
import { scriptBlocks } from './script-blocks.ts';

/** What a source imports without naming it by a literal. */
export interface OpenImports {
  /** Tells whether a file (workspace-relative) is among those that its globs and templates may mean; null without any. */
  readonly mayMean: ((file: string) => boolean) | null;
  /** Some import may lead anywhere. */
  readonly isOpen: boolean;
}

const NONE: OpenImports = { mayMean: null, isOpen: false };
const MARKS = /import\.meta\.glob|require\.context|\bimport\s*\(|\brequire\s*\(|\bnew\s+URL\s*\(\s*`/;

/** Programs that a test starts load what no import tells. */
const STARTERS = /^(?:(?:node:)?(?:child_process|worker_threads|cluster)|execa|cross-spawn|tinyexec|nano-spawn|zx|shelljs|node-pty)$/;

export function startsPrograms(specifier: string): boolean {
  return STARTERS.test(specifier);
}

/**
 * `import.meta.glob('./pages/*.ts')`, `require.context('./pages')`, `import(`./${name}.ts`)`, `require(name)`. By the text's
 * looks: one in a comment costs an edge or a test run, never a finding. `bases` are the folders that `/x` may start from.
 */
export function findOpenImports(file: string, text: string, bases: readonly string[]): OpenImports {
  if (!MARKS.test(text)) return NONE;
  const found = scriptBlocks(file, text).flatMap((block) => [...readGlobs(block.text), ...readContexts(block.text), ...readCalls(block.text), ...readDynamic(file, block.text, block.lang), ...readUrls(block.text)]);
  const tests = found.flatMap((one) => (one === 'open' ? [] : testsOf(one, file, bases)));
  return { mayMean: tests.length === 0 ? null : (target) => tests.some((matches) => matches(target)), isOpen: found.includes('open') || found.some((one) => one !== 'open' && !/^(?:\.{1,2})?\//.test(one.path)) };
}

type Found = 'open' | { readonly kind: 'glob' | 'prefix'; readonly path: string };

function readGlobs(text: string): Found[] {
  return [...text.matchAll(/\bimport\.meta\.glob(?:Eager)?\s*(?:<[^(]*>)?\(\s*(\[[^\]]*\]|"[^"]*"|'[^']*'|`[^`$]*`)?/g)].flatMap((match): Found[] => {
    const [, argument] = match;
    if (argument === undefined) return ['open'];
    const literals = [...argument.matchAll(/"([^"]*)"|'([^']*)'|`([^`$]*)`/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? '');
    const rest = argument.replaceAll(/"[^"]*"|'[^']*'|`[^`$]*`/g, '').replaceAll(/\/\/.*$/gm, '');
    const globs = literals.filter((glob) => !glob.startsWith('!')).map((glob): Found => ({ kind: 'glob', path: glob }));
    return /[^\s,[\]]/.test(rest) || globs.length === 0 ? ['open', ...globs] : globs;
  });
}

function readContexts(text: string): Found[] {
  return [...text.matchAll(/\brequire\.context\s*\(\s*(?:(["'`])([^"'`$]*)\1)?/g)].map(([, , folder]) => (folder === undefined ? 'open' : { kind: 'prefix', path: folder === '.' || folder === '..' || !folder.endsWith('/') ? `${folder}/` : folder }));
}

function readCalls(text: string): Found[] {
  return [...text.matchAll(/(?<![.\w])require\s*\(\s*(?:`([^`$]*)\$\{|([^\s"'`)]))/g)].filter((match) => commentAround(text, match.index) === null).map(([, prefix, other]) => fromPrefix(other === undefined ? prefix : undefined));
}

function readDynamic(file: string, text: string, lang: 'js' | 'jsx' | 'ts' | 'tsx' | 'dts'): Found[] {
  if (!/\bimport\s*\(/.test(text)) return [];
  return parseSync(file, text, { lang, sourceType: 'unambiguous' }).module.dynamicImports.flatMap(({ moduleRequest }): Found[] => {
    const request = text.slice(moduleRequest.start, moduleRequest.end);
    if (/^(?:"[^"]*"|'[^']*'|`[^`$\\]*`)$/.test(request)) return [];
    return [fromPrefix(/^`([^`$]*)\$\{/.exec(request)?.[1] ?? /^["']([^"']*)["']\s*\+/.exec(request)?.[1])];
  });
}

function readUrls(text: string): Found[] {
  return [...text.matchAll(/\bnew\s+URL\s*\(\s*`([^`$]*)\$\{[^`]*`\s*,\s*import\.meta\.url/g)].map(([, prefix]) => fromPrefix(prefix));
}

function fromPrefix(prefix: string | undefined): Found {
  return prefix === undefined || !/^\.{1,2}\//.test(prefix) ? 'open' : { kind: 'prefix', path: prefix };
}

function testsOf({ kind, path: written }: Exclude<Found, 'open'>, file: string, bases: readonly string[]): ((target: string) => boolean)[] {
  const folders = written.startsWith('/') ? bases : [folderOf(file)];
  return folders.map((folder) => {
    if (kind === 'glob') return globTest(path.posix.join(folder.replaceAll(/[\\*?[\]{}()!+@|]/g, String.raw`\$&`), written).replace(/^\//, ''));
    const prefix = path.posix.join(inFolder(folder, 'x'), '..', written).replace(/^\.?\//, '').replace(/^\.$/, '');
    return (target) => target.startsWith(prefix);
  });
}
