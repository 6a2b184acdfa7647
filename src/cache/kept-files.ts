import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE_LIMITS } from '../model/limits.ts';
import { isMissing } from '../system/read-text.ts';
import { isRefusal, TEMPORARY } from './sealed-file.ts';

/** The folders of what is kept, by what is in them. */
const KINDS = { results: 'results', runs: 'replays', trees: 'trees', packages: 'installed' } as const;

/** No results, and kept when those are removed: what checks took by tree, what is in use by machine. */
const FIGURES = ['durations', 'budget'];

/** When it was last seen to that there is not too much. */
const MARKER = 'pruned';

export type KeptKind = keyof typeof KINDS;

export interface KeptFile {
  readonly kind: KeptKind;
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** Time of day at which it was last written or used. */
  readonly usedMs: number;
}

/** Everything that is kept, in no order; what others remove meanwhile is left out. */
export function listKept(folder: string): KeptFile[] {
  return (Object.keys(KINDS) as KeptKind[]).flatMap((kind) => filesBelow(path.join(folder, KINDS[kind])).flatMap((file): KeptFile[] => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ kind, file, bytes: stats.size, usedMs: stats.mtimeMs }];
  }));
}

/** Removes everything that is kept. A run under way keeps its results all the same, and no reader sees half of one. */
export function removeKept(folder: string): void {
  for (const name of Object.values(KINDS)) rmSync(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
}

/** Keeps a result from being taken for one that nobody asks for. */
export function markUsed(file: string, nowMs: number): void {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats !== undefined && nowMs - stats.mtimeMs > CACHE_LIMITS.markEveryMs) utimesSync(file, nowMs / 1000, nowMs / 1000);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Once an hour: removes what is too old, figures too, then the least recently used beyond what all of it may take. Does nothing where it may not. */
export function pruneKept(folder: string, nowMs: number): void {
  try {
    const marker = path.join(folder, MARKER);
    const last = statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (nowMs - last < CACHE_LIMITS.pruneEveryMs && last <= nowMs) return;
    writeFileSync(marker, '');
    for (const { file } of tooMuch(listKept(folder), nowMs)) rmSync(file, { force: true });
    const figures = FIGURES.flatMap((name) => filesBelow(path.join(folder, name)));
    for (const file of figures) if (nowMs - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? nowMs) > CACHE_LIMITS.ageMsMax) rmSync(file, { force: true });
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** What has to go: pure, so that a test need not wait a month. */
export function tooMuch(files: readonly KeptFile[], nowMs: number): KeptFile[] {
  const isOld = ({ file, usedMs }: KeptFile): boolean => nowMs - usedMs > (file.endsWith(TEMPORARY) ? CACHE_LIMITS.temporaryMsMax : CACHE_LIMITS.ageMsMax);
  const old = files.filter(isOld);
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0) - old.reduce((sum, file) => sum + file.bytes, 0);
  const surplus: KeptFile[] = [];
  for (const file of files.filter((one) => !isOld(one)).sort((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= CACHE_LIMITS.bytesMax) break;
    surplus.push(file);
    bytes -= file.bytes;
  }
  return [...old, ...surplus];
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
