import { inFolder } from './packages.ts';
import type { GraphInput } from './module-resolver.ts';

/** Finds the sources behind paths that are not there or are built from others. All paths are workspace-relative. */
export interface SourceLocator {
  /** The source that `dist/x.js` is made from, by the usual layouts; null when there is none to be seen. */
  sourceOf(file: string): string | null;
  /** Folder of the innermost package that a path lies in; '' where there is none. */
  packageOf(file: string): string;
}

const OUTPUT_FOLDERS = new Set(['dist', 'build', 'out', 'output', 'lib', 'esm', 'cjs', 'es', 'umd', 'types', 'node', 'browser', 'mjs', 'commonjs', 'module', 'modern', 'legacy', 'default']);
const SOURCE_FOLDERS = ['src', 'source', 'lib', ''];
const SOURCE_EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '/index.ts', '/index.tsx', '/index.js'];

export function createSourceLocator({ files, packages }: GraphInput): SourceLocator {
  const there = new Set(files);
  const folders = packages.map(({ folder }) => folder).sort((a, b) => b.length - a.length);
  const packageOf = (file: string): string => folders.find((folder) => folder === '' || file.startsWith(`${folder}/`)) ?? '';
  return {
    packageOf,
    sourceOf(file) {
      const folder = packageOf(file);
      const segments = (folder === '' ? file : file.slice(folder.length + 1)).replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '').split('/');
      for (let dropped = 1; dropped < segments.length && OUTPUT_FOLDERS.has(segments[dropped - 1] ?? ''); dropped += 1) {
        const rest = segments.slice(dropped).join('/');
        for (const source of SOURCE_FOLDERS) {
          const stem = inFolder(folder, inFolder(source, rest.replace(source === '' ? /^$/ : new RegExp(`^${source}/`), '')));
          const found = SOURCE_EXTENSIONS.map((extension) => stem + extension).find((candidate) => there.has(candidate));
          if (found !== undefined) return found;
        }
      }
      return null;
    },
  };
}
