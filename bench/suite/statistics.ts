/** Figures of several runs in one. */
export interface Summary {
  readonly runs: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** The 95th percentile; of fewer than twenty runs it is the highest. */
  readonly p95: number;
}

/** Null of nothing: a figure that nobody measured is no zero. */
export function summarise(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return { runs: sorted.length, median: quantile(sorted, 0.5), low: sorted[0] ?? Number.NaN, high: sorted.at(-1) ?? Number.NaN, p95: sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN };
}

export function median(values: readonly number[]): number {
  return quantile([...values].sort((a, b) => a - b), 0.5);
}

/** Half the width of the middle half of the values, relative to their median: how far one run may be off without anything having changed. */
export function relativeSpread(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = quantile(sorted, 0.5);
  return sorted.length < 2 || middle === 0 ? 0 : (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / middle;
}

/** Between two values it is what lies between them. Of sorted values. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Of each round; the machine's mood in a round is in both, and cancels out. Where the base was not measured in a round, its median over all counts. */
export function ratios(values: ReadonlyMap<number, number>, base: ReadonlyMap<number, number>): number[] {
  if (base.size === 0) return [];
  const usual = median([...base.values()]);
  return [...values].flatMap(([round, value]) => {
    const other = base.get(round) ?? usual;
    return other === 0 ? [] : [value / other];
  });
}
