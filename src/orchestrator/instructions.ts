import type { TaskRow } from '../model/documents.ts';
import { LIMITS } from '../model/limits.ts';
import { contextFile } from '../model/relay-files.ts';
import type { Phase } from '../model/phase.ts';
import { stopsTeam } from '../model/verdict.ts';
import { GATES_BY_PHASE } from './phase-gates.ts';
import { commandLine, type Reach } from './reach.ts';

/** Every sentence that an agent is told to follow. What is decided is decided elsewhere. */

export interface Assigned {
  readonly task: string;
  readonly phase: Phase;
  readonly row: TaskRow & { readonly team: string };
  readonly reach: Reach;
}

const PHASE_WORK: Readonly<Record<Phase, string>> = {
  implementation: 'Implement the task in the files that assigned_files names, and in no others.',
  quality: 'Look over what the team changed and mend what its eight quality gates find; they are measured when you complete the phase.',
  testing: 'Write the tests that are missing and make them pass; tests and coverage are measured when you complete the phase.',
  review: 'Read the whole change as a reviewer would; mend what is wrong and leave the rest as it is. All eight gates are measured once more when you complete the phase.',
  report: 'Write what was done, what was left, and what the next one should know to communication.messages_for_orchestrator of your context.',
};

const WORK_WITHOUT_FILES = 'Do what the task asks. It names no files, so you own none: change no file that another team owns; no gate looks at what you do.';

/** The prompt of an agent, the specification's sentence first. */
export function invocationPrompt({ task, phase, row, reach }: Assigned): string {
  return [
    `Execute ${phase} phase for ${task} using ${contextFile(row.team)}`,
    `Your task is in ${reach.folder}/${contextFile(row.team)}; you are ${row.team}. ${phase === 'implementation' && row.files.length === 0 ? WORK_WITHOUT_FILES : PHASE_WORK[phase]}`,
    `Before you edit a file of shared_resources: ${commandLine(`lock wait <file> --team ${row.team}`, reach)}; afterwards: ${commandLine(`lock release <file> --team ${row.team}`, reach)}. Do not leave such a file out: if the lock cannot be had, add that to communication.blockers of your context.`,
    ...predecessorText(row),
    ...(row.phase === `${phase}_retry` ? [retryInstructions({ task, phase, row, reach })] : []),
    `Give a sign of life every few minutes: ${commandLine(`phase alive ${row.team} --assignment ${row.assignment}`, reach)}; who gives none for ${LIMITS.agentSilentMs / 60_000} minutes is taken for crashed, and the task goes to another team.`,
    `When the phase is done: ${completeCommand(phase, row, reach)}, and do what it answers.`,
  ].join('\n');
}

function predecessorText({ predecessor }: TaskRow): string[] {
  if (predecessor === null) return [];
  const files = predecessor.files_changed.length === 0 ? 'no file is known to have been changed' : `changed so far: ${predecessor.files_changed.join(', ')}`;
  return [`${predecessor.team_id} had this task before and was lost in ${predecessor.phase} (${predecessor.reason}); ${files}. Look at what is there and go on from it.`];
}

export function parallelInstructions(isPipelined: boolean, agents: number): string {
  const order = isPipelined
    ? 'Execute teams in parallel, each team begins its next phase as soon as it is told to'
    : 'Execute teams in parallel per phase, wait for all to complete before next phase';
  return `${order}\nStart all ${agents} invocations in one message, as ${agents} calls with description, prompt and subagent_type as given. Then follow what each spark-gates phase complete answers.`;
}

export function waitInstructions(team: string, phase: Phase, waitingFor: readonly string[]): string {
  return `${team} has completed ${phase}. End now: ${waitingFor.join(', ')} must complete ${phase} before ${team} goes on. Whoever completes it last is told which agents to start.`;
}

export function proceedInstructions(team: string, next: Phase): string {
  return `${team} goes on with ${next}: end now.`;
}

export function startInstructions(agents: readonly string[]): string {
  return `Start in one message: ${agents.join(', ')}, with the prompts given in invocations.`;
}

/** Back to the phase's agent, with what was found. */
export function retryInstructions({ phase, row, reach }: Assigned): string {
  const failed = GATES_BY_PHASE[phase].flatMap((gate) => {
    const result = row.result.gates[gate];
    if (result === undefined || !stopsTeam(result)) return [];
    const more = result.violations - result.findings.length;
    return [
      `${gate} ${result.status === 'error' ? 'could not run' : 'failed'}${result.reason === null ? '' : `: ${result.reason}`}`,
      ...result.findings.map((finding) => `  ${finding}`),
      ...(more > 0 ? [`  and ${more} more: spark-gates run shows all`] : []),
    ];
  });
  return [
    `Retry ${row.retry_count} of ${LIMITS.retriesMax}: ${row.team} has not completed ${phase}. Mend this, without weakening a rule, a threshold or a test:`,
    ...failed,
    `Then: ${completeCommand(phase, row, reach)}`,
  ].join('\n');
}

export function escalateInstructions(task: string, team: string, reason: string, reach: Reach): string {
  return `Task ${task} of ${team} has failed: ${reason}. Start no further agent for it, and tell a person: the reason and the last findings are in ${commandLine('report', reach)}.`;
}

export function reassignInstructions(task: string, lost: string, to: string | null): string {
  return to === null
    ? `${lost} was lost; task ${task} is first in the queue and keeps what was done. It is started when a team is free.`
    : `${lost} was lost; task ${task} goes on with ${to} and keeps what was done. End whatever agent of ${lost} is still there.`;
}

export function completeInstructions(task: string, team: string): string {
  return `Task ${task} of ${team} is completed. End now.`;
}

export function unownedNote(files: readonly string[]): string {
  const more = files.length - LIMITS.unownedNamedMax;
  return `Changed, and no task's that was begun: ${files.slice(0, LIMITS.unownedNamedMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}. Take back what you did not mean to change there: what the gates find in such files blocks every team.`;
}

export function endedInstructions(reach: Reach): string {
  return `No task is left. Run ${commandLine('report', reach)} and hand the report over.`;
}

function completeCommand(phase: Phase, { team, assignment, retry_count: retry }: Assigned['row'], reach: Reach): string {
  return commandLine(`phase complete ${team} ${phase} --assignment ${assignment} --retry ${retry}`, reach);
}
