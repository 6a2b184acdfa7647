import type { ImportGraph } from '../../src/model/import-graph.ts';

/** An import graph from literal edges, `{ 'web/page.ts': ['api/user.ts'] }`: page imports user. */
export function graphOf(imports: Readonly<Record<string, readonly string[]>>): ImportGraph {
  const reach = (starts: Iterable<string>, next: (file: string) => readonly string[]): Set<string> => {
    const seen = new Set(starts);
    for (const file of seen) for (const other of next(file)) seen.add(other);
    return seen;
  };
  const importersOf = (file: string): string[] => Object.keys(imports).filter((importer) => imports[importer]?.includes(file));
  const edges = Object.entries(imports).flatMap(([from, targets]) => targets.map((to) => [from, to] as const));
  return {
    importsOf: (file) => imports[file] ?? [],
    closureOf: (file) => reach([file], (one) => imports[one] ?? []),
    dependentsOf: (files) => reach(files, importersOf),
    unresolved: [],
    open: new Set(),
    starters: new Set(),
    effects: new Map(),
    edges,
    runtimeEdges: edges,
  };
}
