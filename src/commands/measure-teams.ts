import { listAsInstalled } from '../installer/as-installed.ts';
import type { Settings } from '../model/config.ts';
import { GATE_IDS, type GateId } from '../model/gate.ts';
import { LIMITS } from '../model/limits.ts';
import type { RunReport } from '../model/report.ts';
import { WORKSPACE_TEAM, type Team } from '../model/team.ts';
import type { Verdict } from '../model/verdict.ts';
import type { MeasureTeams } from '../orchestrator/execution/join-measurements.ts';
import type { Measured } from '../orchestrator/phase-gates.ts';
import { findingLine } from '../orchestrator/record-measurement.ts';
import { describeMachine } from '../system/machine.ts';
import { listCommitted } from '../workspace/changed.ts';
import type { CommandContext } from './command-context.ts';

/** Missing files named in one sentence. */
const NAMED_MAX = 5;

/** Files of the session at this moment, as its tasks name them. */
export interface Assigned {
  /** Who is at work on what, all teams. */
  readonly teams: Readonly<Record<string, readonly string[]>>;
  /** Of tasks that were begun and have no team: failed, or waiting half done. What is wrong there is known, and nobody's to mend now. */
  readonly abandoned: readonly string[];
  /** When the session began, in ms; what was committed since is its work, too. */
  readonly startedMs: number;
}

export interface MeasureOptions {
  /** Absolute; a folder of the tree to check, which need not be the main worktree. */
  readonly cwd: string;
  /** Absolute path of the configuration, or null. */
  readonly config: string | null;
  /** Folder of the relay, relative to the main worktree's root. */
  readonly relay: string;
  /** Gates that were switched off when the command began, for when the configuration cannot be used any more. */
  readonly isOff: (gate: GateId) => boolean;
  readonly assigned: () => Promise<Assigned>;
  readonly context: Pick<CommandContext, 'environment' | 'clock' | 'signal' | 'force' | 'kept'>;
  readonly onMeasuring: (teams: readonly string[], gates: readonly GateId[]) => void;
}

/** The gates as the orchestrator measures them: a run like any other, for these teams, while all others stay owners of their files. Throws when it is cancelled. */
export function measureTeams({ cwd, config, relay, isOff, assigned, context, onMeasuring }: MeasureOptions): MeasureTeams {
  const { environment, clock, signal, force, kept } = context;
  return async (teams, gates) => {
    const { teams: owners, abandoned: leftBehind, startedMs } = await assigned();
    const installed = await listAsInstalled(cwd);
    const abandoned = [...leftBehind, ...installed];
    const measurable = teams.filter((team) => (owners[team] ?? []).length > 0);
    const unmeasured = teams.filter((team) => !measurable.includes(team)).map((team) => [team, withoutFiles(gates)] as const);
    if (measurable.length === 0) return new Map(unmeasured);
    onMeasuring(measurable, gates);
    // Loaded here, so that commands that measure nothing need not wait for the engines of all gates.
    const { executeRun, prepareCached } = await import('../runner/index.ts');
    const committed = startedMs === 0 ? [] : await listCommitted(startedMs, { cwd, environment });
    const prepared = await prepareCached({ cwd, config, preset: null, teams: null, assigned: owners, committed, unowned: { except: abandoned }, relay, only: measurable, paths: [], gates, environment }, clock, kept === null ? {} : { prepare: kept.prepare });
    if (!prepared.ok) return new Map([...unmeasured, ...measurable.map((team) => [team, notPrepared(gates, isOff, prepared.problem)] as const)]);
    const report = await executeRun(prepared.prepared, { sink: () => undefined, clock, machine: describeMachine(), jobs: null, bail: false, signal, force, cache: prepared.cache, ...(kept === null ? {} : { pool: kept.pool }) });
    await prepared.cache?.settle();
    if (report.cancelled) throw new Error('the measurement was cancelled');
    const { teams: found, settings, workspace: { changed, removed } } = prepared.prepared;
    const measured = measurable.map((name): readonly [string, Measured] => {
      const team = found.find((one) => one.name === name);
      const measured = { ...measuredOf(report, name, gates), filesChanged: changed?.filter((file) => !installed.includes(file)) ?? null, filesRemoved: removed };
      return [name, team !== undefined && hasWrittenNothing(team) ? nothingWritten(team, measured, settings) : measured];
    });
    return new Map([...unmeasured, ...measured]);
  };
}

