// Takes of a budget and gives back, again and again, and writes down when it had what. Killed by the test at any moment.
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { BudgetFile } from '../../src/locks/budget-store.ts';
import { MachineBudget } from '../../src/locks/machine-budget.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { describeProcess } from '../../src/system/machine.ts';
import { faultyDisk } from '../rig/faulty-disk.ts';
import { seededRandom } from '../rig/seeded-random.ts';

const [file = '', history = '', capacity = '{}', rounds = '0', seed = '0', killAtStep = '0'] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const disk = faultyDisk(systemDisk, ({ number }) => (number === Number(killAtStep) ? { kind: 'kill', when: random() < 0.5 ? 'before' : 'after' } : null));
const limits = JSON.parse(capacity) as { cores: number; extras: number; megabytes: number };
const budget = new MachineBudget({ store: new BudgetFile(file, disk), capacity: limits, self: await describeProcess(), clock: systemClock });
const never = new AbortController().signal;

/** Monotonic, and the same for all processes of a machine. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

async function lane(): Promise<void> {
  for (let round = 0; round < Number(rounds); round += 1) {
    const cores = 1 + Math.floor(random() * limits.cores);
    const megabytes = Math.floor(random() * limits.megabytes);
    const grant = await budget.take({ cores, extrasMax: 2, patienceMs: 0, megabytes, what: `round ${round}` }, never);
    if (grant === null) throw new Error('nobody cancelled');
    const id = `${process.pid} ${nowUs()} ${random()}`;
    appendFileSync(history, `${JSON.stringify({ id, pid: process.pid, at: nowUs(), cores, extras: grant.extras, megabytes })}\n`);
    await delay(random() * 15);
    appendFileSync(history, `${JSON.stringify({ id, pid: process.pid, at: nowUs() })}\n`);
    await grant.release();
  }
}

await Promise.all([lane(), lane()]);
if (budget.trouble !== null) throw new Error(budget.trouble);
