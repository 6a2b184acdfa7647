import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { newMarker } from '../../src/system/process-tree.ts';
import { groupKilobytes, TreeMemory } from '../../src/system/tree-memory.ts';

/** Fills 80 MB and keeps them wherever it stands, says so, and waits for its stdin to end. */
const FILL = 'globalThis.filled = Buffer.alloc(80 * 1024 * 1024, 1); console.log(filled.length); process.stdin.resume();';
/** The same, and starts another one. */
const FILL_TWICE = `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(FILL)}], { stdio: ['pipe', 'inherit', 'inherit'] });\n${FILL}\nprocess.stdin.on('end', () => child.stdin.end());`;

test.runIf(process.platform === 'linux').each([
  { processes: 1, script: FILL, least: 80, most: 180 },
  { processes: 2, script: FILL_TWICE, least: 160, most: 300 },
])('what $processes processes of a group use is seen', async ({ processes, script, least, most }) => {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = once(child, 'close');
  let filled = 0;
  for await (const line of createInterface({ input: child.stdout })) if ((filled += line === '' ? 0 : 1) === processes) break;
  const megabytes = (await groupKilobytes(child.pid ?? 0)) / 1024;
  child.stdin.end();
  child.stdout.resume();
  await ended;
  expect(megabytes).toBeGreaterThan(least);
  expect(megabytes).toBeLessThan(most);
});

test.runIf(process.platform === 'linux')('looks that took long, as on a busy machine, are not the last ones', async () => {
  const child = spawn(process.execPath, ['-e', `process.stdin.once('data', () => { ${FILL} });`], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = once(child, 'close');
  const memory = new TreeMemory({ pid: child.pid ?? 0, marker: newMarker() }, { firstMs: 10, mostMs: 50, costFactor: 1e9 });
  await sleep(500);
  child.stdin.write('now\n');
  await once(child.stdout, 'data');
  try {
    // However slow the machine: a look that comes is what counts, not when.
    await expect.poll(() => memory.peakMegabytes, { timeout: 30_000 }).toBeGreaterThan(80);
  } finally {
    memory.stop();
    child.stdin.end();
    await ended;
  }
});

test('of a tree that has ended before the first look nothing is known', () => {
  expect(new TreeMemory({ pid: 2 ** 30, marker: newMarker() }, { firstMs: 20, mostMs: 40, costFactor: 1 }).stop()).toBe(null);
});
