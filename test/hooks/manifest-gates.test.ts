import { expect, test } from 'vitest';
import { changedGateKeys } from '../../src/hooks/manifest-gates.ts';

const MANIFEST = { name: 'a', scripts: { test: 'vitest run', 'test:e2e': 'playwright test', build: 'tsc' }, jest: { bail: true } };
const BEFORE = JSON.stringify(MANIFEST);

test.each<[string, object, string[]]>([
  ['nothing', MANIFEST, []],
  ['what no gate reads', { ...MANIFEST, name: 'b', dependencies: { c: '1' }, scripts: { ...MANIFEST.scripts, build: 'esbuild', 'test:new': 'x' } }, []],
  ['a test script', { ...MANIFEST, scripts: { ...MANIFEST.scripts, test: 'true' } }, ['scripts.test']],
  ['a script that is gone', { ...MANIFEST, scripts: { test: 'vitest run' } }, ['scripts.test:e2e']],
  ['configuration that is gone, and some that is new', { ...MANIFEST, jest: undefined, c8: { lines: 0 } }, ['jest', 'c8']],
])('%s', (_, now, expected) => {
  expect(changedGateKeys(BEFORE, JSON.stringify(now))).toEqual(expected);
});

test('one that was not there, and one that is no JSON', () => {
  expect([changedGateKeys(null, BEFORE), changedGateKeys(BEFORE, '{')]).toEqual([['jest'], ['jest', 'scripts.test', 'scripts.test:e2e']]);
});
