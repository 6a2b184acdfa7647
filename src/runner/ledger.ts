import type { Check, CheckOutcome, Inspected } from '../model/check.ts';
import type { Settings } from '../model/config.ts';
import { compareFindings, type Finding } from '../model/finding.ts';
import type { Gate, GateId } from '../model/gate.ts';
import type { ImportGraph } from '../model/import-graph.ts';
import type { CoverageCount, FileCoverage, TestResult } from '../model/measurement.ts';
import { WORKSPACE_TEAM, type Team } from '../model/team.ts';
import type { Blocker, InspectedCounts, Verdict } from '../model/verdict.ts';
import type { Attribute } from './attribute.ts';
import { judge } from './judge.ts';
import type { Cell, Plan } from './plan.ts';

export interface EndedCheck {
  readonly check: Check;
  readonly outcome: CheckOutcome;
  readonly durationMs: number;
}

export interface LedgerOptions {
  readonly plan: Plan;
  readonly teams: readonly Team[];
  readonly settings: Settings;
  readonly registry: { readonly [Id in GateId]: Gate<Id> };
  readonly attribute: Attribute;
  readonly graph: () => ImportGraph;
}

export interface TeamVerdict {
  readonly team: string;
  readonly gate: GateId;
  readonly verdict: Verdict;
}

