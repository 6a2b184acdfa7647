import { expect, test } from 'vitest';
import { compare } from '../../bench/simulate-sessions.ts';

test('a barrier never makes a session shorter, and costs the more the less alike the durations are', () => {
  const [even, uneven] = [compare(0.25, 40, 7), compare(1, 40, 7)];
  expect(Math.min(even.low, uneven.low)).toBeGreaterThanOrEqual(1);
  expect(uneven.median).toBeGreaterThan(even.median);
  expect(compare(0.25, 40, 7)).toEqual(even);
});
