import { execFileSync } from 'node:child_process';
import { makeLanePool } from '../src/runner/index.ts';
import { describeMachine } from '../src/system/machine.ts';
import { firstDifference, timedRun } from '../test/rig/compare-warm.ts';
import { RandomEdits } from '../test/rig/random-edits.ts';
import { seededRandom } from '../test/rig/seeded-random.ts';
import { makeWorkshop } from '../test/rig/workshop.ts';
import { summarise } from './suite/statistics.ts';

/** Edits a project at random, and after each edit runs the gates in kept threads and in new ones. Arguments: edits, seed, package of TypeScript. */
const [edits = 200, seed = 1] = process.argv.slice(2, 4).map(Number);
const typescript = process.argv[4] ?? 'typescript';

const random = seededRandom(seed);
await using project = await makeWorkshop({ typescript });
const changes = new RandomEdits(project.root, random);
const pool = makeLanePool({ machine: describeMachine(), threads: 2, kept: true });
const warmMs: number[] = [];
const coldMs: number[] = [];
const nodeMs: number[] = [];
let mismatches = 0;
await timedRun(project.root, pool);
for (let index = 1; index <= edits; index++) {
  const edit = changes.next();
  const warm = await timedRun(project.root, pool);
  const cold = await timedRun(project.root, null);
  nodeMs.push(emptyNodeMs());
  warmMs.push(warm.executeMs);
  coldMs.push(cold.executeMs);
  const difference = firstDifference(warm.report, cold.report);
  process.stderr.write(`${String(index)} ${edit}: ${warm.executeMs.toFixed(0)} ms, ${cold.executeMs.toFixed(0)} ms${difference === null ? '' : ` DIFFERENT\n${difference}`}\n`);
  if (difference !== null) mismatches += 1;
}
await pool.close();
const [warm, cold, node] = [summarise(warmMs), summarise(coldMs), summarise(nodeMs)];
const usualMs = node?.median ?? NaN;
console.log(JSON.stringify({ edits, seed, mismatches, warmMs: warm, coldMs: cold, nodeMs: node, medianRatio: (warm?.median ?? NaN) / usualMs, p95Ratio: (warm?.p95 ?? NaN) / usualMs }, null, 2));
process.exitCode = mismatches === 0 ? 0 : 1;

function emptyNodeMs(): number {
  const startedMs = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return performance.now() - startedMs;
}
