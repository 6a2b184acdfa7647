import { rm } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/model/limits.ts';
import { describeRelayFault } from '../../src/model/relay-refusal.ts';
import { applyPatch, diff, type Json } from '../../src/relay/json-patch.ts';
import type { Relay } from '../../src/relay/relay.ts';
import type { RelayState } from '../../src/relay/relay-state.ts';
import { begin, contextOf, coordinationOf, makeRelay, retry, teamOf, valueOf, type RelayRig } from './relay-rig.ts';
import { runJob } from './processes.ts';

test('a difference makes of the one document the other, to the order of what it leaves alone', () => {
  const json = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('a', 'b', 'a/b', '~', '~1', '', 'constructor')), fc.jsonValue(), { maxKeys: 5 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
  fc.assert(fc.property(json, json, (from, to) => {
    expect(applyPatch(from, diff(from, to))).toEqual(to);
    expect(diff(from, from)).toEqual([]);
    expect(Object.keys(applyPatch(from, diff(from, to)) ?? {}).filter((key) => Object.hasOwn(from, key))).toEqual(Object.keys(from).filter((key) => Object.hasOwn(to, key)));
  }), { numRuns: 500, examples: [[{ a: { b: null } }, { a: { b: [1], 'c/~': 2 } }], [{ a: JSON.parse('{"__proto__":{"b":1}}') as Json }, { a: JSON.parse('{"__proto__":{"b":2}}') as Json }], [{ a: JSON.parse('{"__proto__":null}') as Json }, { a: {} }]] });
});

test('a difference fits no document but its own', () => {
  expect(applyPatch({ a: 1 }, [{ op: 'add', path: '/a', value: 2 }])).toBe(null);
  expect(applyPatch({ a: 1 }, [{ op: 'replace', path: '/b', value: 2 }])).toBe(null);
  expect(applyPatch({ a: 1 }, [{ op: 'remove', path: '/b' }])).toBe(null);
  expect(applyPatch({ a: 1 }, [{ op: 'replace', path: '/a/b', value: 2 }])).toBe(null);
  expect(applyPatch({ a: {} }, [{ op: 'replace', path: '/__proto__', value: 2 }])).toBe(null);
  expect(applyPatch({ a: {} }, [{ op: 'add', path: '/__proto__/b', value: 2 }])).toBe(null);
});

test('tens of thousands of operations take no time that grows with their square', { timeout: 10_000 }, () => {
  const rows = (of: number): Json => ({ rows: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`row ${index}`, { of, kept: true }])) });
  const before = rows(1);
  expect(applyPatch(before, diff(before, rows(2)))).toEqual(rows(2));
  expect(before).toEqual(rows(1));
});

test('a value that one operation puts in is not changed by the next', () => {
  const value = { inner: { a: 1 } };
  expect(applyPatch({}, [{ op: 'add', path: '/x', value }, { op: 'replace', path: '/x/inner/a', value: 2 }, { op: 'remove', path: '/x/inner/a' }])).toEqual({ x: { inner: {} } });
  expect(value).toEqual({ inner: { a: 1 } });
});

/** A padded event, so that a log grows. */
async function pad(relay: Relay, bytes: number): Promise<void> {
  valueOf(await relay.transact(() => ({ event: { type: 'padded', team: null, data: { pad: 'x'.repeat(bytes) } }, value: null })));
}

async function eventTypes(relay: Relay): Promise<string[]> {
  return valueOf(await relay.readEvents()).map(({ type }) => type);
}

describe('growth', () => {
  test('begins a new log with a snapshot, and replay goes across', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    await pad(rig.relay, LIMITS.eventSegmentBytesMax);
    valueOf(await retry(rig.relay, 'team1'));
    expect(await eventTypes(rig.open())).toEqual(['session-started', 'padded', 'log-rotated', 'retry']);
    const state = valueOf(await rig.open().read());
    expect(valueOf(await rig.open().rebuild())).toEqual(state);
    expect(valueOf(await rig.open().readEvents({ after: 3 })).map(({ seq }) => seq)).toEqual([4]);
  });

  test('keeps the newest few of the former ones', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    for (let round = 1; round <= LIMITS.eventSegmentsMax + 3; round++) {
      await pad(rig.relay, LIMITS.eventSegmentBytesMax);
      valueOf(await retry(rig.relay, 'team2'));
    }
    expect((await rig.names()).filter((name) => name.startsWith('events'))).toEqual([...Array.from({ length: LIMITS.eventSegmentsMax }, (_, index) => `events-${String(index + 4).padStart(6, '0')}.ndjson`), 'events.ndjson']);
    const state = valueOf(await rig.open().read());
    expect([teamOf(state, 'team2').retry_count, state.seq]).toEqual([11, 34]);
    expect(valueOf(await rig.open().rebuild())).toEqual(state);
  });

  test('large documents do not begin a new log with each transaction', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    valueOf(await rig.relay.transact((state) => ({ event: { type: 'x', team: null }, teams: { team1: { ...teamOf(state, 'team1'), description: 'x'.repeat(2 * LIMITS.eventSegmentBytesMax) } }, value: null })));
    for (let round = 0; round < 5; round++) valueOf(await retry(rig.relay, 'team2'));
    expect((await rig.names()).filter((name) => name.startsWith('events'))).toEqual(['events-000001.ndjson', 'events.ndjson']);
  });
});

