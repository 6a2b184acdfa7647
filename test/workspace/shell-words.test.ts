import { expect, it } from 'vitest';
import { readSequence, splitCommands } from '../../src/workspace/shell-words.ts';

it('splits any line as a shell does', () => {
  expect(splitCommands(`tsc -b && NAME="a b" vitest 'src/it"s' --x=1\\ 2|tee log; echo done`)).toEqual([['tsc', '-b'], ['NAME=a b', 'vitest', 'src/it"s', '--x=1 2'], ['tee', 'log'], ['echo', 'done']]);
});

it('reads a line of commands joined by && with each as it is written', () => {
  expect(readSequence(`tsc -b 2>&1 && NAME="a && b" node 'x;y' --x=1\\ 2`)).toEqual([
    { text: 'tsc -b 2>&1', words: [{ raw: 'tsc', text: 'tsc' }, { raw: '-b', text: '-b' }, { raw: '2>&1', text: '2>&1' }] },
    { text: `NAME="a && b" node 'x;y' --x=1\\ 2`, words: [{ raw: 'NAME="a && b"', text: 'NAME=a && b' }, { raw: 'node', text: 'node' }, { raw: "'x;y'", text: 'x;y' }, { raw: '--x=1\\ 2', text: '--x=1 2' }] },
  ]);
});

it.each(['a; b', 'a || b', 'a | b', 'a & b', 'a &', 'a\nb', '(a)', 'a $(b)', 'a `b`', 'if a', '! a', '{ a', 'cd a && b', 'export A=1 && b', 'A=1 && b', 'a && ', '&& a', '"a', "a 'b", 'a # b', ''])('leaves %j to the shell', (line) => {
  expect(readSequence(line)).toBe(null);
});