function measuredOf(report: RunReport, team: string, gates: readonly GateId[]): Measured {
  const verdicts = withStrayFindings(report.teams[team]?.gates ?? {}, report.teams[WORKSPACE_TEAM]?.gates ?? {});
  const inspected = Object.values(verdicts).map((verdict) => verdict.inspected);
  const ran = inspected.reduce((sum, { tests = 0 }) => sum + tests, 0);
  const failed = inspected.reduce((sum, { testsFailed = 0 }) => sum + testsFailed, 0);
  return {
    gates: Object.fromEntries(GATE_IDS.filter((gate) => gates.includes(gate)).flatMap((gate) => (verdicts[gate] === undefined ? [] : [[gate, verdicts[gate]]]))),
    tests: ran === 0 ? null : { passed: ran - failed, failed },
    coverage: verdicts.test_coverage?.inspected.lines ?? null,
    filesChanged: null,
    filesRemoved: [],
  };
}

type Verdicts = Readonly<Partial<Record<GateId, Verdict>>>;

/** A team that is blocked by what cannot be laid to one team is told what that is: in a session nobody sees another row. */
function withStrayFindings(verdicts: Verdicts, stray: Verdicts): Verdicts {
  return Object.fromEntries(Object.entries(verdicts).map(([gate, verdict]) => {
    if (verdict.status !== 'failed' || verdict.reason === null) return [gate, verdict];
    const errors = (stray[gate as GateId]?.findings ?? []).filter(({ severity }) => severity === 'error');
    return [gate, { ...verdict, reason: [verdict.reason, ...errors.slice(0, LIMITS.findingsTold).map(findingLine)].join('; ') }];
  }));
}

function hasWrittenNothing({ files, removed = [], missing = [] }: Team): boolean {
  return files.length + removed.length === 0 && missing.length > 0;
}

/** Nothing inspected is no pass where something should have been there; a gate that is switched off says so still. */
function nothingWritten({ missing = [] }: Team, measured: Measured, { gates }: Settings): Measured {
  const more = missing.length > NAMED_MAX ? ` and ${missing.length - NAMED_MAX} more` : '';
  const reason = `none of the files that it was given is there (${missing.slice(0, NAMED_MAX).join(', ')}${more}): write them, or correct the files of the task`;
  const failed = GATE_IDS.flatMap((gate) => {
    const verdict = measured.gates[gate];
    return verdict === undefined ? [] : [[gate, gates[gate].level === 'off' ? verdict : { ...verdict, status: 'failed' as const, reason }]];
  });
  return { ...measured, gates: Object.fromEntries(failed) as Measured['gates'] };
}

function withoutFiles(gates: readonly GateId[]): Measured {
  return everyGate(gates, 'skipped', 'its task names no files, so there is nothing that could be measured');
}

function notPrepared(gates: readonly GateId[], isOff: MeasureOptions['isOff'], problem: string): Measured {
  const { gates: off } = everyGate(gates.filter(isOff), 'skipped', 'switched off in the configuration');
  const { gates: on, ...nothing } = everyGate(gates.filter((gate) => !isOff(gate)), 'error', problem);
  return { ...nothing, gates: { ...on, ...off } };
}

function everyGate(gates: readonly GateId[], status: 'error' | 'skipped', reason: string): Measured {
  const verdict: Verdict = { status, reason, blocking: true, inspected: { files: 0 }, durationMs: 0, findings: [], blockers: [] };
  return { gates: Object.fromEntries(gates.map((gate) => [gate, verdict])), tests: null, coverage: null, filesChanged: null, filesRemoved: [] };
}
