import { expect, test } from 'vitest';
import { LatestWrite } from '../../src/commands/latest-write.ts';

test('what comes while one is written is written last, and only the last of it', async () => {
  const written: number[] = [];
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => { open = resolve; });
  const writes = new LatestWrite<number>(async (value) => { await gate; written.push(value); });
  for (const value of [1, 2, 3]) writes.offer(value);
  open();
  await writes.done();
  writes.offer(4);
  await writes.done();
  expect(written).toEqual([1, 3, 4]);
});

test('what could not be written is said by whoever asks whether it was', async () => {
  const writes = new LatestWrite<number>(() => Promise.reject(new Error('the disk is full')));
  writes.offer(1);
  await expect(writes.done()).rejects.toThrow('the disk is full');
});

test('what could not be written once is no reason not to write what comes later', async () => {
  const written: number[] = [];
  const writes = new LatestWrite<number>((value) => (value === 1 ? Promise.reject(new Error('the disk is full')) : Promise.resolve(void written.push(value))));
  writes.offer(1);
  await expect(writes.done()).rejects.toThrow('the disk is full');
  writes.offer(2);
  await writes.done();
  expect(written).toEqual([2]);
});
