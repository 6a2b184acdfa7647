// Acquire and release of one file: our leases against plain proper-lockfile around a read-modify-write of the same kind of table. Argument: seconds for each figure (5).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeMachine } from '../../src/system/machine.ts';
import { bundleScript } from '../../test/rig/bundle.ts';
import { makeProject } from '../../test/rig/project.ts';

const seconds = Number(process.argv[2] ?? 5);
const ROUNDS = 3;
const CONTENDERS = 8;

const script = await bundleScript('bench/locks/throughput-process.ts');

/** Pairs of acquire and release a second, of all processes together. */
async function measure(kind: string, processes: number, shared: string): Promise<number> {
  await using project = await makeProject({ '.claude/workflows/file_locks.json': '{}' });
  const startAt = Date.now() + 1_500;
  const counts = await Promise.all(Array.from({ length: processes }, async (_, index) => {
    const child = spawn(process.execPath, [script, kind, project.root, `team${index + 1}`, String(startAt), String(seconds), shared], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    await once(child, 'close');
    return Number(text);
  }));
  return counts.reduce((sum, count) => sum + count, 0) / seconds;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const results: Record<string, unknown> = {};
const cases = [
  { name: 'uncontended', processes: 1, shared: 'own-files' },
  { name: `${CONTENDERS} processes, a file each`, processes: CONTENDERS, shared: 'own-files' },
  { name: `${CONTENDERS} processes, one file`, processes: CONTENDERS, shared: 'one-file' },
];
for (const { name, processes, shared } of cases) {
  const figures: Record<string, number[]> = { leases: [], 'proper-lockfile': [] };
  // One after the other in turn, so that a slow minute of the machine hits both.
  for (let round = 0; round < ROUNDS; round += 1) for (const [kind, values] of Object.entries(figures)) values.push(Math.round(await measure(kind, processes, shared)));
  const [ours = 0, theirs = 0] = Object.values(figures).map(median);
  results[name] = { pairsPerSecond: figures, ratio: Math.round((ours / theirs) * 100) / 100 };
}
console.log(JSON.stringify({ machine: describeMachine(), seconds, ...results }, null, 2));
