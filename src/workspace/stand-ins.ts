import path from 'node:path';
import type { GraphInput } from './module-resolver.ts';

/** Finds what TypeScript or a bundler may take in place of a file. All paths are workspace-relative. Knows the files that are gone, too. */
export interface StandIns {
  /** `x.ios.ts`, `x.android.json` for `x`: what React Native's bundler takes, and TypeScript by its `moduleSuffixes`. */
  variants(stem: string): readonly string[];
  /** All for a file, or for what an import calls it: its variants, and the declarations of what is not TypeScript itself. */
  of(file: string): readonly string[];
}

const PLATFORMS = ['.ios', '.android', '.native', '.web', '.windows', '.macos'];
const EXTENSION = /(?:\.d)?\.(?:[cm]?[jt]s|[jt]sx|json|vue|svelte|astro)$/;

/** `suffixes`: those that TypeScript is told of, besides the platforms. */
export function createStandIns({ files, removed }: Pick<GraphInput, 'files' | 'removed'>, suffixes: Iterable<string>): StandIns {
  const known = new Set([...files, ...removed]);
  const byStem = findVariants(known, [...new Set([...PLATFORMS, ...suffixes])]);
  const variants = (stem: string): readonly string[] => byStem.get(stem) ?? [];
  return {
    variants,
    of(file) {
      const declarations = declarationNames(file).filter((name) => known.has(name));
      // Most projects have none, and this is asked for every import.
      if (byStem.size === 0) return declarations;
      const stem = file.replace(EXTENSION, '');
      // For `x`, `x.native.ts` comes before `x/index.ts`.
      return [...declarations, ...variants(stem), ...(stem.endsWith('/index') ? variants(stem.slice(0, -'/index'.length)) : [])];
    },
  };
}

function findVariants(files: Iterable<string>, suffixes: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const byStem = new Map<string, string[]>();
  for (const file of files) {
    if (!EXTENSION.test(file)) continue;
    const name = file.replace(EXTENSION, '');
    for (const suffix of suffixes) {
      if (!name.endsWith(suffix)) continue;
      const stem = name.slice(0, -suffix.length);
      const list = byStem.get(stem);
      if (list === undefined) byStem.set(stem, [file]);
      else list.push(file);
    }
  }
  return byStem;
}

/** `x.css.d.ts` and, by `allowArbitraryExtensions`, `x.d.css.ts` for `x.css`; TypeScript passes over the style for `x.css.ts`, too. */
function declarationNames(file: string): string[] {
  const extension = path.posix.extname(file);
  if (extension === '' || /^\.(?:[cm]?ts|tsx)$/.test(extension)) return [];
  const stem = file.slice(0, -extension.length);
  const [, kind] = /^\.([cm]?)jsx?$/.exec(extension) ?? [];
  return kind === undefined ? [`${file}.d.ts`, `${stem}.d${extension}.ts`, `${file}.ts`, `${file}.tsx`] : [`${stem}.d.${kind}ts`];
}
