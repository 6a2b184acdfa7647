import { readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BudgetFile } from '../../src/locks/budget-store.ts';
import { readBudget, writeBudget, type BudgetRow } from '../../src/locks/budget-table.ts';
import type { BudgetCapacity } from '../../src/locks/decide-budget.ts';
import { MachineBudget, type BudgetRequest } from '../../src/locks/machine-budget.ts';
import { systemClock, type Clock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { describeProcess } from '../../src/system/machine.ts';
import { FileWatch } from '../../src/system/watch-file.ts';
import { faultyDisk, type Fault } from '../rig/faulty-disk.ts';
import { makeProject, type Project } from '../rig/project.ts';

const CAPACITY: BudgetCapacity = { cores: 2, extras: 1, megabytes: 100 };
const CORE: BudgetRequest = { cores: 1, extrasMax: 0, patienceMs: 0, megabytes: 10, what: 'types' };
const NEVER = new AbortController().signal;

function fileOf(project: Project): string {
  return path.join(project.root, 'budget', 'here.json');
}

async function budgetOf(project: Project, change: { readonly waitMs?: number; readonly clock?: Clock; readonly fault?: () => Fault | null } = {}): Promise<MachineBudget> {
  const disk = change.fault === undefined ? systemDisk : faultyDisk(systemDisk, change.fault);
  const waitMs = change.waitMs === undefined ? {} : { waitMs: change.waitMs };
  return new MachineBudget({ store: new BudgetFile(fileOf(project), disk), capacity: CAPACITY, self: await describeProcess(), clock: change.clock ?? systemClock, ...waitMs });
}

async function rowsOf(project: Project): Promise<readonly BudgetRow[]> {
  return readBudget(await systemDisk.read(fileOf(project))).rows;
}

/** Until so many wait. */
async function untilWaiting(project: Project, count: number): Promise<void> {
  const watch = new FileWatch(fileOf(project));
  while ((await rowsOf(project)).filter((row) => row.state === 'waiting').length !== count) await watch.next(50);
  watch.close();
}

/** Until these and no others are in the table. */
async function untilRows(project: Project, whats: readonly string[]): Promise<void> {
  const watch = new FileWatch(fileOf(project));
  while ((await rowsOf(project)).map(({ what }) => what).join() !== whats.join()) await watch.next(50);
  watch.close();
}

async function take(budget: MachineBudget, request: BudgetRequest = CORE, signal = NEVER) {
  const grant = await budget.take(request, signal);
  if (grant === null) throw new Error('cancelled');
  return grant;
}

test('two runs share: the one that comes later waits until something is given back, and the line is served in order', async () => {
  await using project = await makeProject({});
  const [one, other] = [await budgetOf(project), await budgetOf(project)];
  const first = await take(one);
  const second = await take(one);
  const served: string[] = [];
  const third = take(other, { ...CORE, cores: 2, what: 'both' }).then((grant) => { served.push('both'); return grant; });
  await untilWaiting(project, 1);
  const fourth = take(one, { ...CORE, what: 'late' }).then((grant) => { served.push('late'); return grant; });
  await untilWaiting(project, 2);
  await first.release();
  // One core is free, but not for whoever came later.
  expect((await rowsOf(project)).map(({ what, state }) => [what, state])).toEqual([['types', 'held'], ['both', 'waiting'], ['late', 'waiting']]);
  await second.release();
  await (await third).release();
  await (await fourth).release();
  expect(served).toEqual(['both', 'late']);
  expect(await rowsOf(project)).toEqual([]);
  expect([one.trouble, other.trouble]).toEqual([null, null]);
});

test('workers of tools are granted as far as there are some, and nobody waits for them without patience', async () => {
  await using project = await makeProject({});
  const budget = await budgetOf(project);
  const first = await take(budget, { ...CORE, extrasMax: 7 });
  const second = await take(budget, { ...CORE, extrasMax: 7 });
  expect([first.extras, second.extras]).toEqual([1, 0]);
  await first.release();
  const third = await take(budget, { ...CORE, extrasMax: 7 });
  expect(third.extras).toBe(1);
  await second.release();
  await third.release();
});

test('what is patient starts when its workers are free, and whoever asks meanwhile goes before it', async () => {
  await using project = await makeProject({});
  const budget = await budgetOf(project);
  const first = await take(budget, { ...CORE, extrasMax: 1 });
  const patient = take(budget, { ...CORE, extrasMax: 1, patienceMs: 600_000 });
  await untilWaiting(project, 1);
  const other = await take(budget, { ...CORE, extrasMax: 1 });
  expect(other.extras).toBe(0);
  await other.release();
  expect(await rowsOf(project)).toHaveLength(2);
  await first.release();
  const served = await patient;
  expect(served.extras).toBe(1);
  await served.release();
});

test('memory is shared, too, and what needs more than there is works alone', async () => {
  await using project = await makeProject({});
  const budget = await budgetOf(project);
  const first = await take(budget, { ...CORE, megabytes: 60 });
  const large = take(budget, { ...CORE, megabytes: 1_000, what: 'large' });
  await untilWaiting(project, 1);
  await first.release();
  const grant = await large;
  const small = take(budget, { ...CORE, megabytes: 1 });
  await untilWaiting(project, 1);
  await grant.release();
  await (await small).release();
});

test('whoever is cancelled leaves the line, and takes nothing', async () => {
  await using project = await makeProject({});
  const budget = await budgetOf(project);
  const all = await take(budget, { ...CORE, cores: 2 });
  const cancel = new AbortController();
  const waiting = budget.take(CORE, cancel.signal);
  await untilWaiting(project, 1);
  cancel.abort();
  expect(await waiting).toBe(null);
  expect((await rowsOf(project)).length).toBe(1);
  expect(await budget.take(CORE, cancel.signal)).toBe(null);
  await all.release();
  expect(await rowsOf(project)).toEqual([]);
});

test('rows of the dead, of those whose number somebody else has now, and forgotten ones of this process hold nothing', async () => {
  await using project = await makeProject({});
  const budget = await budgetOf(project);
  await (await take(budget)).release();
  const { pid, started } = await describeProcess();
  const row = { id: 'a', state: 'held' as const, cores: 2, extras: 1, megabytes: 100, what: 'tests', patient_until_ms: 0, since_ms: 0 };
  const rows: BudgetRow[] = [
    { ...row, id: 'dead', pid: 2 ** 30, started: '1' },
    { ...row, id: 'reused', pid: process.ppid, started: '1' },
    { ...row, id: 'forgotten', pid, started },
    { ...row, id: 'dead waiter', state: 'waiting', pid: 2 ** 30, started: '1' },
  ];
  await writeFile(fileOf(project), writeBudget({ rows }));
  const grant = await take(budget, { ...CORE, cores: 2, extrasMax: 1 });
  expect(grant.extras).toBe(1);
  expect((await rowsOf(project)).map((one) => one.what)).toEqual(['types']);
  await grant.release();
});

test('without a place to share it keeps its own bounds, says why, and fails nothing', async () => {
  await using project = await makeProject({});
  const budget = await budgetOf(project, { fault: () => ({ kind: 'error', code: 'EROFS' }) });
  const first = await take(budget);
  const second = await take(budget);
  const cancel = new AbortController();
  const third = budget.take(CORE, cancel.signal);
  const last = take(budget, { ...CORE, what: 'last' });
  cancel.abort();
  expect(await third).toBe(null);
  await second.release();
  await (await last).release();
  await first.release();
  expect(budget.trouble).toMatch(/^EROFS: made to fail/);
});

test('a disk that fails later on takes nothing away that was taken before, and nobody waits for ever', async () => {
  await using project = await makeProject({});
  let isFull = false;
  const budget = await budgetOf(project, { fault: () => (isFull ? { kind: 'error', code: 'ENOSPC' } : null) });
  const first = await take(budget, { ...CORE, cores: 2 });
  const waiting = take(budget);
  await untilWaiting(project, 1);
  isFull = true;
  await first.release();
  await (await waiting).release();
  expect(budget.trouble).toMatch(/^ENOSPC: made to fail/);
  isFull = false;
  // What it could not give back has no owner any more, which other processes cannot see.
  await untilRows(project, []);
});

test('whoever could not stay in the line does not hold it up', async () => {
  await using project = await makeProject({});
  let isFull = false;
  const [holder, waiter] = [await budgetOf(project), await budgetOf(project, { fault: () => (isFull ? { kind: 'error', code: 'EIO' } : null) })];
  const all = await take(holder, { ...CORE, cores: 2, what: 'all' });
  const waiting = take(waiter, { ...CORE, what: 'alone' });
  await untilWaiting(project, 1);
  isFull = true;
  const alone = await waiting;
  expect((await rowsOf(project)).map(({ what, state }) => [what, state])).toEqual([['all', 'held'], ['alone', 'waiting']]);
  isFull = false;
  await untilRows(project, ['all']);
  await alone.release();
  await all.release();
});

test('who has waited longer than anything of ours can take goes on by itself', async () => {
  await using project = await makeProject({});
  const [holder, waiter] = [await budgetOf(project), await budgetOf(project, { waitMs: 300 })];
  const all = await take(holder, { ...CORE, cores: 2 });
  await (await take(waiter)).release();
  expect(waiter.trouble).toBe('others held it for 0 s');
  expect((await rowsOf(project)).length).toBe(1);
  await all.release();
});

test('a line that moves is waited for, however long it takes altogether', async () => {
  await using project = await makeProject({});
  const time = { nowMs: 0, asked: 0 };
  const clock = { ...systemClock, monotonicMs: () => { time.asked += 1; return time.nowMs; } };
  const [others, waiter] = [await budgetOf(project), await budgetOf(project, { waitMs: 1_000, clock })];
  /** Until it has looked at how long it has waited by now. */
  const untilLooked = async (): Promise<void> => {
    const { asked } = time;
    const watch = new FileWatch(fileOf(project));
    while (time.asked < asked + 3) {
      await utimes(fileOf(project), new Date(), new Date());
      await watch.next(50);
    }
    watch.close();
  };
  const first = await take(others, { ...CORE, cores: 2 });
  const second = take(others, { ...CORE, cores: 2 });
  await untilWaiting(project, 1);
  const last = take(waiter);
  await untilWaiting(project, 2);
  await untilLooked();
  time.nowMs = 900;
  await first.release();
  const held = await second;
  await untilLooked();
  time.nowMs = 1_800;
  await untilLooked();
  await held.release();
  await (await last).release();
  expect(waiter.trouble).toBe(null);
});

test.each([['a process that cannot be', '{"version":1,"rows":[{"id":"a","pid":4294967296,"started":null,"state":"held","cores":2,"extras":0,"megabytes":1,"what":"types","since_ms":0}]}'], ['a broken table', '{"version":1,"rows":[{"half']])('%s: the table is begun anew', async (_what, table) => {
  await using project = await makeProject({ 'budget/here.json': table });
  const budget = await budgetOf(project);
  const grant = await take(budget);
  expect(JSON.parse(await readFile(fileOf(project), 'utf8'))).toMatchObject({ version: 1, rows: [{ cores: 1, megabytes: 10, what: 'types', pid: process.pid }] });
  await grant.release();
  expect(budget.trouble).toBe(null);
});
