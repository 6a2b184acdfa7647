import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_BUDGET, readBudget, writeBudget, type BudgetRow, type BudgetTable } from '../../src/locks/budget-table.ts';
import { admit, join, keepOnly, leave, usedOf, type BudgetCapacity, type BudgetMoment } from '../../src/locks/decide-budget.ts';

const RUNS = { numRuns: 500 };
const CAPACITY: BudgetCapacity = { cores: 4, extras: 3, megabytes: 1_000 };
const OWNERS = [11, 12, 13];
const NOW_MS = 50;
const MOMENT: BudgetMoment = { capacity: CAPACITY, nowMs: NOW_MS };

type Step =
  | { readonly kind: 'join'; readonly pid: number; readonly cores: number; readonly extras: number; readonly megabytes: number; readonly patientUntilMs: number }
  /** All that wait look, in an order of their own. */
  | { readonly kind: 'look'; readonly shuffle: number }
  /** The one at this place, whatever it has, gives up or back. */
  | { readonly kind: 'leave'; readonly place: number }
  | { readonly kind: 'die'; readonly pid: number };

const pid = fc.constantFrom(...OWNERS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('join' as const), pid, cores: fc.integer({ min: 0, max: 6 }), extras: fc.integer({ min: 0, max: 8 }), megabytes: fc.integer({ min: 0, max: 1_500 }), patientUntilMs: fc.constantFrom(0, NOW_MS, 2 * NOW_MS) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('look' as const), shuffle: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave' as const), place: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), pid }) },
);

/** Every waiter looks until nobody gets anything any more; the ids of those that got it, in order. */
function lookAll(table: BudgetTable, shuffle: number): { readonly table: BudgetTable; readonly served: readonly string[] } {
  const served: string[] = [];
  for (;;) {
    const waiting = table.rows.filter((row) => row.state === 'waiting').map((row) => row.id);
    const looking = waiting.sort((a, b) => ((Number(a) * 7919 + shuffle) % 101) - ((Number(b) * 7919 + shuffle) % 101));
    const before = table;
    for (const id of looking) {
      const admitted = admit(table, id, MOMENT);
      if (admitted === null) continue;
      checkOvertaken(table, id);
      table = admitted;
      served.push(id);
      checkBounds(table);
    }
    if (table === before) return { table, served };
  }
}

function checkBounds(table: BudgetTable): void {
  const used = usedOf(table);
  expect(used.cores).toBeLessThanOrEqual(CAPACITY.cores);
  expect(used.extras).toBeLessThanOrEqual(CAPACITY.extras);
  const atWork = table.rows.filter((row) => row.state === 'held' && row.cores > 0);
  // What needs more than there is works with nothing beside it that works.
  if (used.megabytes > CAPACITY.megabytes) expect(atWork.length).toBeLessThanOrEqual(1);
}

/** Only while all extras are lent, and only one that wants some: by whoever wants none, and while it is patient, by everybody. */
function checkOvertaken(table: BudgetTable, id: string): void {
  const waiting = table.rows.filter((row) => row.state === 'waiting');
  const at = waiting.findIndex((row) => row.id === id);
  if (at === 0) return;
  expect(usedOf(table).extras).toBe(CAPACITY.extras);
  for (const row of waiting.slice(0, at)) expect(row.extras > 0 && (waiting[at]?.extras === 0 || row.patient_until_ms > NOW_MS)).toBe(true);
}

test('never more than there is, first come, first served but for what extras are lacking, and somebody always works while somebody waits', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    let table = EMPTY_BUDGET;
    let number = 0;
    for (const one of steps) {
      const before = JSON.stringify(table);
      const given = table;
      switch (one.kind) {
        case 'join':
          table = join(table, rowOf({ id: String(++number), pid: one.pid, cores: one.cores, extras: one.extras, megabytes: one.megabytes, patient_until_ms: one.patientUntilMs }));
          break;
        case 'look': {
          ({ table } = lookAll(table, one.shuffle));
          const left = table.rows.some((row) => row.state === 'waiting');
          if (left) expect(usedOf(table).cores).toBeGreaterThan(0);
          break;
        }
        case 'leave': {
          const row = table.rows[one.place % Math.max(1, table.rows.length)];
          if (row !== undefined) table = leave(table, row.id);
          break;
        }
        case 'die':
          table = keepOnly(table, (row) => row.pid !== one.pid);
          expect(table.rows.some((row) => row.pid === one.pid)).toBe(false);
      }
      // A decision changes nothing but what it returns.
      expect(JSON.stringify(given)).toBe(before);
      checkBounds(table);
      expect(readBudget(writeBudget(table))).toEqual({ rows: table.rows });
    }
  }), RUNS);
});

