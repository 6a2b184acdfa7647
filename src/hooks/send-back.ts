import path from 'node:path';
import { HOOK_LIMITS } from '../model/limits.ts';
import type { Phase } from '../model/phase.ts';
import type { GateFailure, Measured } from '../orchestrator/phase-gates.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { systemDisk } from '../system/disk.ts';
import { feedbackText, fingerprintOf, findingText } from './feedback.ts';
import { agentRow, updateLedger } from './ledger.ts';
import type { HookDecision, HookRequest } from './request.ts';
import type { HookSurroundings } from './surroundings.ts';

/** What a judgement has come to. */
export interface Judged {
  readonly id: string;
  readonly phase: Phase;
  readonly assignment: number;
  /** Empty: the phase is completed, or it is no longer this agent's. */
  readonly failures: readonly GateFailure[];
  readonly warnings: readonly string[];
  readonly measured: Measured;
  /** The relay has given the task up: there is nothing to go back to. */
  readonly isEnd: boolean;
  /** It was decided before this judgement was there: by another hook for the same end, or for another agent. */
  readonly isOvertaken: boolean;
  readonly note: string | null;
}

type TeamRequest = HookRequest & { readonly team: string };

/**
 * Keeps the agent with what was found, three times at most, and no longer once two verdicts in a row were the same: then it may go, its phase is
 * not completed, and that is written down.
 */
export async function sendBack(request: TeamRequest, surroundings: HookSurroundings, judged: Judged): Promise<HookDecision> {
  const { failures, phase, isEnd } = judged;
  const fingerprint = fingerprintOf(failures);
  const { round, isStuck } = await countRound(request, surroundings, { fingerprint, assignment: judged.assignment });
  if (isEnd || isStuck || round > HOOK_LIMITS.blocksMax) {
    const why = isEnd ? 'its task has failed' : isStuck ? 'nothing was mended since it was sent back the last time' : `it was sent back ${String(HOOK_LIMITS.blocksMax)} times`;
    return release(request, surroundings, { judged, why });
  }
  const report = await writeReport(request, surroundings, judged);
  return { kind: 'block', reason: feedbackText({ team: request.team, phase, failures, warnings: judged.warnings, round, report, reach: surroundings.reach }) };
}

/** The agent may end. Its row says what became of it. */
export async function noteStop(request: HookRequest, { folder, clock }: Pick<HookSurroundings, 'folder' | 'clock'>, outcome: 'completed' | 'released' | null): Promise<void> {
  const { agentId, team, role, sessionId } = request;
  if (agentId === null || team === null) return;
  await updateLedger({ folder, disk: systemDisk }, (ledger) => {
    const row = agentRow(ledger, agentId, { team, role, session_id: sessionId });
    row.stopped_at = new Date(clock.now()).toISOString();
    if (outcome !== null) row.outcome = outcome;
    // The next phase, or the next message to it, begins with a clean sheet.
    if (outcome === 'completed') Object.assign(row, { blocks: 0, fingerprint: null, edited: false, roots: [] });
  });
}

/** A client that gives its agents no number has one agent a team, as far as can be told. */
function countRound({ agentId, team, role, sessionId, begunMs }: TeamRequest, { folder, clock }: HookSurroundings, { fingerprint, assignment }: { readonly fingerprint: string; readonly assignment: number }): Promise<{ round: number; isStuck: boolean }> {
  return updateLedger({ folder, disk: systemDisk }, (ledger) => {
    const row = agentRow(ledger, agentId ?? team, { team, role, session_id: sessionId });
    const isSame = row.outcome === 'blocked' && row.fingerprint === fingerprint;
    // Sent back after this hook was called: that was for the same end of the agent, by a hook that is set up twice.
    if (isSame && begunMs !== undefined && row.blocked_at !== null && Date.parse(row.blocked_at) >= begunMs) return { round: row.blocks, isStuck: false };
    row.blocks += 1;
    Object.assign(row, { fingerprint, assignment, outcome: 'blocked', blocked_at: new Date(clock.now()).toISOString(), edited: true });
    return { round: row.blocks, isStuck: isSame };
  });
}

const WHAT_NEXT: Readonly<Record<string, string>> = { reassign: '; the task goes to another agent, with what was done', escalate: '; the task has failed, tell a person' };

async function release(request: TeamRequest, surroundings: HookSurroundings, { judged, why }: { readonly judged: Judged; readonly why: string }): Promise<HookDecision> {
  const { team } = request;
  const gates = judged.failures.map(({ gate }) => gate).join(', ');
  const said = `${team} may end ${judged.phase} of ${judged.id} without having completed it (${gates}): ${why}`;
  await noteStop(request, surroundings, 'released');
  await writeReport(request, surroundings, judged);
  // Where the relay has given the task up, it knows why itself, and where the phase is another agent's, that one is at work. Otherwise the agent has ended
  // without its phase: the task goes to another, or has failed.
  const lost = judged.isEnd || judged.isOvertaken ? null : await surroundings.orchestratorWith(surroundings.measure).handleTeamCrash({ team, reason: said, assignment: judged.assignment });
  await surroundings.leases.releaseAll(team);
  return { kind: 'pass', note: `spark-gates: ${said}${lost?.ok === true ? WHAT_NEXT[lost.decision.action] ?? '' : ''}` };
}

/** Everything that was found, beside the relay's documents; null where the disk does not take it. */
async function writeReport({ team }: TeamRequest, { folder, clock }: HookSurroundings, { id, phase, failures, warnings }: Judged): Promise<string | null> {
  const file = path.join(folder, 'agent-output', `${team}-gates.md`);
  const sections = failures.map(({ gate, verdict }) => [`## ${gate}: ${verdict.status}`, ...(verdict.reason === null ? [] : [verdict.reason]), ...verdict.findings.map((finding) => `- ${findingText(finding)}\n${indented(finding.message)}`)].join('\n'));
  const text = [`# ${team}: ${phase} of ${id}, ${new Date(clock.now()).toISOString()}`, ...warnings, ...sections].join('\n\n');
  try {
    await writeFileAtomic(file, `${text}\n`);
    return file;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

function indented(text: string): string {
  return text.split('\n').map((line) => `    ${line}`).join('\n');
}
