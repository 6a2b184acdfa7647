import { InvalidArgumentError, type Command } from 'commander';
import { LIMITS } from '../model/limits.ts';
import { describeRefusal } from '../model/orchestrator-refusal.ts';
import { answer, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { addRelayOptions, openOrchestration, type RelayOptions } from './orchestration.ts';

interface MessageOptions extends RelayOptions {
  readonly blocked?: boolean;
  readonly json?: boolean;
}

/** Who leads the session, as messages name it. */
const ORCHESTRATOR = 'orchestrator';

const HELP = `
What is said to the orchestrator is in the report; what is said to a team is in messages_from_teams of its context. With --blocked
both teams find it among their blockers. Saying something is a sign of life.

Examples:
  $ spark-gates message team1 orchestrator 'the API has no endpoint for this'
  $ spark-gates message team1 team2 'src/types.ts has a new field'
  $ spark-gates message team1 team2 'your change of src/types.ts breaks mine' --blocked

Exit code: 0 noted, 2 could not: no such team, or one that has no task.`;

export function defineMessage(program: Command, context: CommandContext, finish: Finish): void {
  addRelayOptions(program.command('message'))
    .summary('say something to the orchestrator or to another team')
    .description('Say something for a team, through the relay.')
    .argument('<from>', 'team1, team2, …')
    .argument('<to>', `${ORCHESTRATOR}, team1, team2, …`)
    .argument('<text>', 'what to say', parseText)
    .option('--blocked', 'the team cannot go on because of this; the orchestrator stands for whatever is no team')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (from: string, to: string, text: string, options: MessageOptions) => {
      finish(await answer(options, context, () => message({ from, to, text }, options, context)));
    });
}

async function message({ from, to, text }: { readonly from: string; readonly to: string; readonly text: string }, options: MessageOptions, context: CommandContext): Promise<CommandAnswer> {
  const { orchestrator } = await openOrchestration(options, context);
  const team = to === ORCHESTRATOR ? null : to;
  const noted = await orchestrator.recordMessage({ team: from, text, ...(options.blocked === true ? { blockedBy: team } : team === null ? {} : { to: team }) });
  return noted.ok ? done('', { from, to, text }) : refused(noted.refusal, describeRefusal(noted.refusal));
}

function parseText(value: string): string {
  const text = value.trim();
  if (text === '' || text.length > LIMITS.findingCharsMax) throw new InvalidArgumentError(`It must be a text of at most ${LIMITS.findingCharsMax} characters.`);
  return text;
}
