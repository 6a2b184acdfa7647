import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lowerBound } from '../../bench/suite/lower-bound.ts';
import { orderOf } from '../../bench/suite/rounds.ts';
import { splitFiles } from '../../bench/suite/split-files.ts';
import { median, ratios, relativeSpread, summarise } from '../../bench/suite/statistics.ts';

test('several runs become a median with its lowest and highest, and nothing stays nothing', () => {
  expect(summarise([])).toBeNull();
  expect(summarise([7])).toEqual({ runs: 1, median: 7, low: 7, high: 7, p95: 7 });
  expect(summarise([4, 1, 3, 2])).toEqual({ runs: 4, median: 2.5, low: 1, high: 4, p95: 4 });
  expect(summarise(Array.from({ length: 100 }, (_, index) => 100 - index))).toEqual({ runs: 100, median: 50.5, low: 1, high: 100, p95: 95 });
});

test('the spread is half of the middle half of the runs, relative to the median: an outlier does not widen it', () => {
  expect(relativeSpread([10])).toBe(0);
  expect(relativeSpread([9, 10, 11])).toBe(0.05);
  expect(relativeSpread([9, 10, 10, 11, 1_000])).toBe(0.05);
});

test('ratios are of one round each, and of the median where the base was not measured in it', () => {
  expect(ratios(new Map([[0, 5], [1, 8], [2, 3]]), new Map([[0, 10], [1, 20]]))).toEqual([0.5, 0.4, 0.2]);
  expect(ratios(new Map([[0, 5]]), new Map())).toEqual([]);
});

test('every second round runs backwards', () => {
  expect([0, 1, 2].map((round) => orderOf(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'cba', 'abc']);
});

test('the lower bound is the CPU time over all cores or the longest part, whichever is more', () => {
  const part = (name: string, wallMs: number, cpuMs: number) => ({ name, wallMs, cpuMs });
  expect(lowerBound([], 2)).toBeNull();
  // Medians over the runs: tests 40 of 39, 40 and 90; lint 30.
  const runs = [[part('tests', 39, 50), part('lint', 30, 30)], [part('tests', 90, 60), part('lint', 30, 30)], [part('tests', 40, 70), part('lint', 30, 30)]];
  expect(lowerBound(runs, 2)).toEqual({ cpuShareMs: 45, criticalPathMs: 40, boundMs: 45 });
  expect(lowerBound(runs, 4)).toEqual({ cpuShareMs: 22.5, criticalPathMs: 40, boundMs: 40 });
  expect(lowerBound(runs, 2, 200)).toEqual({ cpuShareMs: 100, criticalPathMs: 40, boundMs: 100 });
});

test('files are cut into stretches of about the same size, folders together', () => {
  const files = [{ file: 'b/2.ts', bytes: 100 }, { file: 'a/1.ts', bytes: 100 }, { file: 'b/1.ts', bytes: 100 }, { file: 'a/2.ts', bytes: 100 }];
  expect(splitFiles(files, 2)).toEqual({ team1: ['a/1.ts', 'a/2.ts'], team2: ['b/1.ts', 'b/2.ts'] });
  expect(splitFiles([{ file: 'only.ts', bytes: 1 }], 4)).toEqual({ team3: ['only.ts'] });
});

test('every file has exactly one team, whatever the sizes', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.record({ file: fc.string({ minLength: 1 }), bytes: fc.nat() }), { selector: ({ file }) => file }), fc.integer({ min: 1, max: 8 }), (files, teams) => {
    const split = splitFiles(files, teams);
    expect(Object.values(split).flat().sort()).toEqual(files.map(({ file }) => file).sort());
    expect(Object.keys(split).every((name) => Number(name.slice(4)) >= 1 && Number(name.slice(4)) <= teams)).toBe(true);
  }));
});

test('the median of an even number lies between the two in the middle', () => {
  expect(median([1, 9, 3, 5])).toBe(4);
});
