import type { Invocation, Return } from './history.ts';

/**
 * Judges a recorded history by what the world may see of leases, and knows nothing of how they are made: it imports none of it. Each
 * team is one thread, which does one thing after another.
 */
export interface History {
  /** By process: what each of its threads wrote down. */
  readonly processes: readonly ProcessHistory[];
  /** When all was over, on the same clock. */
  readonly endedAt: number;
  /** The table as it was then. */
  readonly table: Readonly<Record<string, { readonly locked_by?: unknown; readonly token?: unknown }>>;
  /** The number in each shared file then. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Longest that a wait may take by its own limit, and what the machine may add while the process runs. */
  readonly waitLimitMs: number;
  readonly slackMs: number;
}

export interface ProcessHistory {
  readonly name: string;
  readonly isKilled: boolean;
  /** While it was stopped: from, to. */
  readonly stops: readonly (readonly [number, number])[];
  readonly threads: readonly (readonly (Invocation | Return)[])[];
}

export type ViolationKind = 'double-grant' | 'token-order' | 'stale-accepted' | 'lost-row' | 'lost-update' | 'torn-read' | 'starved';

export interface Judgement {
  readonly violations: readonly { readonly kind: ViolationKind; readonly what: string }[];
  readonly counts: Readonly<Record<'operations' | 'grants' | 'contended' | 'staleShown' | 'staleRefused' | 'waits' | 'deadlocks' | 'timeouts' | 'unfinished', number>> & { readonly waitMsMax: number };
}

interface Done {
  readonly call: Invocation;
  readonly result: Return | null;
  readonly process: ProcessHistory;
}

/** A time at which a team surely has a file: from when it was told until it begins to give it back, or its time is over. */
interface Hold {
  readonly file: string;
  readonly team: string;
  readonly token: number | null;
  readonly from: number;
  to: number;
  expiresAt: number;
  isGivenBack: boolean;
}

/** The wall clock counts whole milliseconds, so a lease may end this much earlier than by our count. */
const ROUNDING_MS = 2;
/** Answers that tell the caller that it does not have what it holds. */
const DENIALS = new Set(['stale-token', 'not-held', 'expired', 'held', 'reserved']);

export function judge(history: History): Judgement {
  const done = history.processes.flatMap((process) => process.threads.flatMap((lines) => pair(lines, process)));
  const holds = holdsOf(done);
  const stale = staleUses(done);
  const violations = [
    ...doubleGrants(holds),
    ...tokenOrder(done),
    ...stale.accepted,
    ...lostRows(done, holds, history),
    ...lostUpdates(done, history.numbers),
    ...done.filter(({ call, result }) => call.operation === 'read-table' && result?.ok === false).map(({ call, result }) => ({ kind: 'torn-read' as const, what: `${call.team} read ${result?.reason ?? ''}` })),
    ...starved(done, history),
  ];
  const waits = done.filter(({ call }) => call.operation === 'wait');
  const asked = done.filter(({ call }) => call.operation === 'acquire' || call.operation === 'wait');
  const countOf = (reason: string): number => done.filter(({ result }) => result?.reason === reason).length;
  return {
    violations,
    counts: {
      operations: done.length,
      grants: asked.filter(({ result }) => result?.ok === true).length,
      contended: asked.filter(({ result }) => result?.ok === false).length,
      staleShown: stale.shown,
      staleRefused: stale.shown - stale.accepted.length,
      waits: waits.length,
      waitMsMax: Math.round(waits.reduce((most, one) => Math.max(most, runningMs(one)), 0)),
      deadlocks: countOf('deadlock'),
      timeouts: countOf('timeout'),
      unfinished: done.filter(({ result }) => result === null).length,
    },
  };
}

function pair(lines: readonly (Invocation | Return)[], process: ProcessHistory): Done[] {
  const results = new Map<number, Return>();
  for (const line of lines) if ('returned' in line) results.set(line.id, line);
  return lines.flatMap((line) => ('returned' in line ? [] : [{ call: line, result: results.get(line.id) ?? null, process }]));
}

