import { chmod, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Leases } from '../../src/locks/leases.ts';
import type { Lease } from '../../src/model/lease.ts';
import { describeRefusal, describeTableFault, type LockResult } from '../../src/model/lock-refusal.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { faultyDisk } from '../rig/faulty-disk.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { leasesOf, relayOf, START_MS, tableOf, valueOf } from './rig.ts';

const FILE = 'src/constants.py';

function messageOf(result: { readonly ok: boolean; readonly refusal?: Parameters<typeof describeRefusal>[0] }): string {
  return result.refusal === undefined ? 'done' : describeRefusal(result.refusal);
}

async function rowsOf(project: Project): Promise<Record<string, unknown>> {
  const table = JSON.parse(await readFile(tableOf(project), 'utf8')) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(table).filter(([key]) => key !== '/'));
}

test('a lease has the row of the specification, lasts 30 s, and is gone when it is given back', async () => {
  await using project = await makeProject({ [FILE]: '' });
  const { leases } = leasesOf(project);
  const lease = valueOf(await leases.acquireLock(FILE, 'team1'));
  expect(lease).toEqual({ file: FILE, team: 'team1', token: START_MS, until: '2026-01-05T10:00:30.000Z' });
  expect(await rowsOf(project)).toEqual({
    [FILE]: { locked_by: 'team1', timestamp: '2026-01-05T10:00:00.000Z', duration_ms: 30_000, token: START_MS, must_yield: null, waiters: [], lost: [] },
  });
  expect(messageOf(await leases.acquireLock(FILE, 'team2'))).toBe('src/constants.py is locked by team1 until 2026-01-05T10:00:30.000Z: wait for it with "lock wait", or go on with something else');
  expect(valueOf(await leases.releaseLock(FILE, 'team1', lease.token))).toEqual(lease);
  expect(await rowsOf(project)).toEqual({});
  expect(valueOf(await leases.acquireLock(FILE, 'team2')).token).toBe(lease.token + 1);
});

test('its owner gets it again with the same token and all its time', async () => {
  await using project = await makeProject({});
  const { leases, clock } = leasesOf(project);
  const first = valueOf(await leases.acquireLock(FILE, 'team1'));
  clock.nowMs += 20_000;
  expect(valueOf(await leases.acquireLock(FILE, 'team1'))).toEqual({ ...first, until: '2026-01-05T10:00:50.000Z' });
  clock.nowMs += 20_000;
  expect(valueOf(await leases.renewLock(FILE, 'team1', first.token, 60_000))).toEqual({ ...first, until: '2026-01-05T10:01:40.000Z' });
  // Its time is over, but nobody took it.
  clock.nowMs += 120_000;
  expect(messageOf(await leases.checkToken(FILE, 'team1', first.token))).toBe('the lease of team1 on src/constants.py expired at 2026-01-05T10:01:40.000Z: renew it first');
  expect(valueOf(await leases.renewLock(FILE, 'team1', null)).token).toBe(first.token);
});

test('an expired lease can be taken, the token rises, and the former holder is told by whom at every step', async () => {
  await using project = await makeProject({ [FILE]: 'old' });
  const { leases, clock } = leasesOf(project);
  const first = valueOf(await leases.acquireLock(FILE, 'team1'));
  clock.nowMs += 30_000;
  const second = valueOf(await leases.acquireLock(FILE, 'team2'));
  expect(second.token).toBe(first.token + 1);
  const told = `token ${first.token} of team1 for src/constants.py is stale: it expired, and team2 took the file at 2026-01-05T10:00:30.000Z with token ${second.token}; it is now locked by team2 until 2026-01-05T10:01:00.000Z: acquire it again and redo the change on what the file now holds`;
  expect(messageOf(await leases.renewLock(FILE, 'team1', first.token))).toBe(told);
  expect(messageOf(await leases.checkToken(FILE, 'team1', first.token))).toBe(told);
  expect(messageOf(await leases.releaseLock(FILE, 'team1', first.token))).toBe(told);
  expect(messageOf(await leases.releaseLock(FILE, 'team1', null))).toBe(told);
  expect(messageOf(await leases.writeUnderLease(FILE, 'team1', first.token, 'stale'))).toBe(told);
  expect(await readFile(path.join(project.root, FILE), 'utf8')).toBe('old');
  // Told even when the new holder has given it back.
  valueOf(await leases.releaseLock(FILE, 'team2', second.token));
  expect(messageOf(await leases.renewLock(FILE, 'team1', first.token))).toMatch(/^token \d+ of team1 for src\/constants\.py is stale: it expired, and team2 took the file at [^;]*: acquire it again/);
});

