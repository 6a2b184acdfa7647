import { cp } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/model/limits.ts';
import type { Relay } from '../../src/relay/relay.ts';
import type { RelayState } from '../../src/relay/relay-state.ts';
import type { Fault } from '../rig/faulty-disk.ts';
import { rounds } from '../rig/rounds.ts';
import { chooseSeed } from '../rig/seeded-random.ts';
import { begin, makeRelay, retry, teamOf, valueOf, type RelayRig } from './relay-rig.ts';
import { runJob } from './processes.ts';

/** Of the steps, one in this many is the one to die at; which ones is another matter each time. */
const EACH = rounds(3, 1);
/** Most of them wait for a dead process's lock to go stale. */
const AT_ONCE = 48;

const SCENARIOS: Readonly<Record<string, (rig: RelayRig) => Promise<void>>> = {
  'a transaction over two documents': () => Promise.resolve(),
  'one that first takes over a hand edit': async (rig) => { await editTeam2(rig); },
  'one that first puts a broken file right': async (rig) => { await rig.put({ 'team2_current_task.json': '{"team_id"' }); },
  'one after which the log is begun anew': fillLog,
  'one that finds the log damaged': async (rig) => {
    valueOf(await retry(rig.relay, 'team2'));
    valueOf(await retry(rig.relay, 'team2'));
    const lines = ((await rig.file('events.ndjson')) ?? '').split('\n');
    await rig.put({ 'events.ndjson': [...lines.slice(0, -2), ...lines.slice(-1)].join('\n') });
  },
};

async function editTeam2(rig: RelayRig): Promise<void> {
  const context = JSON.parse((await rig.file('team2_current_task.json')) ?? '') as object;
  await rig.put({ 'team2_current_task.json': JSON.stringify({ ...context, errors: ['by hand'], retry_count: 77 }) });
}

/** So that one transaction more is too much. */
async function fillLog(rig: RelayRig): Promise<void> {
  const text = (await rig.file('events.ndjson')) ?? '';
  await pad(rig.relay, LIMITS.eventSegmentBytesMax - (text.length - text.indexOf('\n')) - 400);
}

async function pad(relay: Relay, bytes: number): Promise<void> {
  valueOf(await relay.transact(() => ({ event: { type: 'padded', team: null, data: { pad: 'x'.repeat(bytes) } }, value: null })));
}

/** What must hold of a state, however the process ended: all of the one transaction, or nothing of it. */
function isWhole(state: RelayState, before: number): boolean {
  const done = teamOf(state, 'team1').retry_count;
  return state.coordination?.failures === done && (done === 0 || done === 1) && state.seq >= before + done;
}

describe.each(Object.keys(SCENARIOS))('%s', (name) => {
  test('is there as a whole or not at all, wherever it ends, and the next one works', async () => {
    await using base = await makeRelay();
    await begin(base.relay);
    await SCENARIOS[name]?.(base);
    const before = valueOf(await base.relay.rebuild()).seq;
    const whole = await inCopy(base, async (rig) => runJob({ folder: rig.folder, team: 'team1', rounds: 1, trace: true }));
    expect(whole.done.length).toBe(1);
    const all = whole.steps.flatMap(({ number, name: step }): { number: number; fault: Fault }[] => [
      { number, fault: { kind: 'kill', when: 'before' } },
      ...(step === 'write' ? [{ number, fault: { kind: 'kill', when: 'within' } as const }] : []),
      ...(number === whole.steps.length ? [{ number, fault: { kind: 'kill', when: 'after' } as const }] : []),
    ]);
    const offset = chooseSeed() % EACH;
    const faults = all.filter((_, index) => index === 0 || index === all.length - 1 || index % EACH === offset);
    const states = await inTurns(faults, async ({ number, fault }) => inCopy(base, async (rig) => {
      const where = `${JSON.stringify(fault)} at ${JSON.stringify(whole.steps[number - 1])}`;
      const result = await runJob({ folder: rig.folder, team: 'team1', rounds: 1, at: { number }, fault });
      expect(result.signal, where).toBe('SIGKILL');
      for (const file of (await rig.names()).filter((file) => file.endsWith('.json') && file !== 'team2_current_task.json')) {
        expect(JSON.parse((await rig.file(file)) ?? ''), where).toMatchObject({ schema_version: 1 });
      }
      const after = await rig.relay.read();
      if (!after.ok) throw new Error(`${where}: ${after.refusal.reason}`);
      expect(isWhole(after.value, before), `${where}: ${JSON.stringify(after.value)}`).toBe(true);
      const done = teamOf(after.value, 'team1').retry_count;
      if (result.done.length > 0) expect(done, where).toBe(1);
      expect(valueOf(await retry(rig.relay, 'team1')), where).toBe(done + 1);
      const state = valueOf(await rig.open().read());
      expect(valueOf(await rig.open().rebuild()), where).toEqual(state);
      expect(JSON.parse((await rig.file('team1_current_task.json')) ?? ''), where).toEqual(teamOf(state, 'team1'));
      const seqs = valueOf(await rig.relay.readEvents()).map(({ seq }) => seq);
      expect(seqs, where).toEqual(Array.from({ length: seqs.length }, (_, index) => (seqs[0] ?? 0) + index));
      return done;
    }));
    // Both ends were seen, and between them one step decided: once it has happened, it has.
    const firstNew = states.indexOf(1);
    expect(states).toEqual(states.map((_, index) => (index < firstNew ? 0 : 1)));
    expect(firstNew).toBeGreaterThan(0);
  }, 300_000);
});

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  }));
  return results;
}

