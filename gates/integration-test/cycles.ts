import { compareText } from '../../src/model/finding.ts';

export type Edge = readonly [from: string, to: string];
type Neighbours = ReadonlyMap<string, readonly string[]>;

/** Files that import each other, directly or through others. */
export interface ImportCycle {
  /** All files of the tangle, sorted. */
  readonly files: readonly string[];
  /** A short way round: each imports the next, the last imports the first. */
  readonly path: readonly string[];
}

/** More starting points than this are not tried for the shortest way round; any way round will do then. */
const STARTS_MAX = 200;

/**
 * One cycle for each strongly connected part of the graph, by its first file. With `ownerOf`, only those that hold files of
 * several owners, and the way round passes through two of them.
 */
export function findCycles(edges: readonly Edge[], ownerOf: ReadonlyMap<string, string> | null): readonly ImportCycle[] {
  const neighbours = neighboursOf(edges);
  return stronglyConnected(neighbours)
    .filter((files) => files.length > 1 || (neighbours.get(files[0] ?? '')?.includes(files[0] ?? '') ?? false))
    .map((files) => [...files].sort(compareText))
    .flatMap((files): readonly ImportCycle[] => {
      const inside = within(neighbours, new Set(files));
      const path = ownerOf === null ? shortestCycle(files, inside) : crossingCycle(files, inside, ownerOf);
      return path === null ? [] : [{ files, path }];
    })
    .sort((a, b) => compareText(a.files[0] ?? '', b.files[0] ?? ''));
}

function neighboursOf(edges: readonly Edge[]): Neighbours {
  const neighbours = new Map<string, string[]>();
  for (const [from, to] of edges) {
    const list = neighbours.get(from);
    if (list === undefined) neighbours.set(from, [to]);
    else list.push(to);
  }
  return neighbours;
}

function within(neighbours: Neighbours, files: ReadonlySet<string>): Neighbours {
  return new Map([...files].map((file) => [file, (neighbours.get(file) ?? []).filter((next) => files.has(next))]));
}

/** Tarjan's algorithm with a stack of its own: an import chain may be longer than JavaScript's. */
function stronglyConnected(neighbours: Neighbours): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const parts: string[][] = [];
  const enter = (file: string): { file: string; next: number } => {
    index.set(file, index.size);
    low.set(file, index.size - 1);
    open.push(file);
    isOpen.add(file);
    return { file, next: 0 };
  };
  const lower = (file: string, value: number): void => { low.set(file, Math.min(low.get(file) ?? value, value)); };
  for (const start of neighbours.keys()) {
    if (index.has(start)) continue;
    const frames = [enter(start)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { file } = frame;
      const next = neighbours.get(file)?.[frame.next];
      if (next !== undefined) {
        frame.next += 1;
        if (!index.has(next)) frames.push(enter(next));
        else if (isOpen.has(next)) lower(file, index.get(next) ?? 0);
        continue;
      }
      frames.pop();
      const parent = frames.at(-1);
      if (parent !== undefined) lower(parent.file, low.get(file) ?? 0);
      if (low.get(file) === index.get(file)) parts.push(closePart(file, open, isOpen));
    }
  }
  return parts;
}

function closePart(root: string, open: string[], isOpen: Set<string>): string[] {
  const part = open.splice(open.lastIndexOf(root));
  for (const file of part) isOpen.delete(file);
  return part;
}

function shortestCycle(files: readonly string[], neighbours: Neighbours): readonly string[] | null {
  let best: readonly string[] | null = null;
  for (const file of files.slice(0, STARTS_MAX)) {
    const path = shortestPath(file, (next) => next === file, neighbours);
    if (path !== null && (best === null || path.length < best.length)) best = path;
  }
  return best?.slice(0, -1) ?? null;
}

/** From an owner's file to the nearest one of another owner, and back. */
function crossingCycle(files: readonly string[], neighbours: Neighbours, ownerOf: ReadonlyMap<string, string>): readonly string[] | null {
  let best: readonly string[] | null = null;
  for (const file of files.filter((one) => ownerOf.has(one)).slice(0, STARTS_MAX)) {
    const there = shortestPath(file, (next) => ownerOf.has(next) && ownerOf.get(next) !== ownerOf.get(file), neighbours);
    const far = there?.at(-1);
    if (there === null || far === undefined) continue;
    const back = shortestPath(far, (next) => next === file, neighbours);
    if (back === null) continue;
    const path = [...there, ...back.slice(1, -1)];
    if (best === null || path.length < best.length) best = path;
  }
  return best;
}

/** From `start`, which is not itself an end unless it is come back to, to the nearest end; both included. */
function shortestPath(start: string, isEnd: (file: string) => boolean, neighbours: Neighbours): readonly string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const next of neighbours.get(file) ?? []) {
      if (isEnd(next)) return [...pathTo(file, start, cameFrom), next];
      if (next === start || cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return null;
}

function pathTo(file: string, start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const path = [file];
  for (let one = file; one !== start;) {
    one = cameFrom.get(one) ?? start;
    path.unshift(one);
  }
  return path;
}