test('everybody is served once those before them have gone, whatever they ask for', () => {
  const ask = fc.record({ cores: fc.integer({ min: 1, max: 9 }), extras: fc.integer({ min: 0, max: 9 }), megabytes: fc.integer({ min: 0, max: 5_000 }) });
  fc.assert(fc.property(fc.array(ask, { minLength: 1, maxLength: 30 }), fc.nat(), (asks, shuffle) => {
    let table = asks.reduce<BudgetTable>((all, one, index) => join(all, rowOf({ ...one, pid: 11, id: String(index) })), EMPTY_BUDGET);
    const served: string[] = [];
    for (let rounds = 0; rounds <= asks.length && table.rows.length > 0; rounds += 1) {
      const looked = lookAll(table, shuffle);
      served.push(...looked.served);
      table = keepOnly(looked.table, (row) => row.state === 'waiting');
    }
    expect([...served].sort()).toEqual(asks.map((_, index) => String(index)).sort());
  }), RUNS);
});

test('one that needs more than there is waits for the others and then works alone', () => {
  let table = join(EMPTY_BUDGET, rowOf({ id: '1', pid: 11, cores: 1, extras: 0, megabytes: 400 }));
  table = admit(table, '1', MOMENT) ?? table;
  table = join(table, rowOf({ id: '2', pid: 12, cores: 9, extras: 0, megabytes: 4_000 }));
  table = join(table, rowOf({ id: '3', pid: 13, cores: 1, extras: 0, megabytes: 1 }));
  expect(admit(table, '2', MOMENT)).toBe(null);
  expect(admit(table, '3', MOMENT)).toBe(null);
  table = admit(leave(table, '1'), '2', MOMENT) ?? table;
  expect(usedOf(table)).toEqual({ cores: 4, extras: 0, megabytes: 4_000 });
  expect(admit(table, '3', MOMENT)).toBe(null);
  expect(admit(leave(table, '2'), '3', MOMENT)).not.toBe(null);
});

test('a tool that could use extras which are all lent waits for those that want none, and then has them', () => {
  const tests = { pid: 11, cores: 1, extras: 3, megabytes: 1 };
  const lint = { pid: 12, cores: 1, extras: 0, megabytes: 1 };
  let table = [rowOf({ id: '1', ...tests }), rowOf({ id: '2', ...tests }), rowOf({ id: '3', ...lint }), rowOf({ id: '4', ...tests })].reduce(join, EMPTY_BUDGET);
  table = admit(table, '1', MOMENT) ?? table;
  expect(admit(table, '2', MOMENT)).toBe(null);
  table = admit(table, '3', MOMENT) ?? table;
  expect(table.rows.map(({ state }) => state)).toEqual(['held', 'waiting', 'held', 'waiting']);
  // Nobody else is there: better without than not at all.
  expect(usedOf(admit(table, '2', MOMENT) ?? table)).toEqual({ cores: 3, extras: 3, megabytes: 3 });
  expect(admit(table, '4', MOMENT)).toBe(null);
  expect(usedOf(admit(leave(table, '1'), '2', MOMENT) ?? table)).toEqual({ cores: 2, extras: 3, megabytes: 2 });
});

test('what is patient waits for extras that are all lent, and lets everybody else go, until its patience is at an end', () => {
  const tests = { pid: 11, cores: 1, extras: 3, megabytes: 1 };
  let table = [rowOf({ id: '1', ...tests }), rowOf({ id: '2', ...tests, patient_until_ms: NOW_MS + 1 }), rowOf({ id: '3', ...tests })].reduce(join, EMPTY_BUDGET);
  table = admit(table, '1', MOMENT) ?? table;
  expect(admit(table, '2', MOMENT)).toBe(null);
  expect(usedOf(admit(table, '2', { ...MOMENT, nowMs: NOW_MS + 1 }) ?? table)).toEqual({ cores: 2, extras: 3, megabytes: 2 });
  expect(usedOf(admit(table, '3', MOMENT) ?? table)).toEqual({ cores: 2, extras: 3, megabytes: 2 });
  expect(usedOf(admit(leave(table, '1'), '2', MOMENT) ?? table)).toEqual({ cores: 1, extras: 3, megabytes: 1 });
});

test('a table that nobody can read is an empty one', () => {
  for (const content of [null, '', '{', '[]', '{"version":2,"rows":[]}', '{"version":1,"rows":[{"id":"a"}]}']) expect(readBudget(content)).toEqual(EMPTY_BUDGET);
});

function rowOf(given: Pick<BudgetRow, 'id' | 'pid' | 'cores' | 'extras' | 'megabytes'> & Partial<BudgetRow>): BudgetRow {
  return { started: null, state: 'waiting', what: 'types', patient_until_ms: 0, since_ms: 0, ...given };
}
