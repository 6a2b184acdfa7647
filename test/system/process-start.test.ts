import { afterEach, expect, test, vi } from 'vitest';
import { processStartByPs } from '../../src/system/process-tree.ts';

afterEach(() => { vi.unstubAllEnvs(); });

test.skipIf(process.platform === 'win32')('the start of a process reads the same in every time zone', async () => {
  const starts = [];
  for (const zone of ['Asia/Tokyo', 'America/Los_Angeles']) {
    vi.stubEnv('TZ', zone);
    starts.push(await processStartByPs(process.pid));
  }
  expect(starts[0]).toMatch(/^[A-Z]/);
  expect(new Set(starts).size).toBe(1);
});

test.skipIf(process.platform === 'win32')('a process that is not there has no start', async () => {
  expect(await processStartByPs(2 ** 30)).toBe(null);
});
