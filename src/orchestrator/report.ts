import type { Coordination, Discrepancy, TaskRow, TeamContext } from '../model/documents.ts';
import { GATE_IDS } from '../model/gate.ts';
import { appendBounded } from './communication.ts';
import { allTasks, type RelayState } from './relay-state.ts';

/** The specification's block of figures. What was not measured is null, and `unmeasured` says why; nothing here is estimated. */
export interface KeyFigures {
  readonly execution_metrics: {
    /** Against the same work done by one agent at a time. Negative when it took longer. */
    readonly total_time_saved: string | null;
    /** Of the time of the teams that were used, how much was work. */
    readonly parallel_efficiency: string | null;
    readonly lock_contention_rate: string | null;
    /** Of all verdicts that were measured last, how many are passes. */
    readonly quality_gate_pass_rate: string | null;
  };
  readonly resource_metrics: { readonly token_overhead: string | null; readonly memory_usage: string | null; readonly cpu_utilization: string | null };
  readonly quality_metrics: { readonly bugs_introduced: number | null; readonly test_coverage: string | null; readonly code_duplication: string | null };
}

export interface TaskReport {
  readonly task_id: string;
  /** `unmeasured`: it is said to be completed, and of some gates no measurement is on record. */
  readonly status: TaskRow['status'] | 'unmeasured';
  readonly team: string | null;
  readonly phase: string;
  readonly attempts: number;
  readonly retries: number;
  readonly reason: string | null;
  readonly worked_ms: number;
  /** By gate, in the gates' order, what was measured last and at the end of which phase. */
  readonly gates: Readonly<Record<string, { readonly status: string; readonly reason: string | null; readonly violations: number; readonly findings: readonly string[]; readonly phase: string }>>;
  readonly files_changed: readonly string[];
  readonly discrepancies: readonly Discrepancy[];
}

export interface ConsolidatedReport extends KeyFigures {
  readonly version: 1;
  readonly session_id: string;
  readonly started_at: string | null;
  /** Null: not ended; the figures are of what has been so far. */
  readonly ended_at: string | null;
  readonly elapsed_ms: number;
  readonly synchronisation: Coordination['synchronisation'];
  readonly execution: Coordination['execution'];
  readonly failures: number;
  readonly overall_progress: number;
  readonly tasks: readonly TaskReport[];
  /** Files that were changed, or are gone, and that no task names which was begun; as of the last measurement. */
  readonly unowned_changes: readonly string[];
  /** What was written into the coordination by hand and is not so. */
  readonly discrepancies: readonly Discrepancy[];
  /** What the teams left for the reader in their contexts, each once, and how often it was said; claims, not measurements. */
  readonly messages: readonly { readonly team: string; readonly message: string; readonly times: number }[];
  /** By path of a figure that is null: why. */
  readonly unmeasured: Readonly<Record<string, string>>;
}

export interface ReportInput {
  readonly nowMs: number;
  /** As the lock manager counted them; null when it did not. */
  readonly locks: { readonly acquisitions: number; readonly contended: number } | null;
}

/** All that is known of a session by measurement. Null before the first session. */
export function generateConsolidatedReport({ coordination, teams }: RelayState, input: ReportInput): ConsolidatedReport | null {
  if (coordination === null) return null;
  const tasks = allTasks(coordination);
  const startMs = coordination.started_at === null ? input.nowMs : Date.parse(coordination.started_at);
  const endMs = coordination.ended_at === null ? input.nowMs : Date.parse(coordination.ended_at);
  const elapsedMs = Math.max(0, endMs - startMs);
  const figures = keyFigures(coordination, elapsedMs, input.locks);
  return {
    version: 1,
    session_id: coordination.session_id,
    started_at: coordination.started_at,
    ended_at: coordination.ended_at,
    elapsed_ms: elapsedMs,
    synchronisation: coordination.synchronisation,
    execution: coordination.execution,
    failures: coordination.failures,
    overall_progress: coordination.overall_progress,
    tasks: tasks.map(([id, row]) => taskReport(id, row, teams)),
    unowned_changes: coordination.unowned_changes,
    discrepancies: coordination.discrepancies,
    messages: Object.entries(teams).flatMap(([team, context]) => messagesOf(team, context)),
    ...figures,
    unmeasured: reasonsOf(figures),
  };
}

