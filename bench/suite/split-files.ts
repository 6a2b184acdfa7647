import { compareText } from '../../src/model/finding.ts';

export interface SizedFile {
  /** Workspace-relative. */
  readonly file: string;
  readonly bytes: number;
}

/**
 * Gives files to so many teams, about the same number of bytes to each, folders together as far as they can be: in the order of
 * their paths the files are cut into stretches. The same files give the same teams. Teams beyond the number of files get none and
 * are left out.
 */
export function splitFiles(files: readonly SizedFile[], teams: number): Record<string, string[]> {
  const sorted = [...files].sort((a, b) => compareText(a.file, b.file));
  const total = sorted.reduce((sum, { bytes }) => sum + bytes + 1, 0);
  const split: Record<string, string[]> = {};
  let before = 0;
  for (const { file, bytes } of sorted) {
    // By where its middle lies; the extra byte gives empty files a place, too.
    const team = Math.min(teams, Math.floor(((before + (bytes + 1) / 2) / total) * teams) + 1);
    (split[`team${team}`] ??= []).push(file);
    before += bytes + 1;
  }
  return split;
}