test('a write under a lease makes folders and keeps permissions', async () => {
  await using project = await makeProject({ 'run.sh': 'old' });
  await chmod(path.join(project.root, 'run.sh'), 0o755);
  const { leases } = leasesOf(project);
  const [created, existing] = valueOf(await leases.acquireAll(['run.sh', 'new/deep/file.ts'], 'team1'));
  expect(created?.file).toBe('new/deep/file.ts');
  valueOf(await leases.writeUnderLease('run.sh', 'team1', existing?.token ?? 0, 'new'));
  valueOf(await leases.writeUnderLease('new/deep/file.ts', 'team1', created?.token ?? 0, 'made'));
  expect(await readFile(path.join(project.root, 'run.sh'), 'utf8')).toBe('new');
  expect((await stat(path.join(project.root, 'run.sh'))).mode & 0o777).toBe(0o755);
  expect(await readFile(path.join(project.root, 'new/deep/file.ts'), 'utf8')).toBe('made');
});

test('several files are locked together or not at all', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project);
  valueOf(await leases.acquireLock('b.ts', 'team2'));
  valueOf(await leases.acquireLock('c.ts', 'team3'));
  const refused = await leases.acquireAll(['a.ts', 'b.ts', 'c.ts', './a.ts'], 'team1');
  expect(messageOf(refused)).toMatch(/^nothing was locked: b\.ts is locked by team2 .*; c\.ts is locked by team3 /);
  expect(Object.keys(await rowsOf(project))).toEqual(['b.ts', 'c.ts']);
  expect(valueOf(await leases.acquireAll(['a.ts', './a.ts', 'd.ts'], 'team1')).map((lease) => lease.file)).toEqual(['a.ts', 'd.ts']);
});

test('everything of a lost team is given back, and it is told when it was not lost after all', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project);
  const [a] = valueOf(await leases.acquireAll(['a.ts', 'b.ts'], 'team1'));
  valueOf(await leases.acquireLock('c.ts', 'team2'));
  expect(valueOf(await leases.releaseAll('team1')).map((lease) => lease.file)).toEqual(['a.ts', 'b.ts']);
  expect(valueOf(await leases.list()).map(({ file, holder }) => [file, holder?.team])).toEqual([['c.ts', 'team2']]);
  expect(messageOf(await leases.renewLock('a.ts', 'team1', a?.token ?? 0))).toMatch(/is stale: all leases of team1 were released at 2026-01-05T10:00:00\.000Z, because it was taken for lost: acquire/);
});

test('an override ends a lease, leaves a line that says who, when, why and which, and the holder is told', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project);
  const lease = valueOf(await leases.acquireLock(FILE, 'team1'));
  expect(messageOf(await leases.forceRelease('other.ts', { by: 'ann', reason: 'stuck' }))).toBe('nobody has a lease on other.ts: there is nothing to give back or renew');
  expect(messageOf(await leases.forceRelease(FILE, { by: 'ann', reason: ' ' }))).toBe('the reason must be one line of 1 to 200 characters, not " "');
  expect(valueOf(await leases.forceRelease(FILE, { by: 'ann', reason: 'stuck' }))).toEqual(lease);
  expect(await readFile(path.join(relayOf(project), 'file_locks.overrides.ndjson'), 'utf8')).toBe(
    `{"at":"2026-01-05T10:00:00.000Z","by":"ann","reason":"stuck","file":"${FILE}","team":"team1","token":${lease.token}}\n`,
  );
  expect(messageOf(await leases.checkToken(FILE, 'team1', lease.token))).toMatch(/is stale: it was ended at 2026-01-05T10:00:00\.000Z by a manual override of ann: acquire/);
  expect(valueOf(await leases.contention()).overrides).toBe(1);
});

