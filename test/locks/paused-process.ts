// Acquires a file for a moment and writes it, but stops itself right before the rename: after the last check, before the commit. Prints what came of it.
import { writeSync } from 'node:fs';
import path from 'node:path';
import { Leases } from '../../src/locks/leases.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { faultyDisk } from '../rig/faulty-disk.ts';

const [root = '', operation = '', durationMs = '0'] = process.argv.slice(2);
const at = (disk: typeof systemDisk): Leases => new Leases({ folder: path.join(root, '.claude', 'workflows'), roots: [root], clock: systemClock, disk });
let hasStopped = false;
const pausing = at(faultyDisk(systemDisk, ({ name }) => {
  if (name !== 'rename' || hasStopped) return null;
  hasStopped = true;
  writeSync(1, 'stopped\n');
  return { kind: 'stop', when: 'before' };
}));
const lease = operation === 'write' ? await at(systemDisk).acquireLock('a.ts', 'team1', { durationMs: Number(durationMs) }) : null;
const result = lease?.ok === true ? await pausing.writeUnderLease('a.ts', 'team1', lease.value.token, 'of team1') : await pausing.acquireLock('a.ts', 'team1');
writeSync(1, `${result.ok ? 'done' : result.refusal.reason}\n`);
