import type { Coordination, TaskResult, TeamRow } from '../model/documents.ts';
import { PHASES } from '../model/phase.ts';
import { obstacleTo, orderQueue } from './allocate.ts';
import { currentPhase, progressAt, updateOverallProgress } from './progress.ts';
import { activeTaskOf, activeTasks, allTasks, taskRow, teamIds } from './relay-state.ts';
import type { Step } from './step.ts';

/** A lease as the lock manager lists it, so much of it as the coordination shows. */
export interface LeaseView {
  /** From the root. */
  readonly file: string;
  readonly team: string;
  /** When it was acquired or last renewed. */
  readonly since: string;
  readonly durationMs: number;
}

/**
 * Brings everything that follows from the tasks up to date: rows and number of teams, queue and reasons, progress, quality
 * figures. The tasks are the truth; whatever somebody wrote into the rest by hand is gone after this.
 */
export function updateCoordination({ coordination, at }: Step): void {
  coordination.queue = orderQueue(coordination);
  for (const id of coordination.queue) {
    const row = taskRow(coordination, id);
    if (row !== null) row.reason = obstacleTo(coordination, row) ?? 'waits for a free team';
  }
  for (const [, row] of allTasks(coordination)) if (row.status === 'active') row.progress = progressAt(row.phase);
  for (const team of teamIds(coordination)) coordination.teams[team] = teamRow(coordination, team);
  coordination.total_teams = teamIds(coordination).length;
  coordination.active_teams = activeTasks(coordination).length;
  coordination.workflow_phases = [...PHASES];
  coordination.current_phase = currentPhase(coordination);
  coordination.overall_progress = updateOverallProgress(coordination);
  coordination.quality_metrics = { ...coordination.quality_metrics, ...qualityMetrics(allTasks(coordination).map(([, row]) => row.result)) };
  if (hasEnded(coordination)) coordination.ended_at ??= at;
}

export function hasEnded(coordination: Coordination): boolean {
  return allTasks(coordination).every(([, row]) => row.status === 'completed' || row.status === 'failed');
}

/** Notes that something happened to a team just now. */
export function updateTeamProgress({ coordination, at }: Step, team: string): void {
  const row = coordination.teams[team];
  if (row !== undefined) row.last_update = at;
}

/**
 * Shows in the documents who holds which of the session's shared resources. Other leases, of which the table may have ten
 * thousand, are in `file_locks.json` alone.
 */
export function mirrorLeases({ coordination, teams }: Step, leases: readonly LeaseView[]): void {
  const held = new Map(leases.map((lease) => [lease.file, lease]));
  for (const [file, row] of Object.entries(coordination.shared_resources)) {
    const lease = held.get(file);
    Object.assign(row, { locked_by: lease?.team ?? null, lock_timestamp: lease?.since ?? null, lock_duration_ms: lease?.durationMs ?? null });
  }
  for (const [, { team }] of activeTasks(coordination)) {
    for (const [file, row] of Object.entries(teams[team]?.shared_resources ?? {})) {
      const shown = coordination.shared_resources[file];
      Object.assign(row, { locked_by: shown?.locked_by ?? null, lock_timestamp: shown?.lock_timestamp ?? null });
    }
  }
}

function teamRow(coordination: Coordination, team: string): TeamRow {
  const before = coordination.teams[team];
  const active = activeTaskOf(coordination, team);
  const kept = { ...before, last_update: before?.last_update ?? null };
  if (active === null) return { ...kept, status: 'INACTIVE', task_id: null, phase: null, progress: 0 };
  const [id, row] = active;
  return { ...kept, status: 'ACTIVE', task_id: id, phase: row.phase, progress: row.progress };
}

function qualityMetrics(results: readonly TaskResult[]): Coordination['quality_metrics'] {
  const covered = results.flatMap((result) => (result.lines_covered === null || result.lines_total === null ? [] : [{ covered: result.lines_covered, total: result.lines_total }]));
  const total = sum(covered.map((lines) => lines.total));
  return {
    total_violations: sum(results.flatMap((result) => Object.values(result.gates).map((gate) => gate.violations))),
    tests_passed: sum(results.map((result) => result.tests_passed)),
    tests_failed: sum(results.map((result) => result.tests_failed)),
    coverage_percentage: total === 0 ? null : Math.floor((1000 * sum(covered.map((lines) => lines.covered))) / total) / 10,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
