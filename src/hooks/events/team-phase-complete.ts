import type { GateId } from '../../model/gate.ts';
import { describeRefusal } from '../../model/orchestrator-refusal.ts';
import { presentPhase, isAtWork } from '../../orchestrator/progress.ts';
import { NOTHING_MEASURED, type Measured } from '../../orchestrator/phase-gates.ts';
import { activeTaskOf, type ActiveTask } from '../../orchestrator/relay-state.ts';
import { systemDisk } from '../../system/disk.ts';
import { failuresIn, judgeEarly } from '../early-judgement.ts';
import { phaseOfRole } from '../identity.ts';
import { judgedTrees, measureIn, type JudgedTrees } from '../judged-trees.ts';
import { agentIn, agentsOf, readLedger, type LedgerAgent } from '../ledger.ts';
import { noteStop, sendBack, type Judged } from '../send-back.ts';
import { PASS } from '../request.ts';
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
  const ledger = await readLedger({ folder: surroundings.folder, disk: systemDisk });
  const agent = agentIn(ledger, request.agentId);
  if (isReleased(agent, task)) return { kind: 'pass', note: `spark-gates: this agent was let go from ${task[0]} before; it is another agent's now, which ${team} is to start` };
  const isItsOwn = isItsPhase(request.role, agent, task);
  if (!isItsOwn && agent?.edited !== true) {
    await noteStop(request, surroundings, null);
    return PASS;
  }
  const trees = await judgedTrees(surroundings, agent?.roots ?? []);
  const judged = isItsOwn ? await judge(team, task, { isEdited: agentsOf(ledger, team).some(({ edited }) => edited), trees, surroundings }) : await judgeLeftovers(team, task, trees);
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
function isItsPhase(role: string | null, agent: LedgerAgent | null, [, row]: ActiveTask): boolean {
  const phase = phaseOfRole(role);
  if (phase !== null) return phase === presentPhase(row.phase);
  if (role !== null) return agent?.edited === true;
  // One that ends again, after it has completed its phase, does not complete the next one by that.
  return agent === null || agent.phase === null || agent.phase === presentPhase(row.phase) || agent.edited;
}

/** It may be spoken to again, or end in the eyes of two hooks: the task that it has not done is another agent's by then. */
function isReleased(agent: LedgerAgent | null, [, row]: ActiveTask): boolean {
  return agent?.outcome === 'released' && agent.assignment !== null && agent.assignment < row.assignment;
}

/** It is not its phase, or no longer: nothing is completed by its end, but nothing broken stays behind either. */
async function judgeLeftovers(team: string, [id, row]: ActiveTask, trees: JudgedTrees): Promise<Judged> {
  const { failures, tampered, measured } = await judgeEarly({ team, files: row.files, phase: 'implementation', isEdited: true }, trees);
  return { id, phase: presentPhase(row.phase), assignment: row.assignment, failures, warnings: tampered, measured, isEnd: false, isOvertaken: true, note: null };
}

interface Judging {
  /** Whether an agent of the team has changed something that was not looked at since. */
  readonly isEdited: boolean;
  readonly trees: JudgedTrees;
  readonly surroundings: HookSurroundings;
}

async function judge(team: string, [id, row]: ActiveTask, { isEdited, trees, surroundings }: Judging): Promise<Judged> {
  const phase = presentPhase(row.phase);
  const about = { id, phase, assignment: row.assignment };
  const early = await judgeEarly({ team, files: row.files, phase, isEdited }, trees);
  if (early.failures.length > 0) return { ...about, failures: early.failures, warnings: early.tampered, measured: early.measured, isEnd: false, isOvertaken: false, note: null };
  let measured: Measured = NOTHING_MEASURED;
  const measure = async (name: string, gates: readonly GateId[]): Promise<Measured> => (measured = await measureIn(trees, name, gates));
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
