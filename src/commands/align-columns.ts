import stringWidth from 'string-width';
import { padEnd, printable } from '../reporters/pretty/text.ts';

/** Rows as lines, each column as wide as its widest cell; without control characters, and without blanks at the end of a line. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, stringWidth(cell));
  return cells.map((row) => row.map((cell, index) => padEnd(cell, widths[index] ?? 0)).join('  ').trimEnd());
}
