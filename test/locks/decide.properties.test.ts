import fc from 'fast-check';
import { expect, test } from 'vitest';
import { acquire, check, leave, release, releaseAll, renew, wait, type Answer } from '../../src/locks/decide.ts';
import { emptyTable, readTable, writeTable, type LeaseTable } from '../../src/locks/lease-table.ts';
import { chooseVictim, findCycle, waitsOf } from '../../src/locks/wait-graph.ts';
import type { Lease } from '../../src/model/lease.ts';
import { LEASE_LIMITS } from '../../src/model/limits.ts';
import { START_MS } from './rig.ts';

const TEAMS = ['team1', 'team2', 'team3', 'team4', 'team5'];
const FILES = ['a.ts', 'b.ts', 'c.ts', 'd.ts'];
const RUNS = { numRuns: 300 };

const team = fc.constantFrom(...TEAMS);
const file = fc.constantFrom(...FILES);
const durationMs = fc.integer({ min: 1, max: 5_000 });

type Step =
  | { readonly kind: 'acquire'; readonly team: string; readonly files: readonly string[]; readonly durationMs: number; readonly critical: boolean }
  | { readonly kind: 'wait'; readonly team: string; readonly file: string; readonly durationMs: number; readonly critical: boolean }
  | { readonly kind: 'renew' | 'release' | 'leave' | 'check'; readonly team: string; readonly file: string }
  | { readonly kind: 'release-all'; readonly team: string }
  /** Forwards it passes; backwards the clock is set, and no time passes. */
  | { readonly kind: 'time'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('acquire' as const), team, files: fc.uniqueArray(file, { minLength: 1, maxLength: 3 }), durationMs, critical: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('wait' as const), team, file, durationMs, critical: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('renew' as const, 'release' as const, 'leave' as const, 'check' as const), team, file }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release-all' as const), team }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: -2_000, max: 4_000 }) }) },
);

/** Who has a file by what the answers said: until it is given back, or surely over. */
interface Known {
  readonly team: string;
  readonly token: number;
  /** In time that really passed, which no clock shows. */
  readonly untilMs: number;
}

interface Told {
  readonly table: LeaseTable;
  readonly leases: readonly Lease[];
  readonly isRelease: boolean;
}

function take(table: LeaseTable, one: Exclude<Step, { kind: 'time' }>, nowMs: number, token: (file: string) => number | null): Told {
  const told = (decision: { table: LeaseTable; answer: Answer<Lease | null> }, isRelease = false): Told => ({ table: decision.table, leases: decision.answer.ok && decision.answer.value !== null ? [decision.answer.value] : [], isRelease });
  switch (one.kind) {
    case 'acquire': {
      const { table: next, answer } = acquire(table, one, nowMs);
      return { table: next, leases: answer.ok ? answer.value : [], isRelease: false };
    }
    case 'wait': return told(wait(table, one, nowMs));
    case 'renew': return told(renew(table, { ...one, token: token(one.file), durationMs: null }, nowMs));
    case 'release': return told(release(table, { ...one, token: token(one.file) }, nowMs), true);
    case 'check': return told({ table, answer: check(table, { ...one, token: token(one.file) }, nowMs) });
    case 'leave': return told(leave(table, { ...one, timedOut: false }));
    case 'release-all': {
      const { table: next, answer } = releaseAll(table, one.team, nowMs);
      return { table: next, leases: answer.ok ? answer.value : [], isRelease: true };
    }
  }
}

