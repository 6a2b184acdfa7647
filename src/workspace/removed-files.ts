/** Finds files that are gone by what an import calls them. All paths are workspace-relative. */
export interface RemovedFiles {
  readonly isEmpty: boolean;
  /** Those that `target` (`a/b`, `a/b.js`, a folder) may have meant. */
  at(target: string): readonly string[];
}

/** `a/b.ts`, `a/b.d.ts` and `a/b/index.ts` all answer to `a/b` and, the first two, to `a/b.js`. */
export function createRemovedFiles(removed: readonly string[]): RemovedFiles {
  const byName = new Map<string, string[]>();
  for (const file of removed) {
    const stem = stemOf(file);
    for (const name of new Set([file, stem, stem.replace(/\/index$/, '')])) byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  return {
    isEmpty: removed.length === 0,
    at: (target) => [...new Set([...(byName.get(target) ?? []), ...(byName.get(stemOf(target)) ?? [])])],
  };
}

function stemOf(file: string): string {
  return file.replace(/(?:\.d)?\.(?:[cm]?[jt]s|[jt]sx|json|vue|svelte|astro)$/, '');
}
