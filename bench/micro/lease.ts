import path from 'node:path';
import { Leases } from '../../src/locks/leases.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { makeTempFolder, removeTempFolder } from '../../src/system/temp-folder.ts';
import type { MicroCase } from './micro-case.ts';

/** Between processes, on disk; nobody else wants it. bench/locks/throughput.ts has eight that do. */
export const lease: MicroCase = {
  name: 'lease on a file, acquired and released',
  open: async () => {
    const root = await makeTempFolder();
    const leases = new Leases({ folder: path.join(root, '.claude', 'workflows'), roots: [root], clock: systemClock, disk: systemDisk });
    return {
      missing: null,
      run: async () => {
        const got = await leases.acquireLock('shared.ts', 'team1');
        if (!got.ok || !(await leases.releaseLock('shared.ts', 'team1', got.value.token)).ok) throw new Error('the lease was refused');
      },
      close: () => removeTempFolder(root),
    };
  },
};
