// The load on the locks at full size, judged by the independent checker. Arguments: calls (100000), seed.
import { describeMachine } from '../../src/system/machine.ts';
import { judge } from '../../test/locks/history-checker.ts';
import { runFleet } from '../../test/locks/load-fleet.ts';
import { bundleScript } from '../../test/rig/bundle.ts';
import { makeProject } from '../../test/rig/project.ts';
import { chooseSeed } from '../../test/rig/seeded-random.ts';

const operations = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? chooseSeed());
const PROCESSES = 8;
const THREADS = 4;
/** One kill for so many calls: each costs the others two seconds when it hits a writer of the table. */
const CALLS_PER_KILL = 2_500;
const VIOLATIONS_SHOWN = 20;

const script = await bundleScript('test/locks/load-process.ts');
await using project = await makeProject({});
const startedMs = performance.now();
const kills = Math.ceil(operations / CALLS_PER_KILL);
const history = await runFleet({
  kind: 'ours', root: project.root, script, processes: PROCESSES, threads: THREADS, files: 8, operations, kills, stops: kills, stopShare: 0.001, waitLimitMs: 5_000, slackMs: 30_000, seed,
  onProgress: (text) => { process.stderr.write(`${text}\n`); },
});
const seconds = (performance.now() - startedMs) / 1000;
const { violations, counts } = judge(history);
const stops = history.processes.flatMap((one) => one.stops.map(([from, to]) => to - from));
console.log(JSON.stringify({
  machine: describeMachine(), seed, processes: PROCESSES, threads: THREADS, seconds: Math.round(seconds), callsPerSecond: Math.round(counts.operations / seconds),
  killed: history.processes.filter((one) => one.isKilled).length, stopped: stops.length, stoppedLongerThanTheLockLives: stops.filter((ms) => ms > 2_000).length,
  ...counts, violations: violations.length, shown: violations.slice(0, VIOLATIONS_SHOWN),
}, null, 2));
process.exitCode = violations.length === 0 ? 0 : 1;
