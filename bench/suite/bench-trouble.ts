/** Expected trouble of a benchmark: one sentence. It costs what it is thrown from (a case, a corpus), and nothing else. */
export class BenchTrouble extends Error {
  override readonly name = 'BenchTrouble';
}
