import { compareText } from '../model/finding.ts';
import type { ImportGraph } from '../model/import-graph.ts';

export interface ReachabilityInput {
  /** Every source → what it imports: files, and nodes of whole packages. */
  readonly direct: ReadonlyMap<string, ReadonlySet<string>>;
  /** Node of a whole package → its files. */
  readonly wholePackage: ReadonlyMap<string, readonly string[]>;
  readonly runtimeEdges: ImportGraph['runtimeEdges'];
  readonly unresolved: ImportGraph['unresolved'];
  readonly open: ImportGraph['open'];
  readonly starters: ImportGraph['starters'];
  readonly effects: ImportGraph['effects'];
}

/** Closures are kept until they hold this many entries together, some 100 MB; then they are forgotten and found again. */
const KEPT_ENTRIES_MAX = 2_000_000;

/** The questions about a graph, without recursion: chains of imports are as long as they like. */
export function createReachability({ direct, wholePackage, runtimeEdges, unresolved, open, starters, effects }: ReachabilityInput): ImportGraph {
  const closures = new Map<string, ReadonlySet<string>>();
  let keptEntries = 0;
  let reverse: Map<string, string[]> | null = null;
  let edges: ImportGraph['edges'] | null = null;
  const nextOf = (node: string): Iterable<string> => direct.get(node) ?? wholePackage.get(node) ?? [];
  const importsOf = (file: string): readonly string[] => {
    const targets = [...(direct.get(file) ?? [])].flatMap((target) => wholePackage.get(target) ?? [target]);
    return [...new Set(targets)].filter((target) => target !== file).sort(compareText);
  };
  return {
    importsOf,
    closureOf(file) {
      let closure = closures.get(file);
      if (closure !== undefined) return closure;
      closure = reach([file], nextOf, (node) => !wholePackage.has(node));
      if (keptEntries + closure.size > KEPT_ENTRIES_MAX) {
        closures.clear();
        keptEntries = 0;
      }
      keptEntries += closure.size;
      closures.set(file, closure);
      return closure;
    },
    dependentsOf(files) {
      const importers = (reverse ??= reverseOf(direct, wholePackage));
      return reach(files, (node) => importers.get(node) ?? [], (node) => !wholePackage.has(node));
    },
    unresolved,
    open,
    starters,
    effects,
    runtimeEdges,
    get edges() {
      return (edges ??= [...direct.keys()].sort(compareText).flatMap((file) => importsOf(file).map((target) => [file, target] as const)));
    },
  };
}

function reach(starts: Iterable<string>, nextOf: (node: string) => Iterable<string>, isFile: (node: string) => boolean): Set<string> {
  const seen = new Set<string>(starts);
  const pending = [...seen];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const next of nextOf(node)) {
      if (seen.has(next)) continue;
      seen.add(next);
      pending.push(next);
    }
  }
  return new Set([...seen].filter(isFile));
}

function reverseOf(direct: ReachabilityInput['direct'], wholePackage: ReachabilityInput['wholePackage']): Map<string, string[]> {
  const importers = new Map<string, string[]>();
  const add = (to: string, from: string): void => {
    const list = importers.get(to);
    if (list === undefined) importers.set(to, [from]);
    else list.push(from);
  };
  for (const [from, targets] of direct) for (const to of targets) add(to, from);
  for (const [node, members] of wholePackage) if (importers.has(node)) for (const member of members) add(member, node);
  return importers;
}
