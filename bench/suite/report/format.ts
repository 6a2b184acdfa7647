import type { Summary } from '../statistics.ts';

const NONE = '–';

export function seconds(summary: Summary | null): string {
  return summary === null ? NONE : `${inSeconds(summary.median)} (${inSeconds(summary.low)}–${inSeconds(summary.high)})`;
}

export function inSeconds(ms: number): string {
  return (ms / 1_000).toFixed(ms < 10_000 ? 2 : 1);
}

export function percent(summary: Summary | null): string {
  return summary === null ? NONE : `${inPercent(summary.median)} (${inPercent(summary.low).replace(' %', '')}–${inPercent(summary.high).replace(' %', '')})`;
}

export function inPercent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

export function megabytes(summary: Summary | null): string {
  return summary === null ? NONE : (summary.median / 1024 / 1024).toFixed(0);
}

export function whole(summary: Summary | null): string {
  return summary === null ? NONE : summary.median.toFixed(0);
}

export function times(summary: Summary | null): string {
  return summary === null ? NONE : `${summary.median.toFixed(1)} × (p95 ${summary.p95.toFixed(1)})`;
}

/** Within a cell of a table, which a line break or a bar would end. */
export function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}

/** As lines of a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [`| ${head.map(cell).join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`)];
}