function holdsOf(done: readonly Done[]): Hold[] {
  const holds: Hold[] = [];
  const last = new Map<string, Hold>();
  for (const { call, result } of done) {
    const mine = last.get(`${call.team} ${call.file}`);
    if (call.operation === 'release' && mine !== undefined && (call.token === null || call.token === mine.token)) {
      mine.to = Math.min(mine.to, call.at);
      mine.isGivenBack = true;
    }
    if (result?.ok !== true || call.durationMs === null) continue;
    const expiresAt = call.at + call.durationMs - ROUNDING_MS;
    const isGrant = call.operation === 'acquire' || call.operation === 'wait';
    // Longer, only if it is surely the same lease without a gap.
    if (mine !== undefined && !mine.isGivenBack && mine.token === result.token && result.at <= mine.expiresAt && (isGrant || call.operation === 'renew')) {
      mine.to = mine.expiresAt = expiresAt;
    } else if (isGrant || call.operation === 'renew') {
      const hold = { file: call.file, team: call.team, token: result.token, from: result.at, to: expiresAt, expiresAt, isGivenBack: false };
      holds.push(hold);
      last.set(`${call.team} ${call.file}`, hold);
    }
  }
  return holds;
}

function doubleGrants(holds: readonly Hold[]): Judgement['violations'] {
  const found: Judgement['violations'][number][] = [];
  for (const those of byFile(holds)) {
    let last: Hold | null = null;
    for (const hold of those.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
      if (last !== null && last.team !== hold.team && hold.from < last.to) found.push({ kind: 'double-grant', what: `${hold.file} was given to ${hold.team} at ${hold.from} while ${last.team} had it until ${last.to}` });
      if (last === null || hold.to > last.to) last = hold;
    }
  }
  return found;
}

/** Of two grants one after the other the later has the higher token, and no two teams have the same one. */
function tokenOrder(done: readonly Done[]): Judgement['violations'] {
  const found: Judgement['violations'][number][] = [];
  const grants = done.flatMap(({ call, result }) => (result?.ok === true && (call.operation === 'acquire' || call.operation === 'wait') && result.token !== null ? [{ file: call.file, team: call.team, invokedAt: call.at, at: result.at, token: result.token }] : []));
  const owners = new Map<number, string>();
  for (const { token, team, file } of grants) {
    const owner = owners.get(token) ?? `${team} ${file}`;
    if (owner !== `${team} ${file}`) found.push({ kind: 'double-grant', what: `token ${token} was given to ${owner} and to ${team} ${file}` });
    owners.set(token, owner);
  }
  for (const those of byFile(grants)) {
    const byEnd = [...those].sort((a, b) => a.at - b.at);
    let highest = 0;
    let next = 0;
    for (const grant of [...those].sort((a, b) => a.invokedAt - b.invokedAt)) {
      for (; next < byEnd.length && (byEnd[next]?.at ?? 0) < grant.invokedAt; next += 1) highest = Math.max(highest, byEnd[next]?.token ?? 0);
      if (grant.token < highest) found.push({ kind: 'token-order', what: `${grant.file}: token ${grant.token} was given after ${highest}` });
    }
  }
  return found;
}

/** Uses of a token after a higher one had been given out for the same file. */
function staleUses(done: readonly Done[]): { readonly shown: number; readonly accepted: Judgement['violations'] } {
  const grants = done.flatMap(({ call, result }) => (result?.ok === true && (call.operation === 'acquire' || call.operation === 'wait') && result.token !== null ? [{ file: call.file, at: result.at, token: result.token }] : []));
  const highest = new Map([...byFile(grants)].map((those) => {
    let top = 0;
    return [those[0]?.file ?? '', those.sort((a, b) => a.at - b.at).map(({ at, token }) => ({ at, top: (top = Math.max(top, token)) }))] as const;
  }));
  let shown = 0;
  const accepted: Judgement['violations'][number][] = [];
  for (const { call, result } of done) {
    if (call.token === null || result === null) continue;
    const known = highest.get(call.file)?.findLast(({ at }) => at < call.at)?.top ?? 0;
    if (call.token >= known) continue;
    shown += 1;
    if (result.ok) accepted.push({ kind: 'stale-accepted', what: `${call.operation} of ${call.file} with token ${call.token} after ${known} had been given` });
  }
  return { shown, accepted };
}

