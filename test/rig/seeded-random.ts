/** Numbers from 0 to 1 without 1, the same for the same seed (mulberry32), so that a failure can be replayed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A fresh seed, for a test that prints it; or the usual one of a test that is not to differ from run to run. `SPARK_GATES_TEST_SEED` replays one. */
export function chooseSeed(usual = Math.floor(Math.random() * 2 ** 31)): number {
  return Number(process.env.SPARK_GATES_TEST_SEED ?? usual);
}