test('no two teams have a file at once, tokens only rise, several are all or none, and a table survives the disk', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
    let table = emptyTable(START_MS);
    let nowMs = START_MS;
    let passedMs = 0;
    let highest = 0;
    const known = new Map<string, Known>();
    for (const one of steps) {
      if (one.kind === 'time') {
        nowMs += one.ms;
        passedMs += Math.max(0, one.ms);
        continue;
      }
      const before = JSON.stringify([...table.rows]);
      const told = take(table, one, nowMs, (of) => (known.get(of)?.team === one.team ? (known.get(of)?.token ?? null) : null));
      // A decision changes nothing but what it returns.
      expect(JSON.stringify([...table.rows])).toBe(before);
      table = told.table;
      if (one.kind === 'acquire') expect([0, one.files.length]).toContain(told.leases.length);
      for (const lease of told.leases) {
        expect(lease.team).toBe(one.team);
        const other = known.get(lease.file);
        // A clock set back makes a lease last longer, never shorter: what was surely held is held.
        if (other !== undefined && other.team !== lease.team) expect(other.untilMs).toBeLessThanOrEqual(passedMs);
        if (told.isRelease) known.delete(lease.file);
        else {
          if (other?.token !== lease.token) {
            expect(lease.token).toBeGreaterThan(highest);
            highest = lease.token;
          }
          known.set(lease.file, { team: lease.team, token: lease.token, untilMs: passedMs + Date.parse(lease.until) - nowMs });
        }
      }
      const reading = readTable(writeTable(table), nowMs);
      expect(reading.kind).toBe('sound');
      if (reading.kind === 'sound') expect([...reading.table.rows]).toEqual([...table.rows]);
    }
  }), RUNS);
});

test('a clock that is set back shortens no lease by the time that passes', () => {
  const request = { team: 'team1', files: ['a.ts'], durationMs: 1_000, critical: false };
  const taken = acquire(emptyTable(START_MS), request, START_MS).table;
  const setBackMs = START_MS - 600;
  const asked = acquire(taken, { ...request, team: 'team2' }, setBackMs);
  expect(asked.answer.ok).toBe(false);
  expect(acquire(asked.table, { ...request, team: 'team2' }, setBackMs + 999).answer.ok).toBe(false);
  expect(acquire(asked.table, { ...request, team: 'team2' }, setBackMs + 1_000).answer.ok).toBe(true);
});

/** One file; teams come, look in some order, get it, and give it back. */
test('waiters are served critical first, then in order of coming, and nobody is overtaken too often', () => {
  const arrival = fc.record({ critical: fc.boolean(), served: fc.integer({ min: 0, max: 2 }), shuffle: fc.integer() });
  fc.assert(fc.property(fc.array(arrival, { minLength: 1, maxLength: 40 }), (arrivals) => {
    const request = (name: string, critical: boolean) => ({ file: 'a.ts', team: name, durationMs: 30_000, critical });
    let table = acquire(emptyTable(START_MS), { team: 'first', files: ['a.ts'], durationMs: 30_000, critical: false }, START_MS).table;
    let holder = 'first';
    let line: { readonly name: string; readonly critical: boolean; readonly number: number; overtaken: number }[] = [];
    /** The holder gives back, all look once in the given order; exactly one gets it. */
    const serve = (shuffle: number): void => {
      table = release(table, { file: 'a.ts', team: holder, token: null }, START_MS).table;
      const looking = [...line].sort((a, b) => ((a.number * 7919 + shuffle) % 101) - ((b.number * 7919 + shuffle) % 101));
      const served = looking.filter((one) => {
        const decision = wait(table, request(one.name, one.critical), START_MS);
        table = decision.table;
        return decision.answer.ok && decision.answer.value !== null;
      });
      expect(served).toHaveLength(1);
      const [next] = served;
      if (next === undefined) return;
      for (const other of line) {
        if (other.number < next.number) other.overtaken += 1;
        expect(other.overtaken).toBeLessThanOrEqual(LEASE_LIMITS.overtakesMax);
        // Only for the critical, or for one that had waited long enough, does anyone step back.
        if (other.number < next.number && !other.critical) expect(next.critical).toBe(true);
        if (other.number < next.number && other.critical && next.critical) expect.fail('a critical team was overtaken by a later one');
      }
      holder = next.name;
      line = line.filter((one) => one !== next);
    };
    for (const [number, { critical, served, shuffle }] of arrivals.entries()) {
      line.push({ name: `w${number}`, critical, number, overtaken: 0 });
      table = wait(table, request(`w${number}`, critical), START_MS).table;
      for (let times = 0; times < served && line.length > 0; times += 1) serve(shuffle);
    }
    while (line.length > 0) serve(0);
  }), RUNS);
});

const entanglement = fc.array(fc.record({ team, holds: fc.subarray(FILES), waitsFor: file }), { minLength: 2, maxLength: 5 });