async function inCopy<T>(base: RelayRig, work: (rig: RelayRig) => Promise<T>): Promise<T> {
  await using rig = await makeRelay();
  await cp(base.folder, rig.folder, { recursive: true });
  return await work(rig);
}

describe.concurrent('a paused writer that wakes up long after', () => {
  test.each([
    { name: 'write', file: 'events.ndjson' },
    { name: 'sync', file: 'events.ndjson' },
    { name: 'rename', file: 'team1_current_task.json' },
    { name: 'rename', file: 'multi_task_coordination.json' },
  ] as const)('before the $name of $file undoes nothing, and its own is there once', async (at) => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    let others: number[] = [];
    const result = await runJob({ folder: rig.folder, team: 'team1', rounds: 1, at: { ...at, isOnce: true }, fault: { kind: 'stop', when: 'before' } }, async () => {
      for (let round = 0; round < 3; round++) others = [...others, valueOf(await retry(rig.relay, 'team1')), valueOf(await retry(rig.relay, 'team2'))];
    });
    // Before anybody looks, who would make up for it.
    const file = await rig.file('team1_current_task.json');
    const state = valueOf(await rig.open().read());
    expect(JSON.parse(file ?? '')).toEqual(teamOf(state, 'team1'));
    expect([result.done.length, result.refusals, others.length]).toEqual([1, [], 6]);
    expect([teamOf(state, 'team1').retry_count, teamOf(state, 'team2').retry_count, state.coordination?.failures, state.seq]).toEqual([4, 3, 1, 8]);
    expect(valueOf(await rig.relay.readEvents()).map(({ seq, type }) => [seq, type])).toEqual([[1, 'session-started'], ...Array.from({ length: 7 }, (_, index) => [index + 2, 'retry'])]);
    expect(valueOf(await rig.relay.rebuild())).toEqual(state);
  });

  test('before it looks back, while the others begin a new log: its event counts, and is not made again', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const result = await runJob({ folder: rig.folder, team: 'team1', rounds: 1, at: { name: 'sync', file: 'events.ndjson', isOnce: true }, fault: { kind: 'stop', when: 'after' } }, async () => {
      await pad(rig.relay, LIMITS.eventSegmentBytesMax);
      valueOf(await retry(rig.relay, 'team2'));
    });
    expect(result.done).toEqual([2]);
    const state = valueOf(await rig.open().read());
    expect([teamOf(state, 'team1').retry_count, teamOf(state, 'team2').retry_count]).toEqual([1, 1]);
    expect(await rig.names()).toEqual(['events-000001.ndjson', 'events.ndjson', 'multi_task_coordination.json', 'team1_current_task.json', 'team2_current_task.json']);
    expect(valueOf(await rig.relay.readEvents()).map(({ type }) => type)).toEqual(['session-started', 'retry', 'padded', 'log-rotated', 'retry']);
  });

  test('before it appends, while the others begin a new log: what it writes lands nowhere, and it tries again', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const result = await runJob({ folder: rig.folder, team: 'team1', rounds: 1, at: { name: 'write', file: 'events.ndjson', isOnce: true }, fault: { kind: 'stop', when: 'before' } }, async () => {
      await pad(rig.relay, LIMITS.eventSegmentBytesMax);
      valueOf(await retry(rig.relay, 'team2'));
    });
    expect(result.done).toEqual([5]);
    expect(valueOf(await rig.relay.readEvents()).map(({ seq, type, team }) => [seq, type, team])).toEqual([[1, 'session-started', null], [2, 'padded', null], [3, 'log-rotated', null], [4, 'retry', 'team2'], [5, 'retry', 'team1']]);
    expect(teamOf(valueOf(await rig.open().read()), 'team1').retry_count).toBe(1);
  });

  test('before it replaces the log: nothing that was appended to the new one is lost', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    await fillLog(rig);
    await runJob({ folder: rig.folder, team: 'team1', rounds: 1, at: { name: 'rename', file: 'events.ndjson', isOnce: true }, fault: { kind: 'stop', when: 'before' } }, async () => {
      for (let round = 0; round < 3; round++) valueOf(await retry(rig.relay, 'team2'));
    });
    const state = valueOf(await rig.open().read());
    expect([teamOf(state, 'team1').retry_count, teamOf(state, 'team2').retry_count, state.seq]).toEqual([1, 3, 7]);
    expect(valueOf(await rig.relay.rebuild())).toEqual(state);
  });
});

