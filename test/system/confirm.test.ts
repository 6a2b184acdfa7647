import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { confirm } from '../../src/system/confirm.ts';

test.each([['y\n', true], ['YES\n', true], ['\n', true], [' \n', true], ['n\n', false], ['yet\n', false], ['', false]])('%j is %j', async (typed, answer) => {
  const input = new PassThrough();
  const output = new PassThrough();
  const asked = confirm('Write this?', { input, output, signal: new AbortController().signal });
  input.end(typed);
  expect(await asked).toBe(answer);
  expect(String(output.read())).toBe('Write this? [Y/n] ');
});

test.each(['before', 'after'])('a signal %s the question takes it back', async (when) => {
  const ended = new AbortController();
  if (when === 'before') ended.abort();
  const asked = confirm('Write this?', { input: new PassThrough(), output: new PassThrough(), signal: ended.signal });
  ended.abort();
  expect(await asked).toBe(false);
});
