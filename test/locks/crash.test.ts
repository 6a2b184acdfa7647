import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { systemDisk } from '../../src/system/disk.ts';
import { statIfThere } from '../../src/system/read-text.ts';
import { bundleScript } from '../rig/bundle.ts';
import { faultyDisk, type DiskStep } from '../rig/faulty-disk.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { CRASH_OPERATIONS, leasesAt, TABLE } from './crash-operations.ts';
import { relayOf, tableOf, valueOf } from './rig.ts';

let script: string;
beforeAll(async () => { script = await bundleScript('test/locks/crash-process.ts'); });

/** At once: as many as a small machine can start. */
const AT_ONCE = 3;

interface World {
  readonly table: string | null;
  readonly mine: string | null;
  readonly overrides: string | null;
}

function start(table: string | null): Promise<Project> {
  return makeProject({ 'mine.ts': 'old', ...(table === null ? {} : { '.claude/workflows/file_locks.json': table }) });
}

async function look(project: Project): Promise<World> {
  return { table: await systemDisk.read(tableOf(project)), mine: await systemDisk.read(path.join(project.root, 'mine.ts')), overrides: await systemDisk.read(path.join(relayOf(project), 'file_locks.overrides.ndjson')) };
}

/** The steps of an operation that is left alone, and what the world looks like after each. */
async function rehearse(operation: string): Promise<{ readonly steps: readonly DiskStep[]; readonly worlds: readonly World[] }> {
  await using project = await start(CRASH_OPERATIONS[operation]?.table ?? null);
  const steps: DiskStep[] = [];
  const worlds = [await look(project)];
  const counted = faultyDisk(systemDisk, (step) => { steps.push(step); return null; });
  const disk = { ...counted, rename: async (from: string, to: string) => { await counted.rename(from, to); worlds.push(await look(project)); } };
  await CRASH_OPERATIONS[operation]?.run(leasesAt(project.root, disk));
  return { steps, worlds };
}

test.each(Object.keys(CRASH_OPERATIONS))('%s: killed at any step, the table is the old one or the new one, and the next finds it usable', async (operation) => {
  const { steps, worlds } = await rehearse(operation);
  expect(worlds.length).toBeGreaterThan(1);
  const points = steps.flatMap(({ number, name }) => [
    { number, when: 'before' },
    ...(name === 'write' ? [{ number, when: 'within' }] : []),
    ...(number === steps.length ? [{ number, when: 'after' }] : []),
  ]);
  const left = [...points];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let point = left.shift(); point !== undefined; point = left.shift()) await crashAt(operation, point, worlds);
  }));
});

async function crashAt(operation: string, { number, when }: { readonly number: number; readonly when: string }, worlds: readonly World[]): Promise<void> {
  await using project = await start(CRASH_OPERATIONS[operation]?.table ?? null);
  const child = spawn(process.execPath, [script, project.root, operation, String(number), when], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal, `${when} step ${String(number)}`).toBe('SIGKILL');

  const { overrides, ...world } = await look(project);
  expect(worlds.map(({ table, mine }) => ({ table, mine }))).toContainEqual(world);
  const before = CRASH_OPERATIONS[operation]?.table ?? null;
  const isBroken = operation === 'acquire with a broken table';
  // What is replaced as unusable has been kept.
  if (isBroken && world.table !== before) expect(await copiesOf(project)).toContain(before);
  const wasForced = operation === 'override' && world.table !== TABLE;
  if (wasForced) expect(overrides).toMatch(/^\{[^\n]*"by":"ann"[^\n]*\}\n$/);

  // As if the two seconds were over in which the dead one could still be alive.
  const lock = `${tableOf(project)}.lock`;
  if ((await statIfThere(lock)) !== null) await utimes(lock, new Date(0), new Date(0));
  expect(valueOf(await leasesAt(project.root, systemDisk).acquireLock('next.ts', 'team9')).team).toBe('team9');
  expect(await readdir(path.join(relayOf(project), '.staging'))).toEqual([]);
}

async function copiesOf(project: Project): Promise<(string | null)[]> {
  const names = (await readdir(relayOf(project))).filter((name) => name.includes('.broken-'));
  return Promise.all(names.map((name) => systemDisk.read(path.join(relayOf(project), name))));
}
