import { GATE_IDS, type GateId } from '../model/gate.ts';
import type { RunReport } from '../model/report.ts';
import type { Verdict } from '../model/verdict.ts';
import type { MeasureTeams } from '../orchestrator/execution/join-measurements.ts';
import type { Measured } from '../orchestrator/phase-gates.ts';
import { describeMachine } from '../system/machine.ts';
import type { CommandContext } from './command-context.ts';

export interface MeasureOptions {
  /** Absolute; a folder of the tree to check, which need not be the main worktree. */
  readonly cwd: string;
  /** Absolute path of the configuration, or null. */
  readonly config: string | null;
  /** Who is at work on what at this moment, all teams. */
  readonly assigned: () => Promise<Readonly<Record<string, readonly string[]>>>;
  readonly context: Pick<CommandContext, 'environment' | 'clock' | 'signal' | 'force'>;
  readonly onMeasuring: (teams: readonly string[], gates: readonly GateId[]) => void;
}

/** The gates as the orchestrator measures them: a run like any other, for these teams, while all others stay owners of their files. Throws when it is cancelled. */
export function measureTeams({ cwd, config, assigned, context, onMeasuring }: MeasureOptions): MeasureTeams {
  const { environment, clock, signal, force } = context;
  return async (teams, gates) => {
    const owners = await assigned();
    const measurable = teams.filter((team) => (owners[team] ?? []).length > 0);
    const unmeasured = teams.filter((team) => !measurable.includes(team)).map((team) => [team, withoutFiles(gates)] as const);
    if (measurable.length === 0) return new Map(unmeasured);
    onMeasuring(measurable, gates);
    // Loaded here, so that commands that measure nothing need not wait for the engines of all gates.
    const { executeRun, prepareCached } = await import('../runner/index.ts');
    const prepared = await prepareCached({ cwd, config, preset: null, teams: null, assigned: owners, only: measurable, paths: [], gates, environment }, clock);
    if (!prepared.ok) return new Map([...unmeasured, ...measurable.map((team) => [team, everyGate(gates, 'error', prepared.problem)] as const)]);
    const report = await executeRun(prepared.prepared, { sink: () => undefined, clock, machine: describeMachine(), jobs: null, bail: false, signal, force, cache: prepared.cache });
    await prepared.cache?.settle();
    if (report.cancelled) throw new Error('the measurement was cancelled');
    const { changed } = prepared.prepared.workspace;
    return new Map([...unmeasured, ...measurable.map((team) => [team, measuredOf(report, team, gates, changed)] as const)]);
  };
}

function measuredOf(report: RunReport, team: string, gates: readonly GateId[], filesChanged: readonly string[] | null): Measured {
  const verdicts = report.teams[team]?.gates ?? {};
  const inspected = Object.values(verdicts).map((verdict) => verdict.inspected);
  const ran = inspected.reduce((sum, { tests = 0 }) => sum + tests, 0);
  const failed = inspected.reduce((sum, { testsFailed = 0 }) => sum + testsFailed, 0);
  return {
    gates: Object.fromEntries(GATE_IDS.filter((gate) => gates.includes(gate)).flatMap((gate) => (verdicts[gate] === undefined ? [] : [[gate, verdicts[gate]]]))),
    tests: ran === 0 ? null : { passed: ran - failed, failed },
    coverage: verdicts.test_coverage?.inspected.lines ?? null,
    filesChanged,
  };
}

function withoutFiles(gates: readonly GateId[]): Measured {
  return everyGate(gates, 'skipped', 'its task names no files, so there is nothing that could be measured');
}

function everyGate(gates: readonly GateId[], status: 'error' | 'skipped', reason: string): Measured {
  const verdict: Verdict = { status, reason, blocking: true, inspected: { files: 0 }, durationMs: 0, findings: [], blockers: [] };
  return { gates: Object.fromEntries(gates.map((gate) => [gate, verdict])), tests: null, coverage: null, filesChanged: null };
}
