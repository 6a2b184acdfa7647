/** The order of cases in a round: every second round backwards, so that nobody always runs after the same other, or on a machine that is warmer. */
export function orderOf<T>(cases: readonly T[], round: number): T[] {
  return round % 2 === 0 ? [...cases] : [...cases].reverse();
}
