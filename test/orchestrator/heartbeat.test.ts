import { once } from 'node:events';
import { expect, test } from 'vitest';
import { withHeartbeat } from '../../src/orchestrator/heartbeat.ts';

/** Counts beats, and lets the work wait for one of them. */
function pulse(): { beats: () => number; beat: () => Promise<void>; reached: (count: number) => Promise<void> } {
  const target = new EventTarget();
  let beats = 0;
  return {
    beats: () => beats,
    beat: () => {
      beats += 1;
      target.dispatchEvent(new Event('beat'));
      return Promise.resolve();
    },
    reached: async (count) => { while (beats < count) await once(target, 'beat'); },
  };
}

test('it beats at once and until the work has ended', async () => {
  const { beats, beat, reached } = pulse();
  expect(await withHeartbeat({ beat, everyMs: 1, limitMs: 60_000 }, async () => {
    await reached(5);
    return 'done';
  })).toBe('done');
  const atEnd = beats();
  expect(atEnd).toBeGreaterThanOrEqual(5);
  await new Promise((resolve) => { setTimeout(resolve, 10); });
  expect(beats()).toBe(atEnd);
});

test('work that hangs looks alive for no longer than the limit', async () => {
  const { beats, beat, reached } = pulse();
  let end = (): void => undefined;
  const hung = new Promise<void>((resolve) => { end = resolve; });
  const work = withHeartbeat({ beat, everyMs: 1, limitMs: 3 }, () => hung);
  await reached(3);
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  expect(beats()).toBe(3);
  end();
  await work;
});

test('what the work throws comes through, and so does what a beat throws, once the work has ended', async () => {
  const options = { everyMs: 1, limitMs: 60_000 };
  await expect(withHeartbeat({ ...options, beat: () => Promise.resolve() }, () => Promise.reject(new Error('of the work')))).rejects.toThrow('of the work');
  await expect(withHeartbeat({ ...options, beat: () => Promise.reject(new Error('of the beat')) }, () => Promise.resolve())).rejects.toThrow('of the beat');
});
