import type { Check, CheckOutcome } from '../model/check.ts';
import { describeFailure, type Failure } from '../model/failure.ts';
import { compareFindings, compareText, type Finding } from '../model/finding.ts';
import type { GateId, PlanNote } from '../model/gate.ts';
import type { TestResult } from '../model/measurement.ts';
import type { Blocker, InspectedCounts, Verdict } from '../model/verdict.ts';

/** Everything one verdict depends on. */
export interface Evidence {
  readonly team: string;
  readonly gate: GateId;
  /** Of the checks that concern the team, all ended. */
  readonly ended: readonly { readonly check: Check; readonly outcome: CheckOutcome; readonly durationMs: number }[];
  readonly notes: readonly PlanNote[];
  /** Attributed to the team, thresholds over its files included. */
  readonly findings: readonly Finding[];
  /** How many findings of this gate have no team: they block everyone. */
  readonly workspaceErrors: number;
  readonly inspected: InspectedCounts;
  /** The tests that concern the team. */
  readonly tests: readonly TestResult[];
  readonly blockers: readonly Blocker[];
  /** The team's files whose coverage is not known, because a test that reaches them could not be loaded. */
  readonly unknownCoverage: readonly string[];
  readonly blocking: boolean;
}

/** Decides one team × gate. Pure. Failed wins over error, error over pass, and nothing inspected is never a pass. */
export function judge(evidence: Evidence): Verdict {
  const { status, reason } = decide(evidence);
  return {
    status,
    reason,
    blocking: evidence.blocking,
    inspected: evidence.inspected,
    durationMs: Math.round(evidence.ended.reduce((sum, one) => sum + one.durationMs, 0)),
    findings: [...evidence.findings].sort(compareFindings),
    blockers: evidence.blockers,
  };
}

function decide(evidence: Evidence): Pick<Verdict, 'status' | 'reason'> {
  const errors = evidence.findings.filter((finding) => finding.severity === 'error');
  const unreadable = evidence.gate === 'syntax_validation' ? [] : errors.filter((finding) => finding.kind === 'parse');
  const crashed = errors.filter((finding) => finding.kind === 'crash');
  if (errors.length > unreadable.length + crashed.length) return { status: 'failed', reason: null };

  const failures: Failure[] = evidence.ended.flatMap(({ outcome }) => (outcome.status === 'error' ? [outcome.failure] : []));
  failures.unshift(...crashed.map(({ file, message }): Failure => ({ reason: 'crashed-in', file: file ?? 'a file', detail: message })));
  if (unreadable.length > 0) failures.unshift({ reason: 'unparsable', files: distinct(unreadable.map((finding) => finding.file ?? 'a file')) });
  const reasons = [...failures.map(describeFailure), ...evidence.notes.filter((note) => note.status === 'error').map((note) => note.reason)];
  if (reasons.length > 0) return { status: 'error', reason: distinct(reasons).join('; ') };

  if (evidence.workspaceErrors > 0) {
    const count = evidence.workspaceErrors === 1 ? '1 finding' : `${evidence.workspaceErrors} findings`;
    return { status: 'failed', reason: `${count} of this gate can't be laid to one team and block every team: see team workspace` };
  }
  const blockedBy = distinct(evidence.blockers.filter((blocker) => blocker.shownIn === evidence.team).map((blocker) => blocker.causedBy));
  if (blockedBy.length > 0 && evidence.tests.length > 0 && !evidence.tests.some((test) => test.status === 'passed')) {
    return { status: 'error', reason: `none of its tests could pass because of a change by ${blockedBy.join(', ')}` };
  }
  if (evidence.unknownCoverage.length > 0) {
    return { status: 'error', reason: `coverage is not known, because a test file that reaches it could not be loaded: ${evidence.unknownCoverage.join(', ')}` };
  }
  if (evidence.tests.length > 0 && evidence.tests.every((test) => test.status === 'skipped')) {
    return { status: 'skipped', reason: `all ${evidence.tests.length} tests are marked to be skipped` };
  }
  const { files, tests = 0, packages = 0 } = evidence.inspected;
  const left = notLookedAt(evidence).join('; ');
  if (files + tests + packages > 0) return { status: 'passed', reason: left === '' ? null : `passed without: ${left}` };
  return { status: 'skipped', reason: left === '' ? 'nothing of this team to inspect' : left };
}

function notLookedAt(evidence: Evidence): string[] {
  // An engine that found nothing to do in one place, and did its work in another, left nothing out.
  const worked = new Set(evidence.ended.filter(({ outcome }) => outcome.status === 'done').map(({ check }) => check.engine));
  const skipped = evidence.ended.flatMap(({ check, outcome }) => (outcome.status === 'skipped' && !worked.has(check.engine) ? [outcome.reason] : []));
  return distinct([...evidence.notes.map((note) => note.reason), ...skipped]);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort(compareText);
}