describe('damage', () => {
  const lines = async (rig: RelayRig): Promise<string[]> => ((await rig.file('events.ndjson')) ?? '').split('\n');

  async function grown(): Promise<RelayRig> {
    const rig = await makeRelay();
    await begin(rig.relay);
    for (let round = 0; round < 3; round++) valueOf(await retry(rig.relay, 'team1'));
    return rig;
  }

  test.each<[string, (all: string[]) => string, string]>([
    ['a line is gone', (all) => [...all.slice(0, 2), ...all.slice(3)].join('\n'), 'event 2 is missing before event 3'],
    ['a line is cut', (all) => all.map((line, index) => (index === 2 ? line.slice(0, 40) : line)).join('\n'), 'event 2 is missing before event 3'],
    ['its last line says nonsense', (all) => all.map((line) => line.replace('"path":"/retry_count","value":3', '"path":"/retry_count","value":"three"')).join('\n'), 'team1_current_task.json cannot be what it makes of it'],
    ['a line does not fit', (all) => all.map((line) => line.replace('"revision":3', '"revision":7')).join('\n'), 'event 3 does not fit the documents before it'],
    ['its beginning is gone', (all) => all.slice(1).join('\n'), 'its first line is no snapshot'],
    ['it is empty', () => '', 'its first line is no snapshot'],
    ['it is something else', () => 'nonsense\n', 'its first line is no snapshot'],
  ])('%s: kept aside, and begun anew from the files; nothing is lost', async (_, damage, detail) => {
    await using rig = await grown();
    const before = valueOf(await rig.relay.read());
    const text = damage(await lines(rig));
    await rig.put({ 'events.ndjson': text });
    const outcome = await rig.open().read();
    if (!outcome.ok) throw new Error(outcome.refusal.reason);
    expect(outcome.faults.filter(({ reason }) => reason !== 'adopted').map(describeRelayFault)).toEqual([`${path.join(rig.folder, 'events.ndjson')} was damaged (${detail}); it was kept as events.ndjson.broken-1 and begun anew from the newest sound documents`]);
    // Figures of which the log knows nothing any more are claims; with the log, all but the newest writes are known.
    const { coordination } = outcome.value;
    const isKnown = outcome.faults.length === 1;
    expect(coordination?.quality_metrics.tests_passed).toBe(isKnown ? 145 : 0);
    expect(outcome.value.teams).toEqual(before.teams);
    expect({ ...coordination, quality_metrics: 0, discrepancies: 0, revision: 0 }).toEqual({ ...before.coordination, quality_metrics: 0, discrepancies: 0, revision: 0 });
    expect(await rig.file('events.ndjson.broken-1')).toBe(text);
    expect(valueOf(await retry(rig.relay, 'team1'))).toBe(4);
    expect(valueOf(await rig.open().rebuild())).toEqual(valueOf(await rig.open().read()));
  });

  test('a torn end is no damage: it never counted', async () => {
    await using rig = await grown();
    const text = (await lines(rig)).join('\n');
    await rig.put({ 'events.ndjson': `${text}\n{"seq":5,"at":"2025` });
    expect(valueOf(await rig.open().read()).seq).toBe(4);
    expect(valueOf(await retry(rig.open(), 'team1'))).toBe(4);
    expect(valueOf(await rig.open().readEvents()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  test('of two events with one number, the first counts', async () => {
    await using rig = await grown();
    const all = await lines(rig);
    const stale = (all.at(-1) ?? '').replace('"count":3', '"count":99').replace('"path":"/retry_count","value":3', '"path":"/retry_count","value":99');
    await rig.put({ 'events.ndjson': [...all, stale].join('\n') });
    const state = valueOf(await rig.open().read());
    expect([state.seq, teamOf(state, 'team1').retry_count]).toEqual([4, 3]);
    expect(valueOf(await rig.open().readEvents()).at(-1)?.data).toEqual({ count: 3 });
  });

  test('a log that was deleted is begun anew from the files', async () => {
    await using rig = await grown();
    const before = valueOf(await rig.relay.read());
    await rm(path.join(rig.folder, 'events.ndjson'));
    const adopted = await rig.open().read();
    expect(adopted.ok && adopted.faults.map(describeRelayFault)).toEqual([
      `${path.join(rig.folder, 'multi_task_coordination.json')} is not in the event log and was taken over from the file; what it says to have been measured does not count (quality_metrics); noted in its discrepancies`,
      `${path.join(rig.folder, 'team1_current_task.json')} is not in the event log and was taken over from the file`,
      `${path.join(rig.folder, 'team2_current_task.json')} is not in the event log and was taken over from the file`,
    ]);
    expect(adopted.ok && adopted.value.teams).toEqual(before.teams);
    expect(await eventTypes(rig.relay)).toEqual(['adopted', 'adopted', 'adopted']);
    expect(valueOf(await retry(rig.relay, 'team1'))).toBe(4);
    await pad(rig.relay, LIMITS.eventSegmentBytesMax);
    await rm(path.join(rig.folder, 'events.ndjson'));
    const outcome = await rig.open().read();
    expect(outcome.ok && outcome.faults.map(describeRelayFault)).toEqual([`${path.join(rig.folder, 'events.ndjson')} was damaged (it was missing); it was begun anew from the newest sound documents`]);
    expect(valueOf(await retry(rig.relay, 'team1'))).toBe(5);
    expect(valueOf(await rig.open().rebuild())).toEqual(valueOf(await rig.open().read()));
  });
});

test('8 processes with 50 transactions each: every one is there exactly once', async () => {
  await using rig = await makeRelay();
  await begin(rig.relay);
  const results = await Promise.all(Array.from({ length: 8 }, (_, index) => runJob({ folder: rig.folder, team: index % 2 === 0 ? 'team1' : 'team2', rounds: 50, pad: 1_000 })));
  expect(results.map(({ done, refusals, faults }) => [done.length, refusals, faults])).toEqual(results.map(() => [50, [], []]));
  const events = valueOf(await rig.relay.readEvents());
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const retries = events.filter(({ type }) => type === 'retry');
  expect(retries.map(({ seq }) => seq)).toEqual(results.flatMap(({ done }) => done).sort((a, b) => a - b));
  const state = valueOf(await rig.open().read());
  expect([teamOf(state, 'team1').retry_count, teamOf(state, 'team2').retry_count, state.coordination?.failures]).toEqual([200, 200, 400]);
  expect(valueOf(await rig.relay.rebuild())).toEqual(state);
  expect((await rig.names()).filter((name) => name.startsWith('events-')).length).toBeGreaterThan(0);
});

test('any sequence of transactions, growth and reopening is what a plain model says, from the files and from the log', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('retry' as const), team: fc.constantFrom('team1', 'team2', 'team10') }),
    fc.record({ kind: fc.constant('write' as const), team: fc.constantFrom('team1', 'team2', 'team10'), errors: fc.array(fc.jsonValue(), { maxLength: 3 }), progress: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ kind: fc.constant('vendor' as const), key: fc.string({ minLength: 1 }).filter((key) => key !== '__proto__' && !(key in contextOf('team1'))), value: fc.jsonValue() }),
    fc.record({ kind: fc.constant('grow' as const), bytes: fc.constantFrom(1_000, LIMITS.eventSegmentBytesMax) }),
    fc.constant({ kind: 'reopen' as const }),
  );
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
    await using rig = await makeRelay();
    let { relay } = rig;
    const model: { coordination: RelayState['coordination']; teams: Record<string, RelayState['teams'][string]> } = { coordination: null, teams: {} };
    const apply = async (next: Pick<Partial<RelayState>, 'coordination' | 'teams'>): Promise<void> => {
      valueOf(await relay.transact(() => ({ event: { type: 'step', team: null }, teams: next.teams ?? {}, ...(next.coordination ? { coordination: next.coordination } : {}), value: null })));
      const revised = <T extends { revision: number }>(document: T, before: T | null | undefined): T => ({ ...JSON.parse(JSON.stringify(document)) as T, revision: (before?.revision ?? 0) + 1 });
      if (next.coordination) model.coordination = revised(next.coordination, model.coordination);
      for (const [team, context] of Object.entries(next.teams ?? {})) model.teams[team] = revised(context, model.teams[team]);
    };
    for (const one of steps) {
      if (one.kind === 'reopen') relay = rig.open();
      else if (one.kind === 'grow') await pad(relay, one.bytes);
      else if (one.kind === 'vendor') await apply({ coordination: { ...(model.coordination ?? coordinationOf()), [`x-${one.key}`]: one.value } });
      else {
        const context = model.teams[one.team] ?? contextOf(one.team);
        if (one.kind === 'retry') await apply({ teams: { [one.team]: { ...context, retry_count: context.retry_count + 1 } } });
        else await apply({ teams: { [one.team]: { ...context, errors: one.errors } }, coordination: { ...(model.coordination ?? coordinationOf()), overall_progress: one.progress } });
      }
    }
    const read = valueOf(await relay.read());
    expect({ coordination: read.coordination, teams: read.teams }).toEqual(model);
    expect(valueOf(await rig.open().read())).toEqual(read);
    expect(valueOf(await rig.open().rebuild())).toEqual(read);
    for (const [team, context] of Object.entries(read.teams)) expect(await rig.file(`${team}_current_task.json`)).toBe(`${JSON.stringify(context, null, 2)}\n`);
  }), { numRuns: 40 });
});
