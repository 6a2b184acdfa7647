import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Check } from '../../src/model/check.ts';
import { BUDGET_LIMITS } from '../../src/model/limits.ts';
import { LaneBudget } from '../../src/runner/lane-budget.ts';
import type { Lane } from '../../src/runner/lanes.ts';
import { budgetRowsIn } from '../rig/budget-rows.ts';

const CHECK: Check = { id: 'syntax_validation:parse:1', name: 'parse', title: 'Syntax of 1 file', engine: 'parsers', engineOrigin: 'bundled', engineVersion: null, workspaceWide: false, gates: ['syntax_validation'], files: ['a.ts'], parts: [], expectedMs: 1, timeLimitMs: 1_000 };
const LANE: Lane = { name: 'one', checks: [CHECK], expectedMs: 1, workersMs: 0 };
const NEVER = new AbortController().signal;

async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sg-lane-budget-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test.each([
  { heldMs: BUDGET_LIMITS.handOnMs, grants: 1 },
  { heldMs: BUDGET_LIMITS.handOnMs + 1, grants: 2 },
])('a grant that was held for $heldMs ms: two lanes, one after another, take $grants', async ({ heldMs, grants }) => {
  const folder = await makeFolder();
  let nowMs = 0;
  const clock = { now: () => Date.now(), monotonicMs: () => nowMs };
  const budget = await LaneBudget.open({ environment: { XDG_CACHE_HOME: folder }, machine: { cores: 1, memoryBytes: 8 * 1024 ** 3 }, clock, jobs: 1, megabytes: new Map(), root: folder });
  const held = async (): Promise<string[]> => (await budgetRowsIn(folder)).filter((row) => row.state === 'held').map((row) => row.id);
  const first = await budget.run(LANE, NEVER, held);
  const flight = budget.run({ ...LANE, name: 'two' }, NEVER, held);
  nowMs = heldMs;
  await flight;
  const third = await budget.run({ ...LANE, name: 'three' }, NEVER, held);
  await budget.close();
  expect(first?.length).toBe(1);
  expect(third?.length).toBe(1);
  expect(new Set([...(first ?? []), ...(third ?? [])]).size).toBe(grants);
  expect(await held()).toEqual([]);
});

test.each([
  { workersMs: BUDGET_LIMITS.extrasWorthMs - 1, patienceMs: 0 },
  { workersMs: BUDGET_LIMITS.extrasWorthMs, patienceMs: BUDGET_LIMITS.extrasWorthMs * BUDGET_LIMITS.extrasWaitFactor },
  { workersMs: 3_600_000, patienceMs: BUDGET_LIMITS.extrasWaitMs },
])('what is expected to use workers for $workersMs ms waits $patienceMs ms for further ones', async ({ workersMs, patienceMs }) => {
  const folder = await makeFolder();
  const budget = await LaneBudget.open({ environment: { XDG_CACHE_HOME: folder }, machine: { cores: 2, memoryBytes: 8 * 1024 ** 3 }, clock: { now: () => 1_000, monotonicMs: () => 0 }, jobs: 2, megabytes: new Map(), root: folder });
  const lane: Lane = { ...LANE, expectedMs: 3_600_000, workersMs, checks: [{ ...CHECK, slotsMax: 2 }] };
  const rows = await budget.run(lane, NEVER, () => budgetRowsIn(folder));
  await budget.close();
  expect(rows?.map(({ extras, patient_until_ms: untilMs }) => ({ extras, untilMs }))).toEqual([{ extras: 1, untilMs: 1_000 + patienceMs }]);
});
