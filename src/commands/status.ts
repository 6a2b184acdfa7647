import type { Command } from 'commander';
import type { Coordination } from '../model/documents.ts';
import type { FileLock } from '../model/lease.ts';
import { hasEnded } from '../orchestrator/coordination.ts';
import { OrchestratorTrouble } from '../orchestrator/orchestrator-trouble.ts';
import { allTasks, teamIds, type RelayState } from '../orchestrator/relay-state.ts';
import { printable } from '../reporters/pretty/text.ts';
import { leasesOf } from './leases-of.ts';
import { answer, done, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { lookAfterTeams, lostText } from './look-after-teams.ts';
import { addRelayOptions, openOrchestration, type Orchestration, type RelayOptions } from './orchestration.ts';
import { alignColumns } from './align-columns.ts';

interface StatusOptions extends RelayOptions {
  readonly json?: boolean;
}

export function defineStatus(program: Command, context: CommandContext, finish: Finish): void {
  addRelayOptions(program.command('status'))
    .summary('what every team is at, what waits, who holds which file')
    .description('Print what the relay says: teams, tasks, queue, leases.')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExit code: 0 printed, also where there is no session; 2 the relay cannot be read.')
    .action(async (options: StatusOptions) => {
      finish(await answer(options, context, () => status(options, context)));
    });
}

async function status(options: StatusOptions, context: CommandContext): Promise<CommandAnswer> {
  const orchestration = await openOrchestration(options, context);
  const before = await stateOf(orchestration);
  const isOpen = before.coordination !== null && !hasEnded(before.coordination);
  const lost = isOpen ? await lookAfterTeams(orchestration, context) : [];
  const state = lost.length > 0 ? await stateOf(orchestration) : before;
  const locks = await leasesOf(orchestration.leases, context);
  return done(`${[...statusText(state, locks), ...(lost.length === 0 ? [] : ['', ...lostText(lost).map(printable)])].join('\n')}\n`, { ...state, locks, lost_teams: lost });
}

async function stateOf({ store }: Orchestration): Promise<RelayState> {
  const read = await store.read();
  if (!read.ok) throw new OrchestratorTrouble(read.problem);
  return read.value;
}

function statusText({ coordination }: RelayState, locks: readonly FileLock[]): string[] {
  const held = locks.map(({ file, holder, waiters }) => {
    const who = holder === null ? 'free' : `${holder.team} until ${holder.until}`;
    return `  ${file}  ${who}${waiters.length === 0 ? '' : `, awaited by ${waiters.map(({ team }) => team).join(', ')}`}`;
  });
  const files = held.length === 0 ? [] : ['', 'Leases', ...held];
  if (coordination === null) return ['no session: start one with spark-gates multi-implement TASK…', ...files];
  const { unowned_changes: unowned } = coordination;
  const stray = unowned.length === 0 ? [] : ['', "Changed, and no task's that was begun", ...unowned.map((file) => `  ${printable(file)}`)];
  return [headline(coordination), '', ...teamLines(coordination), '', ...taskLines(coordination), ...stray, ...files];
}

function headline(coordination: Coordination): string {
  const { session_id: session, ended_at: endedAt, current_phase: phase, overall_progress: progress, active_teams: active, execution, synchronisation } = coordination;
  const how = execution === 'sequential' ? 'one team at a time after repeated failures' : synchronisation;
  return `${session}: ${endedAt === null ? `${active} teams at work${phase === null ? '' : `, ${phase}`}` : `ended ${endedAt}`}, ${progress} %, ${how}`;
}

function teamLines(coordination: Coordination): string[] {
  return alignColumns(teamIds(coordination).map((team) => {
    const row = coordination.teams[team];
    return row === undefined || row.task_id === null ? [`  ${team}`, 'idle'] : [`  ${team}`, row.task_id, row.phase ?? '', `${row.progress} %`, row.last_update === null ? '' : `last heard of ${row.last_update}`];
  }));
}

function taskLines(coordination: Coordination): string[] {
  return alignColumns(allTasks(coordination).map(([id, row]) => [`  ${id}`, row.status, row.team ?? '', row.retry_count === 0 ? '' : `retry ${row.retry_count}`, row.reason ?? '']));
}