/** Where outcomes come in and verdicts go out: a gate is judged for all teams as soon as its last check has ended. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #ended = new Map<string, EndedCheck>();
  readonly #judged = new Set<GateId>();
  readonly #owned: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #outside: Finding[] = [];

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#owned = new Map(options.teams.map((team) => [team.name, new Set([...team.files, ...(team.removed ?? [])])]));
  }

  get ended(): ReadonlyMap<string, EndedCheck> {
    return this.#ended;
  }

  /** Findings that a run restricted to some paths came upon elsewhere: told, not judged. */
  get outside(): readonly Finding[] {
    return this.#outside;
  }

  /** Takes one ended check; returns the verdicts that it completes. */
  record(ended: EndedCheck): TeamVerdict[] {
    this.#ended.set(ended.check.id, ended);
    return this.due();
  }

  /** Verdicts that nothing stands in the way of and that were not returned before; at the start, those without a check. */
  due(): TeamVerdict[] {
    const due = this.#options.plan.gates.filter((gate) => !this.#judged.has(gate) && this.#checksOf(gate).every((check) => this.#ended.has(check.id)));
    for (const gate of due) this.#judged.add(gate);
    return due.flatMap((gate) => this.#judgeGate(gate));
  }

  #checksOf(gate: GateId): Check[] {
    return this.#options.plan.checks.filter((check) => check.gates.includes(gate));
  }

  #judgeGate(gate: GateId): TeamVerdict[] {
    const ended = this.#checksOf(gate).flatMap((check) => this.#ended.get(check.id) ?? []);
    const { byTeam, blockers } = this.#attributeAll(gate, ended);
    const stray = byTeam.get(WORKSPACE_TEAM) ?? [];
    const strayErrors = stray.filter((finding) => finding.severity === 'error').length;
    const cells = this.#options.plan.cells.filter((cell) => cell.gate === gate);
    const verdicts = cells.map((cell) => this.#judgeCell(cell, ended, { findings: byTeam.get(cell.team) ?? [], blockers, workspaceErrors: cell.team === WORKSPACE_TEAM ? 0 : strayErrors }));
    if (this.#owned.has(WORKSPACE_TEAM) || stray.length === 0) return verdicts;
    return [...verdicts, { team: WORKSPACE_TEAM, gate, verdict: this.#judgeStray(gate, ended, stray) }];
  }

  #attributeAll(gate: GateId, ended: readonly EndedCheck[]): { byTeam: Map<string, Finding[]>; blockers: Blocker[] } {
    const byTeam = new Map<string, Finding[]>();
    const blockers: Blocker[] = [];
    const counted = new Map<string, number>();
    for (const { check, outcome } of ended) {
      const concerned = this.#options.plan.cells.filter((cell) => cell.gate === gate && cell.checks.includes(check.id)).map((cell) => cell.team);
      const countedHere = new Map<string, number>();
      for (const finding of outcome.status === 'skipped' ? [] : (outcome.findings ?? [])) {
        if (finding.gate !== gate) continue;
        // A file that two projects or two suites hold is found bad in both: one problem, one finding. But what one check says
        // twice of one place, as ESLint does of chained calls, are two.
        const key = JSON.stringify([finding.file ?? check.id, finding.line, finding.column, finding.rule, finding.message]);
        const count = (countedHere.get(key) ?? 0) + 1;
        countedHere.set(key, count);
        if (count <= (counted.get(key) ?? 0)) continue;
        counted.set(key, count);
        const { team, blockers: told, outside } = this.#options.attribute(finding, concerned);
        if (outside) {
          this.#outside.push(finding);
          continue;
        }
        const list = byTeam.get(team);
        if (list === undefined) byTeam.set(team, [finding]);
        else list.push(finding);
        blockers.push(...told);
      }
    }
    return { byTeam, blockers };
  }

  #judgeCell(cell: Cell, all: readonly EndedCheck[], found: { findings: readonly Finding[]; blockers: readonly Blocker[]; workspaceErrors: number }): TeamVerdict {
    const { gate, team } = cell;
    const ended = all.filter((one) => cell.checks.includes(one.check.id));
    const tests = this.#testsOf(team, ended);
    const settings = this.#options.settings.gates[gate];
    const unknown = this.#unknownCoverage(ended);
    const coverage = this.#coverageOf(team, ended, unknown);
    const assessed = (this.#options.registry[gate] as Gate).assess?.(
      {
        team,
        files: this.#options.teams.find((one) => one.name === team)?.files ?? [],
        findings: found.findings,
        tests,
        coverage,
        measured: ended.some((one) => one.outcome.status === 'done'),
      },
      settings,
    ) ?? [];
    const verdict = judge({
      team,
      gate,
      ended,
      notes: cell.notes,
      findings: [...found.findings, ...assessed],
      workspaceErrors: settings.level === 'off' || cell.checks.length === 0 ? 0 : found.workspaceErrors,
      inspected: { ...this.#inspected(gate, team, ended, tests), ...linesOf(coverage) },
      tests,
      blockers: found.blockers.filter((blocker) => blocker.shownIn === team || blocker.causedBy === team),
      unknownCoverage: Object.keys(this.#coverageOf(team, ended, new Set())).filter((file) => unknown.has(file)),
      blocking: settings.level === 'block',
    });
    return { team, gate, verdict: verdict.status === 'error' && !this.#options.settings.errorsBlock ? { ...verdict, blocking: false } : verdict };
  }

  /** The row of what can't be laid to one team. */
  #judgeStray(gate: GateId, ended: readonly EndedCheck[], stray: readonly Finding[]): Verdict {
    const errors = stray.filter((finding) => finding.severity === 'error');
    return {
      status: errors.length > 0 ? 'failed' : 'passed',
      reason: null,
      blocking: this.#options.settings.gates[gate].level === 'block',
      inspected: { files: new Set(stray.map((finding) => finding.file)).size },
      durationMs: Math.round(ended.reduce((sum, one) => sum + one.durationMs, 0)),
      findings: [...stray].sort(compareFindings),
      blockers: [],
    };
  }

  #owns(team: string, file: string): boolean {
    return this.#owned.get(team)?.has(file) === true;
  }

  #testsOf(team: string, ended: readonly EndedCheck[]): TestResult[] {
    const tests = ended.flatMap(({ outcome }) => (inspectedBy(outcome)?.tests ?? []));
    const concerns = new Map<string, boolean>();
    for (const { file } of tests) {
      if (!concerns.has(file)) concerns.set(file, this.#owns(team, file) || this.#isCommandFor(team, file) || [...this.#options.graph().closureOf(file)].some((one) => this.#owns(team, one)));
    }
    return tests.filter((test) => concerns.get(test.file));
  }

  /** A command of a package's script tests whatever lies in the package. */
  #isCommandFor(team: string, file: string): boolean {
    const folder = /^(.*\/|)package\.json$/.exec(file)?.[1];
    return folder !== undefined && [...(this.#owned.get(team) ?? [])].some((one) => one.startsWith(folder));
  }

  /** What test files that could not be loaded would have reached: nobody knows how much of it they cover. */
  #unknownCoverage(ended: readonly EndedCheck[]): ReadonlySet<string> {
    const unloaded = ended.flatMap(({ outcome }) => (outcome.status === 'done' ? (outcome.unloadedTests ?? []) : []));
    return new Set(unloaded.flatMap((file) => [...this.#options.graph().closureOf(file)]));
  }

  #coverageOf(team: string, ended: readonly EndedCheck[], unknown: ReadonlySet<string>): Record<string, FileCoverage> {
    const merged: Record<string, FileCoverage> = {};
    for (const { outcome } of ended) {
      for (const [file, coverage] of Object.entries(outcome.status === 'done' ? (outcome.coverage ?? {}) : {})) {
        // Two suites that load one file each report it; the one that reached more of it is the nearer to the truth.
        if (this.#owns(team, file) && !unknown.has(file) && coverage.lines.covered >= (merged[file]?.lines.covered ?? 0)) merged[file] = coverage;
      }
    }
    return merged;
  }

  #inspected(gate: GateId, team: string, ended: readonly EndedCheck[], tests: readonly TestResult[]): InspectedCounts {
    const files = new Set<string>();
    let rules = 0;
    let packages = 0;
    for (const { check, outcome } of ended) {
      const inspected = inspectedBy(outcome);
      if (inspected === undefined) continue;
      // A combined check inspects files for several gates; this one's are those that it asked for.
      const asked = check.parts.length > 1 ? new Set(check.parts.filter((part) => part.gate === gate).flatMap((part) => part.files)) : null;
      for (const file of inspected.files) if (this.#owns(team, file) && asked?.has(file) !== false) files.add(file);
      rules += inspected.rules ?? 0;
      packages += inspected.packages ?? 0;
    }
    // A test that was skipped proves nothing.
    const ran = tests.filter((test) => test.status !== 'skipped').length;
    const failed = tests.filter((test) => test.status === 'failed').length;
    return { files: files.size, ...(ran > 0 && { tests: ran }), ...(failed > 0 && { testsFailed: failed }), ...(rules > 0 && { rules }), ...(packages > 0 && { packages }) };
  }
}

function linesOf(coverage: Readonly<Record<string, FileCoverage>>): { lines?: CoverageCount } {
  const files = Object.values(coverage);
  if (files.length === 0) return {};
  return { lines: { total: files.reduce((sum, file) => sum + file.lines.total, 0), covered: files.reduce((sum, file) => sum + file.lines.covered, 0) } };
}

function inspectedBy(outcome: CheckOutcome): Inspected | undefined {
  return outcome.status === 'skipped' ? undefined : outcome.inspected;
}
