import { InvalidArgumentError, type Command } from 'commander';
import { describeRefusal } from '../model/orchestrator-refusal.ts';
import type { EndedSession } from '../orchestrator/end-session.ts';
import { printable } from '../reporters/pretty/text.ts';
import { answer, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { addRelayOptions, openOrchestration, type RelayOptions } from './orchestration.ts';

interface EndSessionOptions extends RelayOptions {
  readonly reason: string;
  readonly json?: boolean;
}

const HELP = `
Tasks that are not finished count as failed, for the reason given; what was completed stays completed. Leases are released, and no
context is at work any more, so that no team is judged for its sake. An agent that goes on nevertheless is told so when it
completes its phase. To forget the session, too, remove the relay's folder afterwards.

Exit code: 0 it has ended, 2 it could not: there is none, or it had ended before.`;

export function defineEndSession(program: Command, context: CommandContext, finish: Finish): void {
  addRelayOptions(program.command('end-session'))
    .summary('give up the session, whatever state it is in')
    .description('Give up the session, whatever state it is in.')
    .option('--reason <text>', 'why, for the report', parseReason, 'given up by hand')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: EndSessionOptions) => {
      finish(await answer(options, context, () => endSession(options, context)));
    });
}

async function endSession(options: EndSessionOptions, context: CommandContext): Promise<CommandAnswer> {
  const { orchestrator } = await openOrchestration(options, context);
  const ended = await orchestrator.endSession(options.reason);
  return ended.ok ? done(`${toText(ended.decision).map(printable).join('\n')}\n`, { ...ended.decision }) : refused(ended.refusal, describeRefusal(ended.refusal));
}

function toText({ session_id: session, given_up: tasks, teams }: EndedSession): string[] {
  return [
    `ended ${session}${tasks.length === 0 ? '' : `, giving up ${tasks.join(', ')}`}`,
    ...(teams.length === 0 ? [] : [`end the agents of ${teams.join(', ')}, where they still run`]),
  ];
}

function parseReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Say why.');
  return text.trim();
}
