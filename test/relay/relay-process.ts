// A process that uses a relay, and that ends, stops or meets a faulty disk at a given step. Prints what it did, a line each.
import { writeSync } from 'node:fs';
import { Relay } from '../../src/relay/relay.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { faultyDisk, type DiskStep, type Fault } from '../rig/faulty-disk.ts';

export interface RelayJob {
  readonly folder: string;
  readonly team: string;
  /** How many transactions. */
  readonly rounds: number;
  /** Bytes of data in each event. */
  readonly pad?: number;
  /** Prints each step of the disk. */
  readonly trace?: boolean;
  /** Where it happens: at that step, or from the first step of that name and file on. */
  readonly at?: { readonly number: number } | { readonly name: DiskStep['name']; readonly file: string; readonly isOnce: boolean };
  readonly fault?: Fault;
}

const job = JSON.parse(process.argv[2] ?? '') as RelayJob;
const say = (line: object): void => { writeSync(1, `${JSON.stringify(line)}\n`); };
let isOver = false;

const disk = faultyDisk(systemDisk, (step) => {
  if (job.trace === true) say({ step });
  const { at, fault } = job;
  if (at === undefined || fault === undefined || isOver) return null;
  const isHere = 'number' in at ? step.number === at.number : step.name === at.name && step.file.endsWith(at.file);
  if (!isHere) return null;
  isOver = 'number' in at || at.isOnce;
  if (fault.kind === 'stop') say({ stopped: step.name });
  return fault;
});

const relay = Relay.open({ folder: job.folder, disk, waitMs: 60_000 });
for (let round = 1; round <= job.rounds; round++) {
  const outcome = await relay.transact((state) => {
    const context = state.teams[job.team];
    const { coordination } = state;
    if (context === undefined || coordination === null) throw new Error('the session has begun');
    return {
      event: { type: 'retry', team: job.team, data: { round, pad: 'x'.repeat(job.pad ?? 0) } },
      coordination: { ...coordination, failures: coordination.failures + 1 },
      teams: { [job.team]: { ...context, retry_count: context.retry_count + 1 } },
      value: state.seq + 1,
    };
  });
  say(outcome.ok ? { done: outcome.value, faults: outcome.faults } : { refused: outcome.refusal });
}
