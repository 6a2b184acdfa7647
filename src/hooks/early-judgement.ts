import { GATE_IDS, type GateId } from '../model/gate.ts';
import type { Phase } from '../model/phase.ts';
import { stopsTeam } from '../model/verdict.ts';
import { NOTHING_MEASURED, type GateFailure, type Measured } from '../orchestrator/phase-gates.ts';
import { measureIn, type JudgedTrees } from './judged-trees.ts';
import { tamperings } from './tampering.ts';

/** What is measured when an implementer ends, before tests are anybody's task; the relay measures nothing then. */
const IMPLEMENTATION_GATES: readonly GateId[] = ['syntax_validation', 'type_verification', 'lint_enforcement', 'security_analysis', 'documentation_check'];

export interface EarlyRequest {
  readonly team: string;
  /** Of its task, as assigned. */
  readonly files: readonly string[];
  readonly phase: Phase;
  /** Whether an agent of the team has changed something since it completed a phase, or began. */
  readonly isEdited: boolean;
}

export interface EarlyJudgement {
  readonly measured: Measured;
  /** Empty: the relay may decide. */
  readonly failures: readonly GateFailure[];
  /** A sentence each. */
  readonly tampered: readonly string[];
}

/** What the relay does not look at when a phase is completed, and must not be left behind all the same. */
export async function judgeEarly({ team, files, phase, isEdited }: EarlyRequest, trees: JudgedTrees): Promise<EarlyJudgement> {
  const gates = earlyGates(phase, isEdited);
  const measured = gates.length > 0 && files.length > 0 ? await measureIn(trees, team, gates) : NOTHING_MEASURED;
  const tampered = [...new Set((await Promise.all(trees.map((tree) => tamperings(team, tree)))).flat())];
  const failures = failuresIn(measured);
  return { measured, tampered, failures: failures.length === 0 && tampered.length > 0 ? [tamperingFailure(tampered)] : failures };
}

/** Gates for a phase that the relay completes without them. After a review nothing is measured any more: what was edited since is, then, all of it. */
function earlyGates(phase: Phase, isEdited: boolean): readonly GateId[] {
  if (phase === 'implementation') return IMPLEMENTATION_GATES;
  return phase === 'report' && isEdited ? GATE_IDS : [];
}

/** In the gates' order, of those that were measured. */
export function failuresIn({ gates }: Measured): GateFailure[] {
  return GATE_IDS.flatMap((gate) => {
    const verdict = gates[gate];
    return verdict !== undefined && stopsTeam(verdict) ? [{ gate, verdict }] : [];
  });
}

/** A configuration that was changed and is not the team's stands for the gate that it could have silenced. */
function tamperingFailure([first = '']: readonly string[]): GateFailure {
  return { gate: 'lint_enforcement', verdict: { status: 'failed', reason: first, blocking: true, inspected: { files: 0 }, durationMs: 0, findings: [], blockers: [] } };
}
