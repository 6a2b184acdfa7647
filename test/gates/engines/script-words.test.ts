import { expect, it } from 'vitest';
import { commandOf, splitCommands } from '../../../gates/engines/test-runner/script-words.ts';

const isVitest = (word: string): boolean => word === 'vitest';

it('splits a script as a shell does', () => {
  expect(splitCommands(`tsc -b && NAME="a b" vitest 'src/it"s' --x=1\\ 2|tee log; echo done`)).toEqual([['tsc', '-b'], ['NAME=a b', 'vitest', 'src/it"s', '--x=1 2'], ['tee', 'log'], ['echo', 'done']]);
});

it('finds the program behind wrappers, assignments and other scripts', () => {
  const scripts = { test: 'npm run -s unit', unit: 'tsc && cross-env TZ=UTC npx vitest run --dir src', loop: 'npm run loop', twice: 'vitest a && vitest b' };
  expect(commandOf(scripts, 'test', isVitest)).toEqual({ environment: { TZ: 'UTC' }, program: 'vitest', words: ['run', '--dir', 'src'] });
  expect(commandOf(scripts, 'loop', isVitest)).toBe(null);
  expect(commandOf(scripts, 'twice', isVitest)).toBe(null);
});
