import { GATE_IDS, type GateId } from '../../model/gate.ts';
import { describeRefusal } from '../../model/orchestrator-refusal.ts';
import { presentPhase, isAtWork } from '../../orchestrator/progress.ts';
import { NOTHING_MEASURED, type GateFailure, type Measured } from '../../orchestrator/phase-gates.ts';
import { activeTaskOf, type ActiveTask } from '../../orchestrator/relay-state.ts';
import { systemDisk } from '../../system/disk.ts';
import { phaseOfRole } from '../identity.ts';
import { readLedger, type LedgerAgent } from '../ledger.ts';
import { noteStop, sendBack, type Judged } from '../send-back.ts';
import { tamperings } from '../tampering.ts';
import { PASS, type HookRequest } from '../request.ts';
import type { HookHandler, HookSurroundings } from '../surroundings.ts';

/** What is measured when an implementer ends, before tests are anybody's task; the relay measures nothing then. */
const IMPLEMENTATION_GATES: readonly GateId[] = ['syntax_validation', 'type_verification', 'lint_enforcement', 'security_analysis', 'documentation_check'];

/**
 * An agent of a team ends: its phase is complete, or it is sent back with what is wrong. An agent that is not at its team's present phase, or has
 * another job and changed nothing, goes at once.
 */
export const teamPhaseComplete: HookHandler = async (request, surroundings) => {
  const { team } = request;
  if (team === null) return PASS;
  const read = await surroundings.store.read();
  if (!read.ok) throw new Error(read.problem);
  const { coordination } = read.value;
  const task = coordination === null ? null : activeTaskOf(coordination, team);
  if (task === null || !isAtWork(task[1]) || !(await isItsPhase(request, task, surroundings))) {
    await noteStop(request, surroundings, null);
    return PASS;
  }
  if (await isReleased(request, task, surroundings)) return { kind: 'pass', note: `spark-gates: this agent was let go from ${task[0]} before; it is another agent's now, which ${team} is to start` };
  const judged = await judge({ ...request, team }, task, surroundings);
  if (judged.failures.length > 0) return sendBack({ ...request, team }, surroundings, judged);
  if (judged.isOvertaken) {
    await noteStop(request, surroundings, null);
    return judged.note === null ? PASS : { kind: 'pass', note: judged.note };
  }
  await noteStop(request, surroundings, 'completed');
  await surroundings.leases.releaseAll(team);
  return judged.note === null ? PASS : { kind: 'pass', note: judged.note };
};

/** A role is for one phase; an agent without one is for whichever its team is in. One of another kind counts when it has changed something. */
async function isItsPhase({ role, agentId }: HookRequest, [, row]: ActiveTask, { folder }: HookSurroundings): Promise<boolean> {
  const phase = phaseOfRole(role);
  if (phase !== null) return phase === presentPhase(row.phase);
  const known = await knownAgent(agentId, folder);
  if (role !== null) return known?.edited === true;
  // One that ends again, after it has completed its phase, does not complete the next one by that.
  return known === undefined || known.phase === null || known.phase === presentPhase(row.phase) || known.edited;
}

/** It may be spoken to again, or end in the eyes of two hooks: the task that it has not done is another agent's by then. */
async function isReleased({ agentId }: HookRequest, [, row]: ActiveTask, { folder }: HookSurroundings): Promise<boolean> {
  const known = await knownAgent(agentId, folder);
  return known?.outcome === 'released' && known.assignment !== null && known.assignment < row.assignment;
}

async function knownAgent(agentId: string | null, folder: string): Promise<LedgerAgent | undefined> {
  const { agents } = await readLedger({ folder, disk: systemDisk });
  return agentId !== null && Object.hasOwn(agents, agentId) ? agents[agentId] : undefined;
}

async function judge(request: HookRequest & { readonly team: string }, [id, row]: ActiveTask, surroundings: HookSurroundings): Promise<Judged> {
  const { team } = request;
  const phase = presentPhase(row.phase);
  let measured: Measured = NOTHING_MEASURED;
  const measure = async (name: string, gates: readonly GateId[]): Promise<Measured> => (measured = await surroundings.measure(name, gates));
  if (phase === 'implementation' && row.files.length > 0) await measure(team, IMPLEMENTATION_GATES);
  const about = { id, phase, assignment: row.assignment };
  const tampered = await tamperings(team, row.files, surroundings);
  const early = failuresIn(measured);
  if (early.length > 0 || tampered.length > 0) return { ...about, failures: orTampering(early, tampered), warnings: tampered, measured, isEnd: false, isOvertaken: false, note: null };
  const answer = await surroundings.orchestratorWith(measure).handleTeamCompletion({ team, phase, assignment: row.assignment, retry: row.retry_count });
  if (!answer.ok) {
    // Nobody has decided anything then.
    if (answer.refusal.reason === 'relay-unavailable') throw new Error(describeRefusal(answer.refusal));
    // Another hook for the same agent was quicker, or the task is another's by now: whoever was quicker has the answer.
    return { ...about, failures: [], warnings: [], measured, isEnd: false, isOvertaken: true, note: `spark-gates: ${describeRefusal(answer.refusal)}` };
  }
  const { action, reason } = answer.decision;
  const failures = action === 'retry' || action === 'escalate' ? failuresIn(measured) : [];
  return { ...about, failures, warnings: [], measured, isEnd: action === 'escalate', isOvertaken: false, note: action === 'escalate' ? `spark-gates: task ${id} of ${team} has failed: ${reason ?? 'its gates'}` : null };
}

/** In the gates' order, of those that were measured. */
function failuresIn({ gates }: Measured): GateFailure[] {
  return GATE_IDS.flatMap((gate) => {
    const verdict = gates[gate];
    return verdict === undefined || !verdict.blocking || (verdict.status !== 'failed' && verdict.status !== 'error') ? [] : [{ gate, verdict }];
  });
}

/** A configuration that was changed and is not the team's stands for the gate that it could have silenced. */
function orTampering(failures: readonly GateFailure[], tampered: readonly string[]): GateFailure[] {
  if (failures.length > 0) return [...failures];
  const [first = ''] = tampered;
  return [{ gate: 'lint_enforcement', verdict: { status: 'failed', reason: first, blocking: true, inspected: { files: 0 }, durationMs: 0, findings: [], blockers: [] } }];
}
