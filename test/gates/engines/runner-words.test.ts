import { expect, it } from 'vitest';
import { splitJestWords } from '../../../gates/engines/test-runner/jest-words.ts';
import { withoutOptions } from '../../../gates/engines/test-runner/words.ts';

it('drops options with and without a value', () => {
  expect(withoutOptions(['--watch', '--reporter', 'dot', '--reporter=x', 'src', '--bail=1', '--dir', 'src'], ['--watch', '--reporter=', '--bail'])).toEqual(['src', '--dir', 'src']);
  expect(withoutOptions(['--reporters', 'default', 'junit', '--ci', '--reporters=x', 'unit', '--verbose', 'false', 'e2e'], ['--reporters=*', '--verbose'])).toEqual(['--ci', 'unit', 'e2e']);
});

it.each<[words: string, options: string, patterns: string]>([
  ['unit', '', 'unit'],
  ['--ci unit e2e', '--ci', 'unit e2e'],
  ['-c jest.unit.js unit', '-c jest.unit.js', 'unit'],
  ['--config=jest.unit.js unit', '--config=jest.unit.js', 'unit'],
  ['--selectProjects a b --ci unit', '--selectProjects a b --ci', 'unit'],
  ['--testPathPattern=unit -t adds', '-t adds', 'unit'],
  ['--testPathPatterns unit e2e', '', 'unit e2e'],
  ['--roots src -- unit', '--roots src', 'unit'],
])("splits Jest's words: %s", (words, options, patterns) => {
  expect(splitJestWords(words.split(' '))).toEqual({ options: options.split(' ').filter(Boolean), patterns: patterns.split(' ') });
});