test('a table by the letter of the specification is taken over, with tokens', async () => {
  await using project = await makeProject({
    '.claude/workflows/file_locks.json': JSON.stringify({
      'a.py': { locked_by: 'team1', timestamp: '2026-01-05T09:59:50Z', duration_ms: 30_000 },
      'b.py': { locked_by: 'team2', timestamp: '2026-01-05T09:00:00Z', duration_ms: 30_000, note: 'kept' },
    }),
  });
  const { leases } = leasesOf(project);
  expect(messageOf(await leases.acquireLock('a.py', 'team3'))).toMatch(/^a\.py is locked by team1 until 2026-01-05T10:00:20\.000Z/);
  expect(valueOf(await leases.acquireLock('b.py', 'team3')).token).toBe(START_MS + 2);
  expect(valueOf(await leases.acquireLock('a.py', 'team1')).token).toBe(START_MS);
  expect((await rowsOf(project))['b.py']).toMatchObject({ note: 'kept', lost: [{ team: 'team2', token: START_MS + 1, how: 'expired', taken_by: 'team3', new_token: START_MS + 2 }] });
});

test('a newer table is refused and left alone', async () => {
  const content = JSON.stringify({ '/': { schema_version: 2, mystery: true } });
  await using project = await makeProject({ '.claude/workflows/file_locks.json': content });
  const { leases } = leasesOf(project);
  const message = `${tableOf(project)} has version 2, this spark-gates knows 1 at most: use the newer spark-gates that wrote it`;
  expect(messageOf(await leases.acquireLock('a.ts', 'team1'))).toBe(message);
  expect(messageOf(await leases.list())).toBe(message);
  expect(await readFile(tableOf(project), 'utf8')).toBe(content);
});

test.each([
  ['{ "a.ts": { "locked_by": "team1"', 'it is not a JSON object'],
  ['[]', 'it is not a JSON object'],
  ['', 'it is not a JSON object'],
  [JSON.stringify({ '/': 1 }), '"/" Invalid input: expected object, received number'],
])('a broken table %j is kept aside, reported, and a new one begun', async (content, detail) => {
  await using project = await makeProject({ '.claude/workflows/file_locks.json': content });
  const { leases } = leasesOf(project);
  const seen = await leases.list();
  expect(seen.faults).toEqual([{ table: tableOf(project), detail, setAside: null }]);
  const result = await leases.acquireLock('a.ts', 'team2');
  const copy = `${tableOf(project)}.broken-1`;
  expect(result.faults.map(describeTableFault)).toEqual([`${tableOf(project)} could not be used: ${detail}; it was kept as ${copy}: whoever held a lease has to acquire it again`]);
  expect(valueOf(result).token).toBe(START_MS);
  expect(await readFile(copy, 'utf8')).toBe(content);
  expect((await leases.list()).faults).toEqual([]);
});

test('of a table with one broken row the others are kept', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project);
  valueOf(await leases.acquireAll(['a.ts', 'b.ts'], 'team1'));
  const table = JSON.parse(await readFile(tableOf(project), 'utf8')) as Record<string, { locked_by: unknown }>;
  if (table['a.ts'] !== undefined) table['a.ts'].locked_by = 7;
  await project.write({ '.claude/workflows/file_locks.json': JSON.stringify(table) });
  const result = await leases.acquireLock('c.ts', 'team2');
  expect(result.faults).toEqual([{ table: tableOf(project), detail: '"a.ts" at locked_by: Invalid input: expected string, received number', setAside: `${tableOf(project)}.broken-1` }]);
  expect(valueOf(await leases.list()).map(({ file }) => file)).toEqual(['b.ts', 'c.ts']);
});

test('a token of a table that is gone is worth nothing in the next one', async () => {
  await using project = await makeProject({});
  const { leases, clock } = leasesOf(project);
  const old = valueOf(await leases.acquireLock(FILE, 'team1'));
  await project.remove('.claude/workflows/file_locks.json');
  clock.nowMs += 1_000;
  const fresh = valueOf(await leases.acquireLock(FILE, 'team1'));
  expect(fresh.token).toBeGreaterThan(old.token);
  expect(messageOf(await leases.checkToken(FILE, 'team1', old.token))).toMatch(/is stale/);
});

