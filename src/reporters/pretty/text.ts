import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** What a project's own text (a message, a line of source, a file name) may do to a terminal: nothing. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it takes out
  return stripVTControlCharacters(text).replaceAll('\t', '  ').replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** Pads by the columns a terminal shows, not by characters: wide ones take two. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)));
}

/** Cuts to so many columns, with "…" in place of what is lost. */
export function truncate(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** "0.2s", "12s", "17m": six columns at most with a mark before it. */
export function shortDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)}s`;
  if (ms < 999_500) return `${(ms / 1000).toFixed(0)}s`;
  return `${(ms / 60_000).toFixed(0)}m`;
}

/** "12.4 s", "3 min 5 s". */
export function longDuration(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
}

/** "1 file", "2 files". */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