describe('a disk that refuses', () => {
  const events = { name: 'write', file: 'events.ndjson', isOnce: false } as const;

  test.each([['ENOSPC', 'full-disk'], ['EROFS', 'read-only'], ['EACCES', 'read-only']] as const)('%s: nothing half written, a typed refusal, and all well when it is over', async (code, reason) => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const before = valueOf(await rig.relay.read());
    const result = await runJob({ folder: rig.folder, team: 'team1', rounds: 2, at: events, fault: { kind: 'error', code } });
    expect([result.done, result.refusals.map((refusal) => refusal.reason)]).toEqual([[], [reason, reason]]);
    expect(valueOf(await rig.open().read())).toEqual(before);
    expect(valueOf(await retry(rig.relay, 'team1'))).toBe(1);
    expect(valueOf(await rig.open().rebuild())).toEqual(valueOf(await rig.open().read()));
  });

  test('once recorded, a transaction has happened, even if the files cannot follow', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const result = await runJob({ folder: rig.folder, team: 'team1', rounds: 1, at: { name: 'create', file: '', isOnce: false }, fault: { kind: 'error', code: 'ENOSPC' } });
    expect([result.done, result.faults]).toEqual([[2], [{ reason: 'not-settled', refusal: { reason: 'full-disk', folder: rig.folder } }]]);
    expect(JSON.parse((await rig.file('team1_current_task.json')) ?? '')).toMatchObject({ retry_count: 0 });
    expect(teamOf(valueOf(await rig.relay.read()), 'team1').retry_count).toBe(1);
    expect(JSON.parse((await rig.file('team1_current_task.json')) ?? '')).toMatchObject({ retry_count: 1 });
  });

  test('a disk that took the line but does not confirm it is told of', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const result = await runJob({ folder: rig.folder, team: 'team1', rounds: 1, at: { name: 'sync', file: 'events.ndjson', isOnce: true }, fault: { kind: 'error', code: 'EIO' } });
    expect([result.done, result.faults.map((fault) => fault.reason)]).toEqual([[2], ['not-durable']]);
  });

  test('no session can begin in a folder that cannot be made', async () => {
    await using rig = await makeRelay();
    await rig.project.write({ '.claude': 'a file' });
    const outcome = await rig.relay.transact(() => ({ event: { type: 'x', team: null }, value: null }));
    expect(!outcome.ok && outcome.refusal.reason).toBe('in-the-way');
    expect(await rig.relay.read()).toMatchObject({ ok: false, refusal: { reason: 'in-the-way' } });
  });
});