test('a clock that is set back, or a date in the future, holds no file for ever', async () => {
  await using project = await makeProject({
    '.claude/workflows/file_locks.json': JSON.stringify({ [FILE]: { locked_by: 'team1', timestamp: '2099-01-01T00:00:00Z', duration_ms: 9e15 } }),
  });
  const { leases, clock } = leasesOf(project);
  expect(messageOf(await leases.acquireLock(FILE, 'team2'))).toMatch(/locked by team1 until 2026-01-05T11:00:00\.000Z/);
  clock.nowMs += 3_600_000;
  const taken = valueOf(await leases.acquireLock(FILE, 'team2'));
  clock.nowMs -= 86_400_000;
  expect(messageOf(await leases.acquireLock(FILE, 'team3'))).toMatch(/locked by team2 until 2026-01-04T11:00:30\.000Z/);
  clock.nowMs += 30_000;
  expect(valueOf(await leases.acquireLock(FILE, 'team3')).token).toBe(taken.token + 1);
});

test.each(['ENOSPC', 'EROFS', 'EACCES'] as const)('%s at any step of the disk changes nothing and is said in one sentence', async (code) => {
  await using project = await makeProject({ [FILE]: 'old' });
  const { token } = valueOf(await leasesOf(project).leases.acquireLock(FILE, 'team1'));
  const before = await readFile(tableOf(project), 'utf8');
  const operations: ((leases: Leases) => Promise<LockResult<Lease>>)[] = [
    (leases) => leases.acquireLock('other.ts', 'team2'),
    (leases) => leases.releaseLock(FILE, 'team1', token),
    (leases) => leases.writeUnderLease(FILE, 'team1', token, 'new'),
    (leases) => leases.forceRelease(FILE, { by: 'ann', reason: 'stuck' }),
  ];
  for (const operate of operations) {
    let steps = 0;
    const count = faultyDisk(systemDisk, ({ number }) => { steps = number; return null; });
    expect(messageOf(await operate(leasesOf(project, { disk: count }).leases))).toBe('done');
    for (let step = 1; step <= steps; step += 1) {
      await project.write({ [FILE]: 'old', '.claude/workflows/file_locks.json': before });
      const failed: string[] = [];
      const disk = faultyDisk(systemDisk, ({ number, name }) => {
        if (number !== step) return null;
        failed.push(name);
        return { kind: 'error', code };
      });
      const result = await operate(leasesOf(project, { disk }).leases);
      // The last flush of a write comes when it is done already, and can only fail to make it last.
      if (failed.includes('syncFolder')) continue;
      expect(messageOf(result), failed[0]).toMatch(new RegExp(`^/.* cannot be used \\(${code}: made to fail\\), nothing was changed: (make room on the disk|make the folder writable, or name another with --relay)$`));
      expect(await readFile(tableOf(project), 'utf8')).toBe(before);
      expect(await readFile(path.join(project.root, FILE), 'utf8')).toBe('old');
      expect(await readdir(path.join(relayOf(project), '.staging'))).toEqual([]);
    }
  }
});

test('a folder that cannot be written is named with what to do, and nothing is left in it', async (context) => {
  // The superuser may write everywhere.
  if (process.getuid?.() === 0) context.skip();
  await using project = await makeProject({ '.claude/workflows/file_locks.json': '{}' });
  await chmod(relayOf(project), 0o555);
  const message = messageOf(await leasesOf(project).leases.acquireLock(FILE, 'team1'));
  await chmod(relayOf(project), 0o755);
  expect(message).toBe(`${tableOf(project)} cannot be used (EACCES: permission denied), nothing was changed: make the folder writable, or name another with --relay`);
  expect(await readdir(relayOf(project))).toEqual(['file_locks.json']);
});

test('ten thousand rows stay usable', async () => {
  const row = { locked_by: 'team1', timestamp: '2026-01-05T10:00:00Z', duration_ms: 30_000, token: 5, waiters: [{ team: 'team2', since: '2026-01-05T10:00:00Z', seen: '2026-01-05T10:00:00Z', critical: false }] };
  await using project = await makeProject({ '.claude/workflows/file_locks.json': JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`src/module-${String(index)}/file.ts`, row]))) });
  const { leases } = leasesOf(project);
  const startedMs = systemClock.monotonicMs();
  const lease = valueOf(await leases.acquireLock('new.ts', 'team3'));
  valueOf(await leases.releaseLock('new.ts', 'team3', lease.token));
  expect(systemClock.monotonicMs() - startedMs).toBeLessThan(4_000);
  expect(valueOf(await leases.list())).toHaveLength(10_000);
});
