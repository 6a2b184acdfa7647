import type { BenchDocument, RowResult } from './document.ts';
import type { BenchRequest } from './run-bench.ts';

/** One ratio then and now. */
export interface Change {
  /** `zod shared/4 of sequential`. */
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** after : before. */
  readonly ratio: number;
  /** How much of a change is none, relative. */
  readonly noise: number;
  readonly verdict: 'slower' | 'faster' | 'same';
}

export interface Comparison {
  readonly changes: readonly Change[];
  /** Sentences: rows that were measured then and are not now, or found something else. */
  readonly lost: readonly string[];
}

/** Two measurements of the same thing on a quiet machine differ by this much, whatever their spread says. */
const NOISE_MIN = 0.05;
/** Both sides' spread counts, and a median moves less than a single run. */
const SPREAD_FACTOR = 2;

/** Whether a request measures anything of what a stored benchmark has figures of, as far as can be told before. */
export function canCompare(before: BenchDocument, { subjects, modes, teamCounts, micro = null }: Pick<BenchRequest, 'subjects' | 'modes' | 'teamCounts' | 'micro'>): boolean {
  const names = new Set(subjects.map(({ name }) => name));
  const isAsked = ({ missing, mode, teams }: RowResult): boolean => missing === null && mode !== 'naive' && modes?.includes(mode) !== false && (teams === null || teamCounts.includes(teams));
  return (micro !== null && before.micro.some(({ missing }) => missing === null)) || before.corpora.some(({ name, rows }) => names.has(name) && rows.some(isAsked));
}

/** Ratios only: seconds of two machines, or of two days, say nothing of two versions. */
export function compareResults(before: BenchDocument, after: BenchDocument): Comparison {
  const changes: Change[] = [];
  const lost: string[] = [];
  for (const old of before.corpora) {
    const corpus = after.corpora.find(({ name }) => name === old.name);
    if (corpus === undefined) continue;
    for (const row of old.rows.filter(({ missing }) => missing === null)) {
      const now = corpus.rows.find(({ id }) => id === row.id);
      if (now === undefined) continue;
      if (now.missing !== null) lost.push(`${old.name} ${row.id}: ${now.missing}`);
      changes.push(...changesOf(old.name, row, now));
    }
  }
  for (const old of before.micro.filter(({ missing }) => missing === null)) {
    const now = after.micro.find(({ name, missing }) => name === old.name && missing === null);
    if (now !== undefined) changes.push(changeOf(`${old.name} of the calibration`, old.ofCalibration, now.ofCalibration, MICRO_NOISE));
  }
  return { changes, lost };
}

/** Parts of a microsecond depend on where the engine puts its code. */
const MICRO_NOISE = 0.25;

function changesOf(corpus: string, before: RowResult, after: RowResult): Change[] {
  const noise = Math.max(NOISE_MIN, SPREAD_FACTOR * ((before.spread ?? 0) + (after.spread ?? 0)));
  if (before.ofAlone !== null && after.ofAlone !== null) return [changeOf(`${corpus} ${before.id} of alone`, before.ofAlone.median, after.ofAlone.median, Math.max(noise, halfRange(before.ofAlone), halfRange(after.ofAlone)))];
  if (before.ofSequential !== null && after.ofSequential !== null) return before.mode === 'naive' ? [] : [changeOf(`${corpus} ${before.id} of sequential`, before.ofSequential.median, after.ofSequential.median, noise)];
  if (before.ofEmptyProcess !== null && after.ofEmptyProcess !== null) {
    return [changeOf(`${corpus} ${before.id} of an empty process`, before.ofEmptyProcess.median, after.ofEmptyProcess.median, Math.max(noise, halfRange(before.ofEmptyProcess), halfRange(after.ofEmptyProcess)))];
  }
  return [];
}

function changeOf(name: string, before: number, after: number, noise: number): Change {
  const ratio = after / before;
  return { name, before, after, ratio, noise, verdict: ratio > 1 + noise ? 'slower' : ratio < 1 / (1 + noise) ? 'faster' : 'same' };
}

/** Whether something got worse beyond the noise, or is not there any more. */
export function isWorse({ changes, lost }: Comparison): boolean {
  return lost.length > 0 || changes.some(({ verdict }) => verdict === 'slower');
}

export function renderComparison({ changes, lost }: Comparison): string {
  const width = Math.max(0, ...changes.map(({ name }) => name.length));
  return [
    ...changes.map(({ name, before, after, ratio, noise, verdict }) => `${verdict.padEnd(6)}  ${name.padEnd(width)}  ${before.toPrecision(3)} → ${after.toPrecision(3)}  (× ${ratio.toFixed(2)}, noise ± ${(noise * 100).toFixed(0)} %)`),
    ...lost.map((sentence) => `lost    ${sentence}`),
    ...(changes.length + lost.length === 0 ? ['nothing that both have measured'] : []),
  ].join('\n') + '\n';
}

function halfRange({ median, low, high }: { readonly median: number; readonly low: number; readonly high: number }): number {
  return median === 0 ? 0 : (high - low) / 2 / median;
}
