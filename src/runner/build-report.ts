import { describeFailure } from '../model/failure.ts';
import { compareText } from '../model/finding.ts';
import { GATE_IDS, type GateId } from '../model/gate.ts';
import type { CheckReport, RunReport, TeamReport } from '../model/report.ts';
import { WORKSPACE_TEAM } from '../model/team.ts';
import { stopsTeam, type Verdict } from '../model/verdict.ts';
import type { EndedCheck, Ledger, TeamVerdict } from './ledger.ts';
import type { PreparedRun } from './prepare.ts';

export interface ReportParts {
  readonly prepared: PreparedRun;
  readonly ledger: Ledger;
  readonly verdicts: readonly TeamVerdict[];
  /** Ids of the checks that did not run, because their results were kept. */
  readonly cached: ReadonlySet<string>;
  /** Why a check ran, by its id, where that was asked. */
  readonly why?: (check: string) => string;
  readonly durationMs: number;
  readonly cancelled: boolean;
}

/** The whole run as one document; the same for the same verdicts, in whatever order they came. */
export function buildReport({ prepared, ledger, verdicts, cached, why, durationMs, cancelled }: ReportParts): RunReport {
  const { plan, workspace, teams } = prepared;
  const names = [...teams.map((team) => team.name), WORKSPACE_TEAM].filter((name, index, all) => all.indexOf(name) === index);
  const owned = new Map(teams.map((team) => [team.name, team.files.length]));
  const unowned = workspace.files.length - teams.reduce((sum, team) => sum + team.files.length, 0);
  const rows: Record<string, TeamReport> = {};
  for (const name of names) {
    const mine = verdicts.filter((one) => one.team === name);
    if (mine.length === 0 && !owned.has(name)) continue;
    const gates: Partial<Record<GateId, Verdict>> = {};
    for (const gate of plan.gates) {
      const verdict = mine.find((one) => one.gate === gate)?.verdict;
      if (verdict !== undefined) gates[gate] = verdict;
    }
    rows[name] = { files: owned.get(name) ?? unowned, gates };
  }
  return {
    version: 1,
    ok: isOk(verdicts.map((one) => one.verdict), prepared.isProgressive) && !cancelled,
    durationMs: Math.round(durationMs),
    workspace: { root: workspace.root, head: workspace.head },
    teams: rows,
    checks: plan.checks.map((check) => ({ ...describeCheck(check, ledger.ended.get(check.id), cached.has(check.id)), ...(why === undefined ? {} : { why: why(check.id) }) })),
    notes: [...prepared.notes, ...notesOf(ledger)],
    cancelled,
  };
}

/**
 * No blocking verdict failed or errored, and at least one is a pass: a run that looked at nothing proves nothing. But of a progressive run
 * nobody expects a proof of more than what has changed, and where that is nothing, nothing is wrong.
 */
function isOk(verdicts: readonly Verdict[], isProgressive: boolean): boolean {
  const bad = verdicts.some((verdict) => stopsTeam(verdict));
  if (isProgressive && verdicts.every((verdict) => verdict.status === 'skipped')) return true;
  return !bad && verdicts.some((verdict) => verdict.status === 'passed' || (!verdict.blocking && verdict.status === 'failed'));
}

function describeCheck(check: EndedCheck['check'], ended: EndedCheck | undefined, isCached: boolean): CheckReport {
  const outcome = ended?.outcome;
  return {
    id: check.id,
    gate: check.gates[0],
    gates: check.gates,
    engine: check.engine,
    engineVersion: check.engineVersion,
    engineOrigin: check.engineOrigin,
    inputs: check.files.length,
    status: outcome?.status ?? 'error',
    reason: outcome === undefined ? 'never ran' : outcome.status === 'skipped' ? outcome.reason : outcome.status === 'error' ? describeFailure(outcome.failure) : null,
    durationMs: Math.round(ended?.durationMs ?? 0),
    ...(isCached ? { cached: true } : {}),
  };
}

function notesOf(ledger: Ledger): string[] {
  const notes = [...ledger.ended.values()].flatMap(({ check, outcome }) => (outcome.status === 'done' ? (outcome.notes ?? []).map((note) => `${check.title}: ${note}`) : []));
  return [...notes, ...outsideNotes(ledger)].sort(compareText);
}

/** What a run restricted to some paths came upon elsewhere must not get lost. */
function outsideNotes({ outside }: Ledger): string[] {
  return GATE_IDS.flatMap((gate) => {
    const files = [...new Set(outside.filter((finding) => finding.gate === gate).map((finding) => finding.file ?? ''))].sort(compareText);
    return files.length === 0 ? [] : [`${gate}: findings outside the given paths are not judged: ${files.join(', ')}`];
  });
}
