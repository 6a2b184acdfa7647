/** One benchmark's median in each round, in ms. */
export type Rounds = readonly number[];

/** What the rounds of both sides say about one benchmark. */
export interface Comparison {
  readonly name: string;
  readonly medianMs: number;
  readonly baselineMs: number;
  /** `medianMs` over `baselineMs`. */
  readonly ratio: number;
  /** The larger of both sides' spreads between rounds, as a share of that side's median. */
  readonly noise: number;
  readonly verdict: 'holds' | 'slower' | 'undecided';
  /** Whether the ratio is further from the limit than the noise reaches, so that another measurement says the same. */
  readonly isClear: boolean;
}

/** From this many rounds on, a side's fastest and slowest are left out: one bad moment must neither make nor hide a slow-down. */
const TRIMMED_FROM = 5;

/**
 * *slower*: the ratio of the medians is above the limit, and no round of this tree was as quick as any of the baseline's.
 * *undecided*: above the limit, but the two sides' rounds overlap, so that noise may explain it.
 */
export function compare(name: string, sides: { readonly measured: Rounds; readonly baseline: Rounds; readonly maxSlowdown: number }): Comparison {
  const measured = summary(sides.measured);
  const baseline = summary(sides.baseline);
  const ratio = measured.median / baseline.median;
  const verdict = ratio <= sides.maxSlowdown ? 'holds' : measured.least > baseline.most ? 'slower' : 'undecided';
  const noise = Math.max(measured.spread, baseline.spread);
  const isClear = verdict !== 'undecided' && (ratio * (1 + noise) <= sides.maxSlowdown || ratio > sides.maxSlowdown * (1 + noise));
  return { name, medianMs: measured.median, baselineMs: baseline.median, ratio, noise, verdict, isClear };
}

interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly spread: number;
}

function summary(rounds: Rounds): Summary {
  const sorted = [...rounds].sort((a, b) => a - b);
  const kept = sorted.length >= TRIMMED_FROM ? sorted.slice(1, -1) : sorted;
  const middle = Math.floor(kept.length / 2);
  const upper = kept[middle] ?? Number.NaN;
  const median = kept.length % 2 === 1 ? upper : ((kept[middle - 1] ?? Number.NaN) + upper) / 2;
  const least = kept[0] ?? Number.NaN;
  const most = kept.at(-1) ?? Number.NaN;
  return { median, least, most, spread: (most - least) / median };
}
