import { expect, onTestFinished, test } from 'vitest';
import { createLockTable } from '../../src/locks/thread-locks.ts';
import type { Workspace } from '../../src/model/workspace.ts';
import { makeLanePool } from '../../src/runner/index.ts';
import type { Lane } from '../../src/runner/lanes.ts';

const lane = (name: string, expectedMs: number): Lane => ({ name, checks: [], expectedMs, workersMs: 0 });

test('a thread that is set aside for one lane is promised to no other, however long the lane waits to begin', () => {
  const pool = makeLanePool({ machine: { cores: 2, memoryBytes: 4 * 1024 ** 3 }, threads: 2, kept: true });
  onTestFinished(() => pool.close());
  const use = { listener: { onStarted: () => undefined, onFinished: () => undefined }, parts: { workspace: {} as Workspace, environment: {}, tempRoot: '', locks: createLockTable({}), tree: null } };
  const [short, other, long] = [lane('short', 1), lane('other', 1), lane('long', 100)] as const;
  const [first, second] = [pool.reserve(short, use), pool.reserve(other, use)];
  first.giveUp();
  second.giveUp();
  // Both threads remember something, and the first now remembers two lanes.
  pool.reserve(long, use).giveUp();
  expect([short, other, long].map((one) => pool.isReadyFor(one))).toEqual([true, true, true]);
  const berth = pool.reserve(short, use);
  expect([other, long].map((one) => pool.isReadyFor(one))).toEqual([true, false]);
  expect(() => pool.reserve(long, use)).toThrow('more lanes under way than threads');
  berth.giveUp();
  expect(pool.isReadyFor(long)).toBe(true);
});
