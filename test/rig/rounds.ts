/** How often a test repeats itself: as often as every change can wait for, or, with SPARK_GATES_TEST_THOROUGH=1, as often as was promised. */
export function rounds(usual: number, thorough: number): number {
  return process.env.SPARK_GATES_TEST_THOROUGH === '1' ? thorough : usual;
}
