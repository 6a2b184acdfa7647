import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { familyBytes } from '../../src/system/family-memory.ts';

const MEGABYTE = 1024 * 1024;
const HOLD = `const held = Buffer.alloc(${String(80 * MEGABYTE)}, 1); console.log(held.length); setInterval(() => held.length, 1_000);`;

test.runIf(process.platform === 'linux')('what programs hold counts as long as they live, also one that a thread has started', async () => {
  const before = familyBytes();
  const child = spawn(process.execPath, ['-e', HOLD], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const worker = new Worker(`const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(HOLD)}], { stdio: ['ignore', 'pipe', 'inherit'] }); child.stdout.once('data', () => require('node:worker_threads').parentPort.postMessage(child.pid));`, { eval: true });
  const [grandchild] = (await once(worker, 'message')) as [number];
  const during = familyBytes();
  process.kill(grandchild, 'SIGKILL');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await worker.terminate();
  expect(during - before).toBeGreaterThan(160 * MEGABYTE);
  await expect.poll(() => familyBytes() - before, { timeout: 10_000 }).toBeLessThan(80 * MEGABYTE);
});