function entangle(pieces: readonly { readonly team: string; readonly holds: readonly string[]; readonly waitsFor: string }[]): { table: LeaseTable; refused: { readonly team: string; readonly cycle: readonly { readonly team: string }[]; readonly before: LeaseTable }[] } {
  let table = emptyTable(START_MS);
  const refused: { team: string; cycle: readonly { readonly team: string }[]; before: LeaseTable }[] = [];
  for (const piece of pieces) for (const held of piece.holds) table = acquire(table, { team: piece.team, files: [held], durationMs: 30_000, critical: false }, START_MS).table;
  // Twice, so that those who are told at their next look are told.
  for (const piece of [...pieces, ...pieces]) {
    const before = table;
    const decision = wait(table, { team: piece.team, file: piece.waitsFor, durationMs: 30_000, critical: false }, START_MS);
    table = decision.table;
    if (!decision.answer.ok && decision.answer.refusal.reason === 'deadlock') refused.push({ team: piece.team, cycle: decision.answer.refusal.cycle, before });
  }
  return { table, refused };
}

test('every circle of waits is broken at once, by a refusal to a member of it, and always to the same', () => {
  let circles = 0;
  fc.assert(fc.property(entanglement, (pieces) => {
    const { table, refused } = entangle(pieces);
    for (const name of TEAMS) expect(findCycle(waitsOf(table, START_MS), name)).toBe(null);
    for (const one of refused) expect(one.cycle.map((wait_) => wait_.team)).toContain(one.team);
    const again = entangle(pieces);
    expect(again.refused.map(({ team: name, cycle }) => ({ name, cycle }))).toEqual(refused.map(({ team: name, cycle }) => ({ name, cycle })));
    circles += refused.length;
  }), RUNS);
  expect(circles).toBeGreaterThan(0);
});

test('a circle has one victim: the team whose oldest lease is the newest, wherever one begins to look', () => {
  fc.assert(fc.property(fc.shuffledSubarray(TEAMS, { minLength: 2 }), fc.shuffledSubarray(TEAMS, { minLength: 5 }), (members, order) => {
    let table = emptyTable(START_MS);
    const inOrder = order.filter((name) => members.includes(name));
    for (const name of inOrder) table = acquire(table, { team: name, files: [`${name}.ts`], durationMs: 30_000, critical: false }, START_MS).table;
    const waits = members.map((name, index) => ({ team: name, file: `${members[(index + 1) % members.length] ?? ''}.ts`, holder: members[(index + 1) % members.length] ?? '' }));
    for (const name of members) {
      const cycle = findCycle(waits, name);
      expect(cycle).toHaveLength(members.length);
      if (cycle !== null) expect(chooseVictim(cycle, table, START_MS)).toBe(inOrder.at(-1));
    }
  }), RUNS);
});

test('nobody waits for ever, even behind teams that renew whatever they can and never give back', () => {
  fc.assert(fc.property(entanglement, fc.integer({ min: 100, max: 3_000 }), (pieces, durationOfLease) => {
    let table = emptyTable(START_MS);
    let nowMs = START_MS;
    for (const piece of pieces) for (const held of piece.holds) table = acquire(table, { team: piece.team, files: [held], durationMs: durationOfLease, critical: false }, nowMs).table;
    const deaf = new Map(pieces.map(({ team: name, waitsFor }) => [name, waitsFor]));
    // The teams of a circle, and those behind it, renew as long as they wait; one that has what it wanted gives everything back.
    for (let round = 0; deaf.size > 0; round += 1) {
      expect(round).toBeLessThan(200);
      nowMs += 100;
      for (const [name, waitsFor] of deaf) {
        for (const held of FILES) table = renew(table, { file: held, team: name, token: null, durationMs: durationOfLease }, nowMs).table;
        const decision = wait(table, { team: name, file: waitsFor, durationMs: durationOfLease, critical: false }, nowMs);
        table = decision.table;
        if (!decision.answer.ok || decision.answer.value === null) continue;
        deaf.delete(name);
        table = releaseAll(table, name, nowMs).table;
      }
    }
  }), RUNS);
});
