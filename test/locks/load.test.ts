import { beforeAll, expect, test } from 'vitest';
import { bundleScript } from '../rig/bundle.ts';
import { makeProject } from '../rig/project.ts';
import { chooseSeed } from '../rig/seeded-random.ts';
import { judge } from './history-checker.ts';
import { runFleet } from './load-fleet.ts';

let script: string;
beforeAll(async () => { script = await bundleScript('test/locks/load-process.ts'); });

const LOAD = { processes: 4, threads: 2, files: 4, slackMs: 20_000 };

test('processes that lock, write, die and are stopped at any moment break no promise', async () => {
  await using project = await makeProject({});
  const seed = chooseSeed();
  const history = await runFleet({ ...LOAD, kind: 'ours', root: project.root, script, operations: 700, kills: 1, stops: 2, stopShare: 0.003, waitLimitMs: 2_000, seed });
  const { violations, counts } = judge(history);
  expect(violations, `seed ${String(seed)}`).toEqual([]);
  expect(counts.operations).toBeGreaterThanOrEqual(700);
  expect(counts.staleRefused).toBe(counts.staleShown);
  expect(counts.staleShown).toBeGreaterThan(0);
  expect(counts.contended).toBeGreaterThan(0);
});

test("the same checker finds the races of the specification's logic", { timeout: 120_000 }, async () => {
  // Chance decides which of them a fleet meets; whoever meets none in several looks at nothing.
  const wanted = ['double-grant', 'lost-row', 'lost-update'];
  const kinds = new Set<string>();
  for (let fleet = 0; fleet < 5 && !wanted.every((kind) => kinds.has(kind)); fleet += 1) {
    await using project = await makeProject({});
    const history = await runFleet({ ...LOAD, kind: 'specification', root: project.root, script, operations: 2_000, kills: 0, stops: 0, stopShare: 0, waitLimitMs: 50, seed: chooseSeed() });
    for (const { kind } of judge(history).violations) kinds.add(kind);
  }
  expect([...kinds]).toEqual(expect.arrayContaining(wanted));
});
