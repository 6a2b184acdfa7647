import { ResultStore } from '../../src/cache/result-store.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { faultyDisk } from '../rig/faulty-disk.ts';

// Stores results of one check until it is killed, or as many as it is told: folder, step at which it dies (0: never), times.
const [folder = '', step = '0', times = '1'] = process.argv.slice(2);
const when = (['before', 'within', 'after'] as const)[Number(step) % 3] ?? 'before';
const store = new ResultStore(folder, faultyDisk(systemDisk, ({ number }) => (Number(step) > 0 && number === Math.ceil(Number(step) / 3) ? { kind: 'kill', when } : null)));
for (let time = 0; time < Number(times); time++) {
  await store.put({ fingerprint: 'ab12', check: 'types', root: '/shop' }, { outcome: { status: 'done', findings: [], inspected: { files: Array.from({ length: 200 }, (_, index) => `src/${String(index)}.ts`) } }, durationMs: 5, untilMs: null });
}
