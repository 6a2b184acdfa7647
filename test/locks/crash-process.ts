// Does one operation of the locks, and is killed at one step of the disk on the way.
import { systemDisk } from '../../src/system/disk.ts';
import { faultyDisk } from '../rig/faulty-disk.ts';
import { CRASH_OPERATIONS, leasesAt } from './crash-operations.ts';

const [root = '', operation = '', step = '0', when = 'before'] = process.argv.slice(2);
const disk = faultyDisk(systemDisk, ({ number }) => (number === Number(step) ? { kind: 'kill', when: when as 'before' | 'within' | 'after' } : null));
await CRASH_OPERATIONS[operation]?.run(leasesAt(root, disk));
