import { lstatSync, statSync, type Stats } from 'node:fs';
import { isMissing } from './read-text.ts';

/**
 * A file changed within this time before it was read may change once more without its time showing it: a file system's clock
 * ticks in milliseconds at best, and in two seconds at worst (FAT).
 */
const TICK_MS = 2_000;
/** A clock that counts finer than in seconds ticks at least this often, and lags behind the system's by no more. */
const FINE_TICK_MS = 50;

/** What a change of the content cannot leave as it is, but within one tick: times, size, identity, permissions. */
export function statLine(stats: Stats): string {
  return `${String(stats.size)} ${String(stats.mtimeMs)} ${String(stats.ctimeMs)} ${String(stats.ino)} ${String(stats.mode)}`;
}

/** When it last changed, by the file system's clock. */
export function changedMs(stats: Stats): number {
  return Math.max(stats.mtimeMs, stats.ctimeMs);
}

/** The latest instant at which it may have been changed, by the system's clock; of nothing, any. */
export function latestChangeMs(stats: Stats | null): number {
  if (stats === null) return Infinity;
  const countsSeconds = stats.mtimeMs % 1_000 === 0 && stats.ctimeMs % 1_000 === 0;
  return changedMs(stats) + (countsSeconds ? TICK_MS : FINE_TICK_MS);
}

/** True when a change from now on cannot leave the times as they are. Ask before reading. */
export function isSettled(stats: Stats): boolean {
  return hasSettled(changedMs(stats), Date.now());
}

/** The same of what last changed then, for who looked at `seenMs`. */
export function hasSettled(lastChangedMs: number, seenMs: number): boolean {
  return lastChangedMs + TICK_MS < seenMs;
}

/** What is at the path itself, a link as such; null where there is nothing. */
export function lstatIfThere(file: string): Stats | null {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Links followed. Null when there is nothing, or nothing that may be looked at. */
export function statIfReadable(file: string): Stats | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isUnreachable(error)) return null;
    throw error;
  }
}

/** A loop of links, a name that is too long, a folder that is closed to us: whoever reads the file meets the same. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM', 'ENOENT'].includes(String(error.code));
}
