import { expect, test } from 'vitest';
import { conflictBetween } from '../../src/orchestrator/conflicts.ts';
import { identifySharedResources } from '../../src/orchestrator/shared-resources.ts';
import { isAssigned, leadsOutside } from '../../src/orchestrator/task-files.ts';

test.each([
  ['the same path', 'src/cart.ts', 'src/cart.ts'],
  ['another spelling of it', './src/cart.ts', 'src//cart.ts'],
  ['another case of it', 'src/Cart.ts', 'src/cart.ts'],
  ['a folder above', 'src/api', 'src/api/cart.ts'],
  ['a folder with a slash', 'src/api/', 'src/api/cart.ts'],
  ['a glob that matches', 'src/**/*.ts', 'src/api/cart.ts'],
  ['a dot file under a glob', 'src/**', 'src/.env.test'],
  ['a folder above a glob', 'src', 'src/api/*.ts'],
  ['a folder below a glob', 'src/**/*.ts', 'src/api/v1'],
  ['two globs of one folder', 'src/*.ts', 'src/*.test.ts'],
  ['a glob above a glob', '**/*.ts', 'src/api/*.ts'],
  ['braces that nobody reads', 'src/*.{ts,md}', 'src/*.md'],
  ['everything but', '!src/api/**', 'docs/guide.md'],
  ['a glob over a shared file', '*.json', 'package.json'],
])('%s may be the same file', (_, a, b) => {
  expect(conflictBetween([a], [b])).not.toBeNull();
  expect(conflictBetween([b], [a])).not.toBeNull();
});

test.each([
  ['another file', 'src/cart.ts', 'src/order.ts'],
  ['a name that begins alike', 'src/api', 'src/apis/cart.ts'],
  ['a part of a name', 'types.ts', 'src/types.ts'],
  ['a glob elsewhere', 'src/web/**', 'src/api/cart.ts'],
  ['globs of other kinds', 'src/**/*.ts', 'src/**/*.md'],
  ['globs of other folders', 'src/api/**', 'src/web/**'],
  ['a shared resource, which is leased', 'package.json', './package.json'],
  ['a file that a glob of its folder does not match', 'src/*.md', 'src/cart.ts'],
])('%s is not', (_, a, b) => {
  expect(conflictBetween([a], [b])).toBeNull();
  expect(conflictBetween([b], [a])).toBeNull();
});

test('a conflict names both sides as they were written', () => {
  expect(conflictBetween(['docs/a.md', 'src/**'], ['src/api/cart.ts'])).toEqual({ a: 'src/**', b: 'src/api/cart.ts' });
  expect(conflictBetween([], ['src/api/cart.ts'])).toBeNull();
});

test('shared resources are those of the list and those of several tasks, by their whole path', () => {
  const free = { locked_by: null, lock_timestamp: null };
  expect(identifySharedResources(['src/cart.ts', './package.json', 'src/types.ts', 'lib/src/types.ts', 'src/constants.ts.bak'], [['src/order.ts'], ['src/cart.ts']]))
    .toEqual({ 'package.json': free, 'src/cart.ts': free, 'src/types.ts': free });
});

test('paths out of the root are seen in every spelling', () => {
  expect(['../a.ts', 'src/../../a.ts', '/etc/hosts', 'C:\\a.ts', '!../a.ts', '..'].filter((file) => !leadsOutside(file))).toEqual([]);
  expect(['a.ts', 'src/../a.ts', '..a.ts', 'src/**', '.'].filter(leadsOutside)).toEqual([]);
});

test('a file is assigned by path, folder or glob', () => {
  const assigned = ['src/api', 'docs/*.md', '!src/api/old.ts'];
  expect(['src/api/cart.ts', 'docs/a.md', 'src/api/old.ts', 'src/apis/cart.ts', 'docs/deep/a.md'].filter((file) => isAssigned(file, assigned))).toEqual(['src/api/cart.ts', 'docs/a.md']);
  expect(isAssigned('src/web/a.ts', ['!src/api/**'])).toBe(true);
});
