// A process that adds one to a shared number again and again, and stops itself at seeded steps. Prints what it did.
import { writeSync } from 'node:fs';
import { systemDisk } from '../../src/system/disk.ts';
import { updateFile } from '../../src/system/guarded-file.ts';
import { faultyDisk } from '../rig/faulty-disk.ts';
import { seededRandom } from '../rig/seeded-random.ts';

const [file = '', rounds = '0', seed = '0', stops = '0', stopAt = 'rename'] = process.argv.slice(2);
const random = seededRandom(Number(seed));
let stopsLeft = Number(stops);

const disk = faultyDisk(systemDisk, ({ name }) => {
  if (name !== stopAt || stopsLeft === 0 || random() > 0.2) return null;
  stopsLeft -= 1;
  writeSync(1, 'stopped\n');
  return { kind: 'stop', when: 'before' };
});

for (let round = 0; round < Number(rounds); round += 1) {
  const outcome = await updateFile({ file, disk, waitMs: 60_000, durable: false }, (content) => {
    const number = Number(content ?? '0') + 1;
    return { content: String(number), value: number };
  });
  writeSync(1, `${outcome.ok ? String(outcome.value) : outcome.reason}\n`);
}
