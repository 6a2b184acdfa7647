import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { BudgetFile } from '../../src/locks/budget-store.ts';
import { readBudget } from '../../src/locks/budget-table.ts';
import type { BudgetCapacity } from '../../src/locks/decide-budget.ts';
import { MachineBudget } from '../../src/locks/machine-budget.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { describeProcess } from '../../src/system/machine.ts';
import { bundleScript } from '../rig/bundle.ts';
import { makeProject } from '../rig/project.ts';
import { chooseSeed, seededRandom } from '../rig/seeded-random.ts';

const CAPACITY: BudgetCapacity = { cores: 2, extras: 1, megabytes: 100 };
const ROUNDS = 12;

let script: string;
beforeAll(async () => { script = await bundleScript('test/locks/budget-process.ts'); });

/** A line of the history: what was taken, or without cores, that it is about to be given back. */
interface Line {
  readonly id: string;
  readonly pid: number;
  readonly at: number;
  readonly cores?: number;
  readonly extras?: number;
  readonly megabytes?: number;
}

interface Held {
  readonly from: number;
  readonly to: number;
  readonly cores: number;
  readonly extras: number;
  readonly megabytes: number;
}

/** When each surely had what: what a killed process had last, until just before it was killed. */
function heldIn(lines: readonly Line[], killedAt: ReadonlyMap<number, number>): Held[] {
  return lines.flatMap((line) => {
    if (line.cores === undefined) return [];
    const end = lines.find((one) => one.id === line.id && one.cores === undefined);
    const to = end?.at ?? killedAt.get(line.pid) ?? line.at;
    return [{ from: line.at, to, cores: line.cores, extras: line.extras ?? 0, megabytes: line.megabytes ?? 0 }];
  });
}

function most(held: readonly Held[], of: (one: Held) => number): number {
  return Math.max(...held.map((one) => held.filter((other) => other.from <= one.from && one.from < other.to).reduce((sum, other) => sum + of(other), 0)));
}

test('processes that are killed at any moment never make the others take more than there is, nor wait for ever', async () => {
  await using project = await makeProject({});
  const seed = chooseSeed();
  const random = seededRandom(seed);
  const file = path.join(project.root, 'budget.json');
  const history = path.join(project.root, 'history.ndjson');
  const killedAt = new Map<number, number>();
  const start = async (index: number, fate: 'lives' | 'dies in a write' | 'is killed'): Promise<void> => {
    const step = fate === 'dies in a write' ? 1 + Math.floor(random() * 80) : 0;
    const child = spawn(process.execPath, [script, file, history, JSON.stringify(CAPACITY), String(ROUNDS), String(seed + index), String(step)], { stdio: ['ignore', 'inherit', 'inherit'] });
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    if (fate === 'is killed') {
      await delay(100 + random() * 900);
      killedAt.set(child.pid ?? 0, Number(process.hrtime.bigint() / 1000n));
      child.kill('SIGKILL');
    }
    const [exitCode] = await ended;
    if (fate === 'lives') expect(exitCode, `seed ${String(seed)}`).toBe(0);
  };
  await Promise.all([
    start(0, 'lives'), start(1, 'lives'),
    ...Array.from({ length: 6 }, (_, index) => start(2 + index, index % 2 === 0 ? 'is killed' : 'dies in a write')),
  ]);

  const lines = (await readFile(history, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Line);
  const held = heldIn(lines, killedAt);
  expect(most(held, (one) => one.cores), `seed ${String(seed)}`).toBeLessThanOrEqual(CAPACITY.cores);
  expect(most(held, (one) => one.extras), `seed ${String(seed)}`).toBeLessThanOrEqual(CAPACITY.extras);
  expect(most(held, (one) => one.megabytes), `seed ${String(seed)}`).toBeLessThanOrEqual(CAPACITY.megabytes);
  expect(held.length).toBeGreaterThanOrEqual(2 * 2 * ROUNDS);
  // What the dead have left is in nobody's way: all there is can be had at once.
  const budget = new MachineBudget({ store: new BudgetFile(file, systemDisk), capacity: CAPACITY, self: await describeProcess(), clock: systemClock });
  expect(await budget.rows()).toEqual([]);
  const all = await budget.take({ ...CAPACITY, extrasMax: CAPACITY.extras, patienceMs: 0, what: 'the rest' }, new AbortController().signal);
  expect(all?.extras).toBe(CAPACITY.extras);
  await all?.release();
  expect(readBudget(await readFile(file, 'utf8')).rows).toEqual([]);
});
