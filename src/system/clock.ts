/** The time, passed in wherever it matters so that a test can hold it. */
export interface Clock {
  /** Milliseconds since the Unix epoch, for dates that people or other processes read. */
  now(): number;
  /** Milliseconds from an arbitrary start that never jumps, for durations. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};