function keyFigures(coordination: Coordination, elapsedMs: number, locks: ReportInput['locks']): KeyFigures {
  const tasks = allTasks(coordination).map(([, row]) => row);
  const workedMs = tasks.reduce((sum, row) => sum + row.worked_ms, 0);
  const teamsUsed = new Set(tasks.flatMap((row) => (row.team === null ? [] : [row.team]))).size;
  const verdicts = tasks.flatMap((row) => Object.values(row.result.gates)).filter(({ status }) => status !== 'skipped');
  const { coverage_percentage: coverage } = coordination.quality_metrics;
  return {
    execution_metrics: {
      total_time_saved: workedMs === 0 ? null : percent(workedMs - elapsedMs, workedMs),
      parallel_efficiency: percent(workedMs, elapsedMs * teamsUsed),
      lock_contention_rate: locks === null ? null : percent(locks.contended, locks.acquisitions),
      quality_gate_pass_rate: percent(verdicts.filter(({ status }) => status === 'passed').length, verdicts.length),
    },
    resource_metrics: { token_overhead: null, memory_usage: null, cpu_utilization: null },
    quality_metrics: { bugs_introduced: null, test_coverage: coverage === null ? null : `${coverage}%`, code_duplication: null },
  };
}

const REASONS: Readonly<Record<string, string>> = {
  'execution_metrics.total_time_saved': 'no agent has completed any work yet',
  'execution_metrics.parallel_efficiency': 'no time has passed with a team at work',
  'execution_metrics.lock_contention_rate': 'no lease was asked for, or nobody counted',
  'execution_metrics.quality_gate_pass_rate': 'no gate was measured',
  'resource_metrics.token_overhead': 'agents do not report their tokens here',
  'resource_metrics.memory_usage': 'the agents\' processes are not measured',
  'resource_metrics.cpu_utilization': 'the agents\' processes are not measured',
  'quality_metrics.bugs_introduced': 'nothing measures it: gates find what they look for, and bugs are the rest',
  'quality_metrics.test_coverage': 'coverage was not measured',
  'quality_metrics.code_duplication': 'no gate looks for duplicated code',
};

function reasonsOf(figures: KeyFigures): Record<string, string> {
  const missing = Object.entries(figures).flatMap(([group, values]) => Object.entries(values as Record<string, unknown>).filter(([, value]) => value === null).map(([key]) => `${group}.${key}`));
  return Object.fromEntries(missing.map((key) => [key, REASONS[key] ?? 'not measured']));
}

/** Whole percents, never rounded up to a hundred that is not one. Null: nothing to compare with. */
function percent(part: number, whole: number): string | null {
  return whole <= 0 ? null : `${Math.floor((100 * part) / whole)}%`;
}

function taskReport(id: string, row: TaskRow, teams: RelayState['teams']): TaskReport {
  const gates = GATE_IDS.flatMap((gate) => {
    const result = row.result.gates[gate];
    return result === undefined ? [] : [[gate, { status: result.status, reason: result.reason, violations: result.violations, findings: result.findings, phase: result.phase }] as const];
  });
  const status = row.status === 'completed' && gates.length < GATE_IDS.length ? 'unmeasured' : row.status;
  return {
    task_id: id, status, team: row.team, phase: row.phase, attempts: row.attempts, retries: row.retry_count,
    reason: status === 'unmeasured' ? 'completed by word only: what was measured of it is not on record, so give it to a team again' : row.reason,
    worked_ms: row.worked_ms, gates: Object.fromEntries(gates), files_changed: row.result.files_changed, discrepancies: discrepanciesOf(id, row, teams),
  };
}

/** With those that the relay has noted in the context since the last phase was completed. */
function discrepanciesOf(id: string, { team, result }: TaskRow, teams: RelayState['teams']): readonly Discrepancy[] {
  const context = team === null ? undefined : teams[team];
  return context?.task_id === id ? context.discrepancies.reduce(appendBounded, result.discrepancies) : result.discrepancies;
}

/** An agent may have left anything there: text as it is, the text of ours, the rest as JSON. */
function messagesOf(team: string, context: TeamContext): ConsolidatedReport['messages'] {
  const said = new Map<string, number>();
  for (const entry of context.communication.messages_for_orchestrator) {
    const text = typeof entry === 'object' && entry !== null && 'text' in entry ? entry.text : entry;
    const message = typeof text === 'string' ? text : JSON.stringify(text);
    said.set(message, (said.get(message) ?? 0) + 1);
  }
  return [...said].map(([message, times]) => ({ team, message, times }));
}
