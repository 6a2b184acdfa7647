import { expect, test } from 'vitest';
import type { Check } from '../../src/model/check.ts';
import { arrangeLanes, nextLane } from '../../src/runner/lanes.ts';

function check(id: string, expectedMs: number, extra: Partial<Check> = {}): Check {
  return {
    id, name: id, gates: ['type_verification'], engine: 'typescript', engineVersion: '6.0.0', engineOrigin: 'project', title: id,
    files: [], workspaceWide: false, expectedMs, timeLimitMs: 1_000, parts: [], ...extra,
  };
}

test('checks of one lane stay together, in order, and the longest lane comes first', () => {
  const checks = [check('syntax', 50), check('types', 400, { lane: 'typescript' }), check('tests', 600), check('lint', 500, { lane: 'typescript' })];
  expect(arrangeLanes(checks, new Map()).map((lane) => [lane.name, lane.checks.map((one) => one.id), lane.expectedMs])).toEqual([
    ['typescript', ['types', 'lint'], 900],
    ['tests', ['tests'], 600],
    ['syntax', ['syntax'], 50],
  ]);
});

test('a recorded duration counts more than an estimate', () => {
  const lanes = arrangeLanes([check('types', 400), check('tests', 100)], new Map([['tests', 9_000]]));
  expect(lanes.map((lane) => lane.name)).toEqual(['tests', 'types']);
});

test('what needs workers for half a minute comes before what is longer and needs them less, for it has to its end what it starts with', () => {
  const native = [check('types', 15_000, { lane: 'typescript', slotsMax: 4 }), check('lint', 45_000, { lane: 'typescript' })];
  const order = (testsMs: number): string[] => arrangeLanes([...native, check('tests', testsMs, { slotsMax: 8 })], new Map()).map((lane) => lane.name);
  expect(order(30_000)).toEqual(['tests', 'typescript']);
  expect(order(29_999)).toEqual(['typescript', 'tests']);
});

test('a lane whose lock is held lets the next one pass, and none starts only to wait', () => {
  const [unit, suite, docs] = arrangeLanes([check('unit', 30, { locks: ['test-run'] }), check('suite', 20, { locks: ['test-run'] }), check('docs', 10)], new Map());
  if (unit === undefined || suite === undefined || docs === undefined) throw new Error('three checks are three lanes');
  expect(nextLane([suite, docs], [unit])).toBe(docs);
  expect(nextLane([suite], [unit])).toBe(null);
  expect(nextLane([suite], [])).toBe(suite);
});
