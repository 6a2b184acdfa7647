import { Writable } from 'node:stream';
import type { Check } from '../../src/model/check.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { GateId } from '../../src/model/gate.ts';
import type { RunReport } from '../../src/model/report.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import type { ReporterOptions } from '../../src/reporters/reporter.ts';
import { openOutput } from '../../src/system/output.ts';

/** What a reporter wrote, by stream, and the options to make one that writes there. The clock stands still until it is set. */
export function recordOutput(change: { columns?: number; rows?: number; source?: Readonly<Record<string, string>>; colour?: boolean; live?: boolean; unicode?: boolean } = {}): {
  readonly options: ReporterOptions;
  readonly written: { stdout: string; stderr: string };
  nowMs: number;
} {
  const written = { stdout: '', stderr: '' };
  const streamTo = (name: 'stdout' | 'stderr'): Writable & { isTTY?: boolean; columns?: number; rows?: number } =>
    Object.assign(new Writable({ write(chunk: Buffer, _encoding, done) { written[name] += chunk.toString(); done(); } }), change.columns === undefined ? {} : { isTTY: true, columns: change.columns, rows: change.rows ?? 24 });
  const recorded = { written, nowMs: 0 };
  const colour = change.colour === true;
  return Object.assign(recorded, {
    options: {
      stdout: openOutput(streamTo('stdout')),
      stderr: openOutput(streamTo('stderr')),
      colour: { stdout: colour, stderr: colour },
      live: change.live === true,
      unicode: change.unicode !== false,
      clock: { now: () => recorded.nowMs, monotonicMs: () => recorded.nowMs },
      readSource: (file: string) => Promise.resolve(change.source?.[file] ?? null),
    },
  });
}

export function makeCheck(id: string, gate: GateId): Check {
  return { id, name: id, title: id, gates: [gate], engine: 'typescript', engineVersion: '6.0.3', engineOrigin: 'project', files: [], workspaceWide: false, expectedMs: 1, timeLimitMs: 1000, parts: [] };
}

export function makeVerdict(status: Verdict['status'], change: Partial<Verdict> = {}): Verdict {
  return { status, reason: null, blocking: true, inspected: { files: 1 }, durationMs: 200, findings: [], blockers: [], ...change };
}

export function makeFinding(gate: GateId, change: Partial<Finding> = {}): Finding {
  return { gate, rule: 'TS2322', message: "Type 'string' is not assignable to type 'number'.", file: 'src/api/price.ts', line: 3, column: 9, severity: 'error', ...change };
}

/** The events of a run in which each gate of each team ended with the verdict given. */
export function makeRun(teams: Readonly<Record<string, Readonly<Partial<Record<GateId, Verdict>>>>>, change: Partial<RunReport> = {}): RunEvent[] {
  const gates = [...new Set(Object.values(teams).flatMap((team) => Object.keys(team)))] as GateId[];
  const checks = gates.map((gate) => makeCheck(`check of ${gate}`, gate));
  const verdicts = Object.entries(teams).flatMap(([team, row]) => (Object.entries(row) as [GateId, Verdict][]).map(([gate, verdict]): RunEvent => ({ type: 'verdict', team, gate, verdict })));
  const all = Object.values(teams).flatMap((team) => Object.values(team));
  const report: RunReport = {
    version: 1,
    ok: all.every((verdict) => !verdict.blocking || verdict.status === 'passed' || verdict.status === 'skipped'),
    durationMs: 12_400,
    workspace: { root: '/repository', head: null },
    teams: Object.fromEntries(Object.entries(teams).map(([team, row]) => [team, { files: 1, gates: row }])),
    checks: checks.map(({ id, gates: [gate] }) => ({ id, gate, gates: [gate], engine: 'typescript', engineVersion: '6.0.3', engineOrigin: 'project', inputs: 1, status: 'done', reason: null, durationMs: 200 })),
    notes: [],
    cancelled: false,
    ...change,
  };
  return [
    { type: 'run-started', root: '/repository', teams: Object.keys(teams).map((name) => ({ name, files: 1 })), gates, checks, notes: [] },
    ...checks.flatMap(({ id, gates: served }): RunEvent[] => [
      { type: 'check-started', check: id, gates: served, atMs: 0 },
      { type: 'check-finished', check: id, gates: served, status: 'done', reason: null, durationMs: 200 },
    ]),
    ...verdicts,
    { type: 'run-finished', report },
  ];
}
