/**
 * How often a test repeats itself: as often as every change can wait for, or, with SPARK_GATES_TEST_THOROUGH=1, as often as was promised.
 * A larger number is that often: a process that loads configurations hundreds of times grows slow, so seeds in turn are quicker.
 */
export function rounds(usual: number, thorough: number): number {
  const wanted = Number(process.env.SPARK_GATES_TEST_THOROUGH ?? 0);
  return wanted > 1 ? wanted : wanted === 1 ? thorough : usual;
}
