import { GATE_IDS, type GateId } from '../model/gate.ts';
import type { CoverageCount } from '../model/measurement.ts';
import type { Phase } from '../model/phase.ts';
import { stopsTeam, type Verdict } from '../model/verdict.ts';

/**
 * Which gates are measured when a team says that it has completed a phase. Testing and review change code, so that what was
 * measured before them holds no longer: the last word on a task is a measurement of all eight.
 */
export const GATES_BY_PHASE: Readonly<Record<Phase, readonly GateId[]>> = {
  implementation: [],
  quality: GATE_IDS,
  testing: ['test_coverage', 'integration_test'],
  review: GATE_IDS,
  report: [],
};

/** What was measured for one team at the end of a phase. */
export interface Measured {
  /** A gate that should have been measured and is missing here counts as one that could not run. */
  readonly gates: Readonly<Partial<Record<GateId, Verdict>>>;
  /** Null when no tests were run. */
  readonly tests: { readonly passed: number; readonly failed: number } | null;
  /** Lines of the team's own files; null when coverage was not measured. */
  readonly coverage: CoverageCount | null;
  /** What really changed in the tree since the session began, all teams' files, from the root; null when that cannot be told. */
  readonly filesChanged: readonly string[] | null;
  /** Likewise, the files that are gone. */
  readonly filesRemoved: readonly string[];
}

export const NOTHING_MEASURED: Measured = { gates: {}, tests: null, coverage: null, filesChanged: null, filesRemoved: [] };

const NOT_MEASURED: Verdict = { status: 'error', reason: 'the gate was asked for and not measured', blocking: true, inspected: { files: 0 }, durationMs: 0, findings: [], blockers: [] };

/** The verdict of each gate of the phase, in the gates' order. */
export function phaseVerdicts(phase: Phase, measured: Measured): [GateId, Verdict][] {
  return GATES_BY_PHASE[phase].map((gate) => [gate, measured.gates[gate] ?? NOT_MEASURED]);
}

export interface GateFailure {
  readonly gate: GateId;
  readonly verdict: Verdict;
}

/** What keeps the phase from being completed: gates that failed, and gates that could not run. Empty: the phase holds. */
export function validatePhaseResults(phase: Phase, measured: Measured): GateFailure[] {
  return phaseVerdicts(phase, measured)
    .filter(([, verdict]) => stopsTeam(verdict))
    .map(([gate, verdict]) => ({ gate, verdict }));
}
