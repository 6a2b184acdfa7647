import { InvalidArgumentError, type Command } from 'commander';
import { judgeEarly, type EarlyRequest } from '../hooks/early-judgement.ts';
import { findingText } from '../hooks/feedback.ts';
import { judgedTrees, measureIn, type JudgedTrees } from '../hooks/judged-trees.ts';
import { agentsOf, readLedger } from '../hooks/ledger.ts';
import { describeRefusal } from '../model/orchestrator-refusal.ts';
import { PHASES, type Phase } from '../model/phase.ts';
import type { Answer } from '../orchestrator/multi-team-orchestrator.ts';
import { completionAnswer } from '../orchestrator/answers.ts';
import type { TeamDecision } from '../orchestrator/decision.ts';
import { presentPhase } from '../orchestrator/progress.ts';
import { activeTaskOf } from '../orchestrator/relay-state.ts';
import { printable } from '../reporters/pretty/text.ts';
import { systemDisk } from '../system/disk.ts';
import { answer, cancelled, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { surroundingsOf } from './hook.ts';
import { lookAfterTeams, lostText } from './look-after-teams.ts';
import { nearest } from './nearest.ts';
import { addRelayOptions, openOrchestration, type RelayOptions } from './orchestration.ts';

interface PhaseOptions extends RelayOptions {
  readonly assignment?: number;
  readonly retry?: number;
  readonly json?: boolean;
}

const COMPLETE_HELP = `
Examples:
  $ spark-gates phase complete team1 implementation
  $ spark-gates phase complete team1 quality --assignment 3 --retry 1 --json

Exit code: 0 the phase is completed, 1 it is not (the gates found something; the answer says what comes next),
2 it could not be: no such team, not its turn, or the relay cannot be used. Nothing has changed then.`;

const ALIVE_HELP = `
A team whose agent gives no sign of life for too long is taken for crashed, and its task is given to another.

Exit code: 0 noted, 2 could not: no such team, or its task was given to another.`;

const CRASHED_HELP = `
Exit code: 0 noted, the answer says what comes next; 2 could not: no such team, or its task was given to another.`;

export function definePhase(program: Command, context: CommandContext, finish: Finish): void {
  const phase = program.command('phase').summary('say how far a team is').description('Say that a team has completed a phase, that it is alive, or that its agent has died.');
  addRelayOptions(phase.command('complete'))
    .summary('a team has completed a phase: measure, decide, say what comes next')
    .description('Measure the gates of the phase for the team (quality: all eight; testing: tests and integration), decide, and say what comes next.')
    .argument('<team>', 'team1, team2, …')
    .argument('<phase>', PHASES.join(', '), parsePhase)
    .option('--assignment <n>', 'what the agent was started for; refused when the task was given to another since', parseCount)
    .option('--retry <n>', 'the retry that it was started for; refused when there was another since', parseCount)
    .option('--json', 'print one JSON document')
    .addHelpText('after', COMPLETE_HELP)
    .action(async (team: string, name: Phase, options: PhaseOptions) => {
      finish(await answer(options, context, () => complete(team, name, options, context)));
    });
  addRelayOptions(phase.command('alive'))
    .summary('a sign of life of a team')
    .description('Note a sign of life of a team.')
    .argument('<team>', 'team1, team2, …')
    .option('--assignment <n>', 'what the agent was started for', parseCount)
    .option('--json', 'print one JSON document')
    .addHelpText('after', ALIVE_HELP)
    .action(async (team: string, options: PhaseOptions) => {
      finish(await answer(options, context, () => alive(team, options, context)));
    });
  addRelayOptions(phase.command('crashed'))
    .summary("a team's agent has died: its task goes to another team")
    .description("Say that a team's agent has died, or ended without completing its phase: leases are released, and the task goes to another team.")
    .argument('<team>', 'team1, team2, …')
    .option('--reason <text>', 'what was seen', parseText, 'its agent has ended')
    .option('--assignment <n>', 'what the agent was started for; refused when the task was given to another since', parseCount)
    .option('--json', 'print one JSON document')
    .addHelpText('after', CRASHED_HELP)
    .action(async (team: string, options: PhaseOptions & { readonly reason: string }) => {
      finish(await answer(options, context, () => crashed(team, options, context)));
    });
}

async function complete(team: string, phase: Phase, options: PhaseOptions, context: CommandContext): Promise<CommandAnswer> {
  const orchestration = await openOrchestration(options, context);
  const surroundings = surroundingsOf(orchestration, context);
  const own = agentsOf(await readLedger({ folder: orchestration.folder, disk: systemDisk }), team);
  // Whoever has ended was judged then.
  const trees = await judgedTrees(surroundings, own.filter((agent) => agent.stopped_at === null).flatMap(({ roots }) => roots));
  const early = own.length === 0 ? null : await judgeAsHook({ team, phase, isEdited: own.some(({ edited }) => edited) }, trees);
  if (early !== null) return early;
  const orchestrator = surroundings.orchestratorWith((name, gates) => measureIn(trees, name, gates));
  const completion = { team, phase, ...asked(options), ...(options.retry === undefined ? {} : { retry: options.retry }) };
  // Not left but waited for when it is cancelled: gates hold processes and temporary folders.
  const completed = await orchestrator.handleTeamCompletion(completion).catch((error: unknown) => {
    if (context.signal.aborted) return null;
    throw error;
  });
  if (completed === null) return cancelled(context);
  if (!completed.ok) return refuse(completed);
  const { decision } = completed;
  const lost = await lookAfterTeams(orchestration, context);
  const said = done([completionAnswer(decision), ...lostText(lost).map((line) => `${line}\n`)].join(''), { ...decision, lost_teams: lost });
  return isCompleted(decision) ? said : { ...said, exitCode: 1, message: decision.instructions.split('\n')[0] ?? '' };
}

/** Where hooks look after a team's agents, its command is no way round what they would say of it. Null: nothing speaks against it. */
async function judgeAsHook({ team, phase, isEdited }: Omit<EarlyRequest, 'files'>, trees: JudgedTrees): Promise<CommandAnswer | null> {
  const read = await trees[0].store.read();
  const task = read.ok && read.value.coordination !== null ? activeTaskOf(read.value.coordination, team) : null;
  if (task === null || presentPhase(task[1].phase) !== phase) return null;
  const { failures, tampered } = await judgeEarly({ team, files: task[1].files, phase, isEdited }, trees);
  if (failures.length === 0) return null;
  const lines = [`${phase} of ${task[0]} is not completed`, ...tampered, ...failures.flatMap(({ gate, verdict }) => [`${gate} ${verdict.status}${verdict.reason === null ? '' : `: ${verdict.reason}`}`, ...verdict.findings.map(findingText)])];
  return { ...done(`${lines.map(printable).join('\n')}\n`, { team_id: team, phase }), exitCode: 1, message: lines[0] ?? '' };
}

async function alive(team: string, options: PhaseOptions, context: CommandContext): Promise<CommandAnswer> {
  const { orchestrator } = await openOrchestration(options, context);
  const noted = await orchestrator.recordActivity({ team, ...asked(options) });
  return noted.ok ? done('', { team_id: team }) : refuse(noted);
}

async function crashed(team: string, options: PhaseOptions & { readonly reason: string }, context: CommandContext): Promise<CommandAnswer> {
  const { orchestrator } = await openOrchestration(options, context);
  const lost = await orchestrator.handleTeamCrash({ team, reason: options.reason, ...asked(options) });
  return lost.ok ? done(`${lost.decision.action}\n${lost.decision.instructions}\n`, { ...lost.decision }) : refuse(lost);
}

function isCompleted({ action }: TeamDecision): boolean {
  return action === 'wait_for_other_teams' || action === 'proceed_to_next_phase' || action === 'complete';
}

function asked({ assignment }: PhaseOptions): { assignment?: number } {
  return assignment === undefined ? {} : { assignment };
}

function refuse({ refusal }: Extract<Answer<unknown>, { ok: false }>): CommandAnswer {
  return refused(refusal, describeRefusal(refusal));
}

function parsePhase(value: string): Phase {
  const phase = PHASES.find((one) => one === value);
  if (phase !== undefined) return phase;
  const meant = nearest(value, PHASES);
  throw new InvalidArgumentError(`There is no phase "${value}". ${meant === null ? `The phases are ${PHASES.join(', ')}.` : `Did you mean ${meant}?`}`);
}

function parseText(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('Say what was seen.');
  return value.trim();
}

function parseCount(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}
