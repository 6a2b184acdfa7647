import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { describeRefusal, type LockResult } from '../../src/model/lock-refusal.ts';
import type { Lease } from '../../src/model/lease.ts';
import { systemClock } from '../../src/system/clock.ts';
import { FileWatch } from '../../src/system/watch-file.ts';
import { makeProject } from '../rig/project.ts';
import { leasesOf, tableOf, valueOf } from './rig.ts';

const FILE = 'src/shared.ts';
const clock = systemClock;

/** Until the row of the file says so. */
async function untilRow(table: string, isSo: (row: { readonly waiters: readonly { readonly team: string }[] } | undefined) => boolean): Promise<void> {
  const watch = new FileWatch(table);
  for (;;) {
    const rows = JSON.parse(await readFile(table, 'utf8')) as Record<string, { readonly waiters: readonly { readonly team: string }[] }>;
    if (isSo(rows[FILE])) break;
    await watch.next(100);
  }
  watch.close();
}

function messageOf(result: LockResult<Lease>): string {
  return result.ok ? result.value.team : describeRefusal(result.refusal);
}

test('a waiter gets the file soon after it is given back, without sleeping its pause out', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project, { clock });
  const lease = valueOf(await leases.acquireLock(FILE, 'team1'));
  const waiting = leasesOf(project, { clock }).leases.waitForLock(FILE, 'team2');
  await untilRow(tableOf(project), (row) => row?.waiters.length === 1);
  valueOf(await leases.releaseLock(FILE, 'team1', lease.token));
  expect(valueOf(await waiting)).toMatchObject({ team: 'team2', token: lease.token + 1 });
  expect(valueOf(await leases.contention())).toMatchObject({ requests: 2, contended: 1, rate: 0.5, waits: 1, waitsGranted: 1 });
});

test('an expired lease goes to the one that waits, not to one that just comes by', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project, { clock });
  valueOf(await leases.acquireLock(FILE, 'team1', { durationMs: 400 }));
  const waiting = leases.waitForLock(FILE, 'team2');
  await untilRow(tableOf(project), (row) => row?.waiters.length === 1);
  expect(messageOf(await waiting)).toBe('team2');
  expect(valueOf(await leases.contention())).toMatchObject({ takenOver: 1 });
});

test('critical teams are served first, then first come, first served', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project, { clock });
  const lease = valueOf(await leases.acquireLock(FILE, 'team1'));
  const served: string[] = [];
  const all: Promise<void>[] = [];
  for (const [team, critical] of [['team2', false], ['team3', false], ['team4', true]] as const) {
    all.push(leasesOf(project, { clock }).leases.waitForLock(FILE, team, { critical }).then(async (result) => {
      served.push(messageOf(result));
      await leases.releaseLock(FILE, team, null);
    }));
    await untilRow(tableOf(project), (row) => row?.waiters.some((waiter) => waiter.team === team) === true);
  }
  await leases.releaseLock(FILE, 'team1', lease.token);
  await Promise.all(all);
  expect(served).toEqual(['team4', 'team2', 'team3']);
});

test('a wait ends after its limit, or when it is cancelled, and leaves nobody in line', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project, { clock });
  const lease = valueOf(await leases.acquireLock(FILE, 'team1'));
  expect(messageOf(await leases.waitForLock(FILE, 'team2', { timeoutMs: 150 }))).toBe(`${FILE} did not become free within 0.2 s, it is locked by team1 until ${lease.until}: go on with something else and try later`);
  const cancel = new AbortController();
  const waiting = leases.waitForLock(FILE, 'team3', { signal: cancel.signal });
  await untilRow(tableOf(project), (row) => row?.waiters.length === 1);
  cancel.abort();
  expect(messageOf(await waiting)).toBe('cancelled');
  expect(valueOf(await leases.whoHolds(FILE))).toEqual({ file: FILE, holder: { team: 'team1', token: lease.token, until: lease.until }, since: new Date(Date.parse(lease.until) - 30_000).toISOString(), durationMs: 30_000, waiters: [] });
  expect(valueOf(await leases.contention())).toMatchObject({ timeouts: 1 });
});

test('a file with someone in line is not given to one who only asks', async () => {
  await using project = await makeProject({});
  const { leases, clock: held } = leasesOf(project);
  await project.write({ [path.relative(project.root, tableOf(project))]: JSON.stringify({ [FILE]: { locked_by: null, timestamp: null, duration_ms: null, waiters: [{ team: 'team2', since: '2026-01-05T09:59:59Z', seen: '2026-01-05T09:59:59Z', critical: false }] } }) });
  expect(messageOf(await leases.acquireLock(FILE, 'team3'))).toBe(`${FILE} is free, but team2 has waited for it: get in line with "lock wait"`);
  // The waiter has not been seen for too long: it is gone.
  held.nowMs += 12_000;
  expect(messageOf(await leases.acquireLock(FILE, 'team3'))).toBe('team3');
});

test('of two teams that wait for each other the younger one is refused and told why, and the other gets its file', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project, { clock });
  valueOf(await leases.acquireLock('a.ts', 'team1'));
  const b = valueOf(await leases.acquireLock(FILE, 'team2', { durationMs: 800 }));
  const older = leases.waitForLock(FILE, 'team1');
  await untilRow(tableOf(project), (row) => row?.waiters.length === 1);
  const cycle = `deadlock: team2 waits for a.ts, held by team1; team1 waits for ${FILE}, held by team2: team2 is to yield, so release ${FILE} and start again`;
  expect(messageOf(await leases.waitForLock('a.ts', 'team2'))).toBe(cycle);
  // It does not do as it was told; so its lease runs out, whatever it tries.
  expect(messageOf(await leases.renewLock(FILE, 'team2', b.token))).toBe(cycle);
  expect(messageOf(await leases.acquireLock(FILE, 'team2'))).toBe(cycle);
  expect(messageOf(await older)).toBe('team1');
  expect(valueOf(await leases.contention())).toMatchObject({ deadlocks: 1 });
});

test('the younger one is told as well when it was waiting already', async () => {
  await using project = await makeProject({});
  const { leases } = leasesOf(project, { clock });
  valueOf(await leases.acquireLock('a.ts', 'team1'));
  valueOf(await leases.acquireLock('b.ts', 'team2'));
  valueOf(await leases.acquireLock(FILE, 'team3', { durationMs: 2_000 }));
  const third = leases.waitForLock('a.ts', 'team3');
  const first = leases.waitForLock('b.ts', 'team1');
  const second = leases.waitForLock(FILE, 'team2');
  expect(messageOf(await third)).toMatch(/^deadlock: .*: team3 is to yield, so release src\/shared\.ts and start again$/);
  valueOf(await leases.releaseLock(FILE, 'team3', null));
  expect(messageOf(await second)).toBe('team2');
  valueOf(await leases.releaseLock('b.ts', 'team2', null));
  expect(messageOf(await first)).toBe('team1');
});
