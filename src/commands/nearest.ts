/** A wrong word further than this from a right one is not a typo of it. */
const DISTANCE_MAX = 3;

/** The candidate that a mistyped word most likely meant, or null. `lint` means `lint_enforcement`. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const lower = word.toLowerCase();
  const begins = candidates.find((candidate) => lower.length >= 3 && candidate.split('_').some((part) => part.startsWith(lower)));
  if (begins !== undefined) return begins;
  const ranked = candidates.map((candidate) => ({ candidate, distance: editDistance(lower, candidate) })).sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= DISTANCE_MAX ? best.candidate : null;
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
