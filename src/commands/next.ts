import type { Command } from 'commander';
import { describeRefusal } from '../model/orchestrator-refusal.ts';
import { invocationLines } from '../orchestrator/answers.ts';
import { printable } from '../reporters/pretty/text.ts';
import { answer, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { lookAfterTeams, lostText } from './look-after-teams.ts';
import { addRelayOptions, openOrchestration, type RelayOptions } from './orchestration.ts';

interface NextOptions extends RelayOptions {
  readonly json?: boolean;
}

const HELP = `
For whoever starts agents and has seen those that were started end. An agent that is still at work is listed, too: start no
second one for its team.

Exit code: 0 the agents are listed, or none is to be started; 2 it cannot be told.`;

export function defineNext(program: Command, context: CommandContext, finish: Finish): void {
  addRelayOptions(program.command('next'))
    .summary('which agents to start now')
    .description('Print which agents to start now: one for each team that is in a phase which it has not completed.')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: NextOptions) => {
      finish(await answer(options, context, () => next(options, context)));
    });
}

async function next(options: NextOptions, context: CommandContext): Promise<CommandAnswer> {
  const orchestration = await openOrchestration(options, context);
  const read = await orchestration.store.read();
  if (read.ok && read.value.coordination === null) return refused({ reason: 'no-session' }, describeRefusal({ reason: 'no-session' }));
  const lost = await lookAfterTeams(orchestration, context);
  const resumed = await orchestration.orchestrator.resume([]);
  if (!resumed.ok) return refused(resumed.refusal, describeRefusal(resumed.refusal));
  const invocations = resumed.effects.flatMap((effect) => (effect.effect === 'start-agent' ? [effect.invocation] : []));
  const { session_ended: isEnded } = resumed.decision;
  const head = headLine(invocations.length, isEnded);
  return done(`${[head, ...lostText(lost), ...invocationLines(invocations).map(printable)].join('\n')}\n`, { invocations, session_ended: isEnded, instructions: head, lost_teams: lost });
}

function headLine(agents: number, isEnded: boolean): string {
  if (isEnded) return 'No task is left. Run spark-gates report and hand the report over.';
  if (agents === 0) return 'No agent is to be started now.';
  return `Start in one message, as ${agents} call${agents === 1 ? '' : 's'} with description, prompt and subagent_type as given, but none for a team whose agent is still at work:`;
}
