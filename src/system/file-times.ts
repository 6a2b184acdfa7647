import { lstatSync, type Stats } from 'node:fs';
import { isMissing } from '../system/read-text.ts';

/**
 * A file changed within this time before it was read may change once more without its time showing it: a file system's clock
 * ticks in milliseconds at best, and in two seconds at worst (FAT).
 */
export const TICK_MS = 2_000;

/** What a change of the content cannot leave as it is: times in units finer than a clock ticks, size, identity, permissions. */
export function statLine(stats: Stats): string {
  return `${String(stats.size)} ${String(stats.mtimeMs)} ${String(stats.ctimeMs)} ${String(stats.ino)} ${String(stats.mode)}`;
}

/** When it last changed, by the file system's clock. */
export function changedMs(stats: Stats): number {
  return Math.max(stats.mtimeMs, stats.ctimeMs);
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
