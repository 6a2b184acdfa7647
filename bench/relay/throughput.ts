// Transactions of the relay per second, by one writer and by four processes at once, beside what the disk alone can do: lines
// appended and flushed one by one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { describeMachine } from '../../src/system/machine.ts';
import { makeTempFolder, removeTempFolder } from '../../src/system/temp-folder.ts';
import { bundleScript } from '../../test/rig/bundle.ts';
import { summarise } from '../suite/statistics.ts';
import { openRelay } from './session.ts';

/** The first warms up, and is dropped. */
const RUNS = 6;
const TRANSACTIONS = 100;
const LINE_BYTES = 500;

const script = await bundleScript('bench/relay/writer-process.ts');
const results: Record<string, unknown> = {};
for (const [name, run] of Object.entries({ 'append + flush': flushes, '1 writer': () => writers(1), '4 writers': () => writers(4) })) {
  const perSecond: number[] = [];
  for (let count = 0; count < RUNS; count += 1) { perSecond.push(await run()); console.error(name, count, perSecond.at(-1), performance.now()); }
  results[name] = summarise(perSecond.slice(1).map(Math.round));
}
console.log(JSON.stringify({ machine: describeMachine(), transactionsPerSecond: results }, null, 2));

async function inFolder(work: (folder: string) => Promise<number>): Promise<number> {
  const folder = await makeTempFolder();
  try {
    return await work(folder);
  } finally {
    await removeTempFolder(folder);
  }
}

function flushes(): Promise<number> {
  return inFolder(async (folder) => {
    const file = await open(path.join(folder, 'log'), 'a');
    const startedMs = performance.now();
    for (let count = 0; count < TRANSACTIONS; count += 1) {
      await file.writeFile(`${'x'.repeat(LINE_BYTES)}\n`);
      await file.sync();
    }
    const perSecond = (TRANSACTIONS * 1_000) / (performance.now() - startedMs);
    await file.close();
    return perSecond;
  });
}

function writers(count: number): Promise<number> {
  return inFolder(async (folder) => {
    await openRelay(folder);
    const children = Array.from({ length: count }, (_, index) => fork(script, [folder, `team${index + 1}`, String(TRANSACTIONS)]));
    const ended = Promise.all(children.map((child) => once(child, 'exit')));
    await Promise.all(children.map((child) => once(child, 'message')));
    const startedMs = performance.now();
    for (const child of children) child.send('go');
    await Promise.all(children.map((child) => once(child, 'message')));
    const perSecond = (count * TRANSACTIONS * 1_000) / (performance.now() - startedMs);
    await ended;
    return perSecond;
  });
}