/** A team that surely has a file is told that it has not, or the table does not know of it in the end. */
function lostRows(done: readonly Done[], holds: readonly Hold[], { table, endedAt }: History): Judgement['violations'] {
  const byTeam = groupBy(holds, (hold) => `${hold.team} ${hold.file}`);
  const denied = done.filter(({ call, result }) => result?.ok === false && result.reason !== null && DENIALS.has(result.reason)
    && byTeam.get(`${call.team} ${call.file}`)?.some((hold) => call.at >= hold.from && result.at <= hold.expiresAt && call.at <= hold.to && (call.token === null || call.token === hold.token)) === true);
  const gone = holds.filter((hold) => !hold.isGivenBack && hold.expiresAt > endedAt && (table[hold.file]?.locked_by !== hold.team || (hold.token !== null && table[hold.file]?.token !== hold.token)));
  return [
    ...denied.map(({ call, result }) => ({ kind: 'lost-row' as const, what: `${call.operation} of ${call.file} by ${call.team}, which had it, was refused: ${result?.reason ?? ''}` })),
    ...gone.map((hold) => ({ kind: 'lost-row' as const, what: `${hold.file} of ${hold.team} is not in the table any more` })),
  ];
}

/** Every accepted write put a number of its own into the file, and none is missing. */
function lostUpdates(done: readonly Done[], numbers: History['numbers']): Judgement['violations'] {
  const found: Judgement['violations'][number][] = [];
  for (const [file, last] of Object.entries(numbers)) {
    const writes = done.filter(({ call }) => call.operation === 'write' && call.file === file);
    const accepted = writes.filter(({ result }) => result?.ok === true).map(({ call }) => call.number ?? 0);
    const unknown = writes.filter(({ result }) => result === null).length;
    const distinct = new Set(accepted).size;
    if (distinct !== accepted.length) found.push({ kind: 'lost-update', what: `${file}: ${accepted.length} writes were accepted, with ${distinct} numbers` });
    if (!(last >= accepted.length && last <= accepted.length + unknown)) found.push({ kind: 'lost-update', what: `${file} says ${last} after ${accepted.length} accepted writes and ${unknown} of unknown outcome` });
  }
  return found;
}

/** Every call ends while its process lives, a wait within its limit of the time that the process could run. */
function starved(done: readonly Done[], { waitLimitMs, slackMs }: History): Judgement['violations'] {
  return done.flatMap((one) => {
    const { call, result, process } = one;
    if (result === null) return process.isKilled ? [] : [{ kind: 'starved' as const, what: `${call.operation} of ${call.file} by ${call.team} never ended` }];
    const limitMs = (call.operation === 'wait' ? waitLimitMs : 0) + slackMs;
    return runningMs(one) <= limitMs ? [] : [{ kind: 'starved' as const, what: `${call.operation} of ${call.file} by ${call.team} took ${Math.round(runningMs(one))} ms` }];
  });
}

/** How long a call took, without the time in which its process was stopped. */
function runningMs({ call, result, process }: Done): number {
  if (result === null) return 0;
  const stopped = process.stops.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, result.at) - Math.max(from, call.at)), 0);
  return result.at - call.at - stopped;
}

function byFile<T extends { readonly file: string }>(items: readonly T[]): T[][] {
  return [...groupBy(items, ({ file }) => file).values()];
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    group.push(item);
    groups.set(keyOf(item), group);
  }
  return groups;
}
