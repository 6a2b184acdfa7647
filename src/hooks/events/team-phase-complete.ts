import type { GateId } from '../../model/gate.ts';
import { describeRefusal } from '../../model/orchestrator-refusal.ts';
import { presentPhase, isAtWork } from '../../orchestrator/progress.ts';
import { NOTHING_MEASURED, type Measured } from '../../orchestrator/phase-gates.ts';
import { activeTaskOf, type ActiveTask } from '../../orchestrator/relay-state.ts';
import { systemDisk } from '../../system/disk.ts';
import { earlyGates, failuresIn, IMPLEMENTATION_GATES, judgeEarly } from '../early-judgement.ts';
import { phaseOfRole } from '../identity.ts';
import { readLedger, type LedgerAgent } from '../ledger.ts';
import { noteStop, sendBack, type Judged } from '../send-back.ts';
import { PASS, type HookRequest } from '../request.ts';
import type { HookHandler, HookSurroundings } from '../surroundings.ts';

/**
 * An agent of a team ends: its phase is complete, or it is sent back with what is wrong. An agent that is not at its team's present phase, or has
 * another job, goes at once when it has changed nothing, else when what it leaves behind holds.
 */
export const teamPhaseComplete: HookHandler = async (request, surroundings) => {
  const { team } = request;
  if (team === null) return PASS;
  const read = await surroundings.store.read();
  if (!read.ok) throw new Error(read.problem);
  const { coordination } = read.value;
  const task = coordination === null ? null : activeTaskOf(coordination, team);
  if (task === null || !isAtWork(task[1])) {
    await noteStop(request, surroundings, null);
    return PASS;
  }
  if (await isReleased(request, task, surroundings)) return { kind: 'pass', note: `spark-gates: this agent was let go from ${task[0]} before; it is another agent's now, which ${team} is to start` };
  const isItsOwn = await isItsPhase(request, task, surroundings);
  if (!isItsOwn && !(await hasEdited(request, surroundings))) {
    await noteStop(request, surroundings, null);
    return PASS;
  }
  const judged = isItsOwn ? await judge({ ...request, team }, task, surroundings) : await judgeLeftovers(team, task, surroundings);
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

/** Since it has completed a phase, whichever its team is in: nobody else may look at it again. */
async function hasEdited({ agentId }: HookRequest, { folder }: HookSurroundings): Promise<boolean> {
  return (await knownAgent(agentId, folder))?.edited === true;
}

async function knownAgent(agentId: string | null, folder: string): Promise<LedgerAgent | undefined> {
  const { agents } = await readLedger({ folder, disk: systemDisk });
  return agentId !== null && Object.hasOwn(agents, agentId) ? agents[agentId] : undefined;
}

/** It is not its phase, or no longer: nothing is completed by its end, but nothing broken stays behind either. */
async function judgeLeftovers(team: string, [id, row]: ActiveTask, surroundings: HookSurroundings): Promise<Judged> {
  const { failures, tampered, measured } = await judgeEarly({ team, files: row.files, gates: IMPLEMENTATION_GATES }, surroundings);
  return { id, phase: presentPhase(row.phase), assignment: row.assignment, failures, warnings: tampered, measured, isEnd: false, isOvertaken: true, note: null };
}

async function judge(request: HookRequest & { readonly team: string }, [id, row]: ActiveTask, surroundings: HookSurroundings): Promise<Judged> {
  const { team } = request;
  const phase = presentPhase(row.phase);
  const about = { id, phase, assignment: row.assignment };
  const { agents } = await readLedger({ folder: surroundings.folder, disk: systemDisk });
  const isEdited = Object.values(agents).some((agent) => agent.team === team && agent.edited);
  const early = await judgeEarly({ team, files: row.files, gates: earlyGates(phase, isEdited) }, surroundings);
  if (early.failures.length > 0) return { ...about, failures: early.failures, warnings: early.tampered, measured: early.measured, isEnd: false, isOvertaken: false, note: null };
  let measured: Measured = NOTHING_MEASURED;
  const measure = async (name: string, gates: readonly GateId[]): Promise<Measured> => (measured = await surroundings.measure(name, gates));
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
