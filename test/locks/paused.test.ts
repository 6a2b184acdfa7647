import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { bundleScript } from '../rig/bundle.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { leasesOf, valueOf } from './rig.ts';

let script: string;
beforeAll(async () => { script = await bundleScript('test/locks/paused-process.ts'); });

/** Runs the process until it has stopped itself, does something meanwhile, and lets it go on. Resolves to what it says in the end. */
async function whilePaused(project: Project, args: readonly string[], meanwhile: () => Promise<void>): Promise<string> {
  const child = spawn(process.execPath, [script, project.root, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const line of createInterface({ input: child.stdout })) {
    said = line;
    if (line !== 'stopped') continue;
    await meanwhile();
    child.kill('SIGCONT');
  }
  if (child.exitCode === null) await once(child, 'exit');
  return said;
}

test('a writer that was paused between the last check and the commit writes nothing once another team has the file', async () => {
  await using project = await makeProject({ 'a.ts': 'old' });
  const { leases } = leasesOf(project, { clock: systemClock });
  const said = await whilePaused(project, ['write', '300'], async () => {
    // The lock of the table is held by a process that stands still, and is taken from it.
    const lease = valueOf(await leases.waitForLock('a.ts', 'team2'));
    valueOf(await leases.writeUnderLease('a.ts', 'team2', lease.token, 'of team2'));
  });
  expect(said).toBe('stale-token');
  expect(await readFile(path.join(project.root, 'a.ts'), 'utf8')).toBe('of team2');
});

test('one that was paused before it wrote the table undoes nothing, and finds the file taken', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project, { clock: systemClock });
  const said = await whilePaused(project, ['acquire'], async () => {
    valueOf(await leases.acquireAll(['a.ts', 'b.ts'], 'team2'));
  });
  expect(said).toBe('held');
  expect(valueOf(await leases.list()).map(({ file, holder }) => `${file} ${holder?.team ?? ''}`)).toEqual(['a.ts team2', 'b.ts team2']);
});
