import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rmdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { systemDisk } from '../../src/system/disk.ts';
import { updateFile } from '../../src/system/guarded-file.ts';
import { isMissing } from '../../src/system/read-text.ts';
import { bundleScript } from '../rig/bundle.ts';
import { makeProject } from '../rig/project.ts';
import { chooseSeed } from '../rig/seeded-random.ts';

/** Longer than a lock stays without a sign of life: the stopped process has been robbed when it goes on. */
const STOP_MS = 2_600;
const PROCESSES = 6;
const ROUNDS = 40;

let script: string;
beforeAll(async () => { script = await bundleScript('test/system/counting-process.ts'); });

/** One process's numbers; a stopped one is continued after a while. */
async function count(file: string, ...args: readonly (string | number)[]): Promise<string[]> {
  const child = spawn(process.execPath, [script, file, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'stopped') setTimeout(() => { child.kill('SIGCONT'); }, STOP_MS);
    else lines.push(line);
  });
  await once(child, 'close');
  return lines;
}

test.each(['read', 'rename'])('no update is lost, and none is made twice, when processes stop before %s for longer than their lock lasts', async (stopAt) => {
  await using project = await makeProject({});
  const seed = chooseSeed();
  const file = path.join(project.root, 'number');
  const lines = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => count(file, ROUNDS, seed + index, index < 3 ? 1 : 0, stopAt)));
  const numbers = lines.flat().map(Number).sort((a, b) => a - b);
  expect(numbers, `seed ${String(seed)}`).toEqual(Array.from({ length: PROCESSES * ROUNDS }, (_, index) => index + 1));
  expect(await readFile(file, 'utf8')).toBe(String(PROCESSES * ROUNDS));
  expect(await readdir(path.join(project.root, '.staging'))).toEqual([]);
});

test('no update is lost when the lock is taken away from its holders all the time: the tickets alone decide', async () => {
  await using project = await makeProject({});
  const file = path.join(project.root, 'number');
  const counting = Promise.all(Array.from({ length: PROCESSES }, () => count(file, ROUNDS)));
  const done = new AbortController();
  const thief = (async () => { while (!done.signal.aborted) { await rob(file); await delay(1); } })();
  const lines = (await counting).flat();
  done.abort();
  await thief;
  const numbers = lines.filter((line) => line !== 'busy').map(Number).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
  expect(await readFile(file, 'utf8')).toBe(String(numbers.length));
  expect(numbers.length).toBeGreaterThan(0);
});

async function rob(file: string): Promise<void> {
  try {
    await rmdir(`${file}.lock`);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

test('a dead holder keeps nobody out, even if the clock was set back since', async () => {
  await using project = await makeProject({});
  const file = path.join(project.root, 'number');
  await mkdir(`${file}.lock`);
  const tomorrow = new Date(Date.now() + 24 * 3_600_000);
  await utimes(`${file}.lock`, tomorrow, tomorrow);
  const outcome = await updateFile({ file, disk: systemDisk, waitMs: 20_000, durable: false }, () => ({ content: '1', value: 'written' }));
  expect(outcome).toEqual({ ok: true, value: 'written' });
});

test('another file is replaced while the one that was read still holds, with its permissions, or not at all', async () => {
  await using project = await makeProject({ 'number': '1', 'script.sh': 'old' });
  const file = path.join(project.root, 'number');
  const target = path.join(project.root, 'script.sh');
  await chmod(target, 0o755);
  let tries = 0;
  const outcome = await updateFile({ file, target, disk: systemDisk, waitMs: 1_000, durable: true }, async (content) => {
    tries += 1;
    // Another process, which finds the lock gone, replaces what was read, after it was read.
    if (tries === 1) {
      await rob(file);
      expect(await count(file, 1)).toEqual(['2']);
    }
    return { content: `seen ${content ?? 'nothing'}`, value: null };
  });
  expect(outcome).toEqual({ ok: true, value: null });
  expect(tries).toBe(2);
  expect(await readFile(target, 'utf8')).toBe('seen 2');
  expect((await systemDisk.mode(target))?.toString(8)).toBe('755');
});
