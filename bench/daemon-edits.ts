// Edits a project at random, and after each edit compares a run by the daemon, warm, with one that remembers nothing. Prints a summary, at Ctrl-C of what was until then.
//   Run `npm run build` before. Arguments: edits (200), seed (1), a project to copy (a small one of its own where absent).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstDifference, WARM_GATES } from '../test/rig/compare-warm.ts';
import { RandomEdits } from '../test/rig/random-edits.ts';
import { seededRandom } from '../test/rig/seeded-random.ts';
import { makeWorkshop } from '../test/rig/workshop.ts';
import { watchStopRequests } from './stop-requests.ts';
import { copyTree } from './suite/copy-tree.ts';
import { summarise } from './suite/statistics.ts';

const [edits = 200, seed = 1] = process.argv.slice(2, 4).map(Number);
const program = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'dist', 'src', 'cli.js');
const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sg-daemon-edits-')));
const environment: Record<string, string> = { PATH: process.env.PATH ?? '', HOME: folder, XDG_RUNTIME_DIR: folder, SPARK_GATES_DEBUG: '1' };
const warmMs: number[] = [];
const nodeMs: number[] = [];
const isStopWanted = watchStopRequests();
let mismatches = 0;
let fallbacks = 0;

const from = process.argv[4];
await using workshop = from === undefined ? await makeWorkshop() : null;
const root = workshop?.root ?? (await copyProject(from ?? ''));
try {
  const changes = new RandomEdits(root, seededRandom(seed));
  for (let index = 0; index <= edits && !(await isStopWanted()); index += 1) {
    const edit = index === 0 ? 'nothing' : changes.next();
    const warm = run(['--daemon'], 'warm');
    const cold = run(['--no-daemon', '--no-cache'], 'cold');
    // Ctrl-C is told to the runs as well: what they said is no answer.
    if (await isStopWanted()) break;
    nodeMs.push(timed(() => { execFileSync(process.execPath, ['-e', '0']); }));
    if (index > 0) warmMs.push(warm.ms);
    if (!warm.told.includes('run by the daemon')) fallbacks += 1;
    const difference = firstDifference(warm.report, cold.report);
    if (difference !== null) mismatches += 1;
    process.stderr.write(`${String(index)} ${edit}: ${warm.ms.toFixed(0)} ms, ${cold.ms.toFixed(0)} ms${difference === null ? '' : ` DIFFERENT\n${difference}`}\n`);
  }
  const [node, warm] = [summarise(nodeMs), summarise(warmMs)];
  const unit = node?.median ?? Number.NaN;
  console.log(JSON.stringify({ edits: warmMs.length, seed, mismatches, fallbacks, node, warm, medianRatio: (warm?.median ?? Number.NaN) / unit, p95Ratio: (warm?.p95 ?? Number.NaN) / unit }));
} finally {
  spawnSync(process.execPath, [program, 'daemon', 'stop'], { env: { ...environment, XDG_CACHE_HOME: path.join(folder, 'warm') } });
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = mismatches === 0 ? 0 : 1;

async function copyProject(original: string): Promise<string> {
  const to = path.join(folder, 'project');
  await mkdir(to);
  await copyTree(await realpath(original), to, { environment, signal: new AbortController().signal });
  return to;
}

/** What it reports, without how long it took. */
function run(args: readonly string[], cache: string): { report: string; told: string; ms: number } {
  let result = { stdout: '', stderr: '' };
  const ms = timed(() => {
    result = spawnSync(process.execPath, [program, 'run', ...args, '--reporter', 'json', '--gate', ...WARM_GATES], { cwd: root, env: { ...environment, XDG_CACHE_HOME: path.join(folder, cache) }, encoding: 'utf8', maxBuffer: 1024 * 1024 * 1024 });
  });
  if (!result.stdout.startsWith('{')) return { report: result.stderr.split('\n').filter((line) => !line.includes('run by the daemon')).join('\n'), told: result.stderr, ms };
  return { report: JSON.stringify(JSON.parse(result.stdout), (key, value: unknown) => (key === 'durationMs' ? 0 : key === 'cached' ? undefined : value), 1), told: result.stderr, ms };
}

function timed(work: () => void): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}
