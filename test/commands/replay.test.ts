import { expect, test } from 'vitest';
import { replayWords } from '../../src/commands/replay.ts';

const keyOf = (line: string): string | undefined => replayWords(line.split(' '))?.words.join(' ');

test('how a run is shown and who runs it makes no other run of it', () => {
  for (const line of ['run src --daemon', 'run --reporter json src', 'run --no-daemon src --jobs 2', 'run src --reporter=json']) {
    expect(keyOf(line)).toBe('src');
  }
  expect(keyOf('run --gate types --reporter json --jobs 2')).toBe(keyOf('run --gate types'));
  expect(replayWords(['run', 'src', '--reporter=json'])?.reporter).toBe('json');
});

test('a word that ends the values of an option is not forgotten', () => {
  for (const between of ['--daemon', '--no-daemon', '--jobs 2', '--jobs=2', '--reporter json']) {
    expect(keyOf(`run --only api ${between} web`)).not.toBe(keyOf('run --only api web'));
    expect(keyOf(`run --files a.ts ${between} b.ts`)).not.toBe(keyOf('run --files a.ts b.ts'));
  }
});

test('behind two dashes everything is a path', () => {
  expect(keyOf('run -- --daemon')).not.toBe(keyOf('run --'));
});

test('no words of another command, and none that ask for more than a report', () => {
  expect([keyOf('plan src'), keyOf('run --no-cache'), keyOf('run --why')]).toEqual([undefined, undefined, undefined]);
});
