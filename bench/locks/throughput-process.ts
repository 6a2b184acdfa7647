// One contender of the throughput benchmark: pairs of acquire and release on one file for so many seconds, and their number.
import lockfile from 'proper-lockfile';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Leases } from '../../src/locks/leases.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';

const [kind, root = '', team = '', startAt = '0', seconds = '1', shared = ''] = process.argv.slice(2);
/** Each a file of its own: they fight for the table only. Or one for all: they fight for the file, too. */
const FILE = shared === 'one-file' ? 'shared.ts' : `${team}.ts`;
const folder = path.join(root, '.claude', 'workflows');
const table = path.join(folder, 'file_locks.json');
const leases = new Leases({ folder, roots: [root], clock: systemClock, disk: systemDisk });

interface Row {
  readonly locked_by: string;
  readonly timestamp: string;
  readonly duration_ms: number;
}

/** What a careful user of proper-lockfile would do with the specification's table. */
async function change(edit: (rows: Record<string, Row>) => boolean): Promise<boolean> {
  const release = await lockfile.lock(table, { retries: { retries: 1_000, minTimeout: 1, maxTimeout: 50, factor: 2, randomize: true }, stale: 2_000, onCompromised: () => undefined });
  try {
    const rows = JSON.parse(await readFile(table, 'utf8')) as Record<string, Row>;
    const isChanged = edit(rows);
    if (isChanged) await writeFile(table, JSON.stringify(rows, null, 2));
    return isChanged;
  } finally {
    await release();
  }
}

async function pairOfPlain(): Promise<boolean> {
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    const isGiven = await change((rows) => {
      if (rows[FILE] !== undefined) return false;
      rows[FILE] = { locked_by: team, timestamp: new Date().toISOString(), duration_ms: 30_000 };
      return true;
    });
    if (isGiven) return change((rows) => Reflect.deleteProperty(rows, FILE));
    await delay(pauseMs * (0.5 + Math.random()));
  }
}

async function pairOfOurs(): Promise<boolean> {
  const lease = shared === 'one-file' ? await leases.waitForLock(FILE, team) : await leases.acquireLock(FILE, team);
  return lease.ok && (await leases.releaseLock(FILE, team, lease.value.token)).ok;
}

const pair = kind === 'leases' ? pairOfOurs : pairOfPlain;
await delay(Math.max(0, Number(startAt) - Date.now()));
const endMs = performance.now() + Number(seconds) * 1_000;
let pairs = 0;
while (performance.now() < endMs) if (await pair()) pairs += 1;
console.log(pairs);
