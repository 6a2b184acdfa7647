import type { TaskRow, TeamContext } from '../model/documents.ts';
import { compareText, type Finding } from '../model/finding.ts';
import { LIMITS } from '../model/limits.ts';
import type { Phase } from '../model/phase.ts';
import { compareClaims } from './claims.ts';
import { addBlockers, appendBounded } from './communication.ts';
import { phaseVerdicts, type Measured } from './phase-gates.ts';
import { unownedNote } from './instructions.ts';
import { allTasks, type ActiveTask } from './relay-state.ts';
import type { Step } from './step.ts';
import { measuredGates } from './team-context.ts';
import { isAssigned } from './task-files.ts';

/** Writes down what was measured at the end of a phase, after what the agent had claimed was held against it. */
export function recordMeasurement(step: Step, [, row]: ActiveTask, phase: Phase, measured: Measured): void {
  const context = step.teams[row.team];
  const { result } = row;
  if (context !== undefined) {
    keepClaims(row, context);
    for (const difference of compareClaims(context, row, phase, measured)) result.discrepancies = appendBounded(result.discrepancies, { claim: difference.claim, measured: difference.measured, at: step.at });
  }
  for (const [gate, verdict] of phaseVerdicts(phase, measured)) {
    result.gates[gate] = {
      status: verdict.status,
      reason: verdict.reason,
      blocking: verdict.blocking,
      violations: verdict.findings.length,
      findings: verdict.findings.slice(0, LIMITS.findingsTold).map(findingLine),
      phase,
      measured_at: step.at,
    };
    addBlockers(step, verdict.blockers);
  }
  if (measured.tests !== null) Object.assign(result, { tests_passed: measured.tests.passed, tests_failed: measured.tests.failed });
  if (measured.coverage !== null) Object.assign(result, { lines_covered: measured.coverage.covered, lines_total: measured.coverage.total });
  if (measured.filesChanged !== null) result.files_changed = measured.filesChanged.filter((file) => isAssigned(file, row.files));
  recordUnowned(step, measured);
  if (context !== undefined) showIn(context, row);
}

/** An edit that is no task's could break everything and be seen by nobody: it is written down, and whoever completes a phase is told. */
function recordUnowned({ coordination, notes }: Step, { filesChanged, filesRemoved }: Measured): void {
  if (filesChanged === null) return;
  const begun = allTasks(coordination).filter(([, row]) => row.status !== 'queued' || row.attempts > 0).map(([, row]) => row.files);
  const unowned = [...filesChanged, ...filesRemoved].filter((file) => !begun.some((files) => isAssigned(file, files))).sort(compareText);
  coordination.unowned_changes = unowned.slice(0, LIMITS.unownedKeptMax);
  if (unowned.length > 0) notes.push(unownedNote(unowned));
}

/** What the relay overruled in the context, it noted there; the task's result outlives the context. */
export function keepClaims({ result }: TaskRow, { discrepancies }: TeamContext): void {
  for (const discrepancy of discrepancies) result.discrepancies = appendBounded(result.discrepancies, discrepancy);
}

/** The context's fields say what was measured again, whatever an agent had written there. */
function showIn(context: TeamContext, row: ActiveTask[1]): void {
  context.quality_gates = { ...context.quality_gates, ...measuredGates(row) };
  Object.assign(context.implementation_details.quality_results, structuredClone(row.result.gates));
  context.discrepancies = [...row.result.discrepancies];
}

/** One finding in one line. */
export function findingLine(finding: Finding): string {
  const place = [finding.file, finding.line, finding.column].filter((part) => part !== null).join(':');
  return `${place === '' ? '' : `${place} `}${finding.message.slice(0, LIMITS.findingCharsMax)} (${finding.rule})`;
}
