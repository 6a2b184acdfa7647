import type { Command } from 'commander';
import { describeRefusal } from '../model/lock-refusal.ts';
import { describeRefusal as describeOrchestratorRefusal } from '../model/orchestrator-refusal.ts';
import { OrchestratorTrouble } from '../orchestrator/orchestrator-trouble.ts';
import type { ConsolidatedReport } from '../orchestrator/report.ts';
import { renderMarkdown } from '../orchestrator/report-markdown.ts';
import { answer, done, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { addRelayOptions, openOrchestration, type Orchestration, type RelayOptions } from './orchestration.ts';

interface ReportOptions extends RelayOptions {
  readonly json?: boolean;
}

export function defineReport(program: Command, context: CommandContext, finish: Finish): void {
  addRelayOptions(program.command('report'))
    .summary('the consolidated report of the session')
    .description('Print what was measured of the session so far, as Markdown.')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExit code: 0 printed, 2 there is no session, or the relay cannot be read.')
    .action(async (options: ReportOptions) => {
      finish(await answer(options, context, () => report(options, context)));
    });
}

async function report(options: ReportOptions, context: CommandContext): Promise<CommandAnswer> {
  const consolidated = await consolidate(await openOrchestration(options, context));
  return done(renderMarkdown(consolidated), { ...consolidated });
}

export async function consolidate({ orchestrator, leases }: Orchestration): Promise<ConsolidatedReport> {
  const contention = await leases.contention();
  if (!contention.ok) throw new OrchestratorTrouble(describeRefusal(contention.refusal));
  const { requests, contended } = contention.value;
  const answer = await orchestrator.report(requests === 0 ? null : { acquisitions: requests, contended });
  if (!answer.ok) throw new OrchestratorTrouble(describeOrchestratorRefusal(answer.refusal), answer.refusal.reason);
  if (answer.decision === null) throw new OrchestratorTrouble(describeOrchestratorRefusal({ reason: 'no-session' }), 'no-session');
  return answer.decision;
}
