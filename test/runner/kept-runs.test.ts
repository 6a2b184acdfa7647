import { expect, test } from 'vitest';
import { KeptRuns } from '../../src/runner/kept-runs.ts';

test('what runs leave is done when the answer is out: in order, once, and before whoever asks next goes on', async () => {
  const kept = new KeptRuns();
  const done: string[] = [];
  const leave = (name: string): void => {
    kept.afterAnswer(async () => {
      done.push(`${name} begins`);
      await Promise.resolve();
      done.push(`${name} ends`);
    });
  };
  leave('first');
  expect(done).toEqual([]);
  const settling = kept.settle();
  leave('second');
  await kept.settle();
  expect(done).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  await settling;
  leave('third');
  await kept.close();
  expect(done.slice(4)).toEqual(['third begins', 'third ends']);
});
