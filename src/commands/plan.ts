import type { Command } from 'commander';
import type { ResultCache } from '../cache/result-cache.ts';
import { describeFailure } from '../model/failure.ts';
import { GATE_IDS, type GateId } from '../model/gate.ts';
import type { Cell, Lane, PreparedRun } from '../runner/index.ts';
import { loadCosts, NO_COSTS } from '../runner/durations.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import { describeMachine } from '../system/machine.ts';
import type { CommandContext, ExitCode, Finish } from './command-context.ts';
import { addWorkspaceOptions, toRequest, type WorkspaceOptions } from './run-options.ts';
import { unlessAborted } from './unless-aborted.ts';

interface PlanOptions extends WorkspaceOptions {
  readonly json?: boolean;
  readonly why?: boolean;
}

const EXAMPLES = `
Examples:
  $ spark-gates plan
  $ spark-gates plan --team api='src/api/**' --team web='src/web/**'
  $ spark-gates plan --json

Exit code: 0 planned, 2 could not.`;

export function definePlan(program: Command, context: CommandContext, finish: Finish): void {
  const command = program
    .command('plan')
    .summary('what would run, and for whom; runs nothing')
    .description('Print the checks that `run` would do for the same paths, teams and gates, which of them each serves, and why some need none. Runs nothing.')
    .argument('[paths...]', 'as for run');
  addWorkspaceOptions(command)
    .option('--json', 'print one JSON document')
    .option('--why', 'say of each check whether its result is kept, and if not, why')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: PlanOptions) => {
      finish(await plan(paths, options, context));
    });
}

async function plan(paths: readonly string[], options: PlanOptions, context: CommandContext): Promise<ExitCode> {
  const { request, notes } = await toRequest(paths, options, context);
  // Loaded here, so that help and usage errors need not wait for the engines of all gates.
  const { arrangeLanes, prepareCached } = await import('../runner/index.ts');
  const result = await unlessAborted(prepareCached(request, context.clock), context.signal);
  if (result === null) return context.signal.reason as ExitCode;
  if (!result.ok) {
    context.stderr.write(`spark-gates: ${result.problem}\n`);
    return 2;
  }
  const prepared = { ...result.prepared, notes: [...notes, ...result.prepared.notes] };
  const folder = cacheFolder(context.environment);
  const costs = folder === null ? NO_COSTS : await loadCosts(folder, prepared.workspace.root);
  const lanes = arrangeLanes(prepared.plan.checks, costs.ms);
  const why = options.why === true ? await explainChecks(prepared, result.cache) : null;
  context.stdout.write(options.json === true ? `${JSON.stringify(planDocument(prepared, lanes, why), null, 2)}\n` : `${[...planText(prepared, lanes), ...whyLines(why)].join('\n')}\n`);
  return 0;
}

/** Of each check whether its result is kept, and if not, why. */
async function explainChecks({ plan: { checks }, workspace }: PreparedRun, cache: ResultCache | null): Promise<ReadonlyMap<string, string>> {
  const kept = await cache?.lookUp(checks, workspace);
  const reasons = await cache?.explain(workspace);
  return new Map(checks.map(({ id }) => [id, kept?.has(id) === true ? 'kept' : (reasons?.get(id) ?? 'no results are kept here')]));
}

function whyLines(why: ReadonlyMap<string, string> | null): string[] {
  return why === null ? [] : ['', 'Kept results', ...[...why].map(([check, reason]) => `  ${check}: ${reason === 'kept' ? reason : `would run: ${reason}`}`)];
}

/** Paths are relative to the root; order is stable between runs except that of lanes, which follows recorded durations. */
function planDocument({ plan: { gates, checks, cells }, workspace, teams, teamSource, notes }: PreparedRun, lanes: readonly Lane[], why: ReadonlyMap<string, string> | null): unknown {
  return {
    version: 1,
    workspace: { root: workspace.root, head: workspace.head },
    teamSource,
    teams: Object.fromEntries(teams.map((team) => [team.name, { files: team.files.length }])),
    gates,
    counts: { checks: checks.length, cells: cells.length },
    checks: checks.map((check) => ({
      id: check.id,
      title: check.title,
      gates: check.gates,
      teams: teamsOf(check.id, cells),
      engine: check.engine,
      engineVersion: check.engineVersion,
      engineOrigin: check.engineOrigin,
      files: check.files.length,
      coresMax: check.slotsMax ?? 1,
      cannotRun: check.foreseen === undefined ? null : describeFailure(check.foreseen),
      ...(why === null ? {} : { why: why.get(check.id) }),
    })),
    lanes: lanes.map((lane) => ({ name: lane.name, checks: lane.checks.map((check) => check.id), expectedMs: Math.round(lane.expectedMs) })),
    cells: cells.map(({ team, gate, checks: its, notes: said }) => ({ team, gate, checks: its, notes: said.map(({ status, reason }) => ({ status, reason })) })),
    notes,
  };
}

function planText(prepared: PreparedRun, lanes: readonly Lane[]): string[] {
  const { plan: { checks, cells, gates }, teams, notes, workspace } = prepared;
  const threads = Math.max(1, Math.min(describeMachine().cores, lanes.length));
  const lines = [workspace.root, ...notes, ''];
  if (workspace.setupProblem !== null) lines.push(`Setup: ${workspace.setupProblem}`, '');
  if (lanes.length > 0) lines.push(`Checks, in the order they start, ${String(threads)} at once:`);
  for (const [index, lane] of lanes.entries()) {
    const number = `${String(index + 1).padStart(3)}.`;
    if (lane.checks.length > 1) lines.push(`${number} one after another in one worker, sharing its memory (about ${seconds(lane.expectedMs)}):`);
    for (const check of lane.checks) {
      const version = check.engineVersion === null ? '' : ` ${check.engineVersion}`;
      const served = teamsOf(check.id, cells);
      const who = served.length === teams.length && teams.length > 1 ? `all ${String(teams.length)} teams` : served.join(', ');
      const time = lane.checks.length > 1 ? '' : ` · about ${seconds(lane.expectedMs)}`;
      lines.push(`${lane.checks.length > 1 ? '     -' : number} ${check.title}`, `       ${check.engine}${version} (${check.engineOrigin}) · ${check.gates.join(', ')} · ${who} · ${count(check.files.length, 'file')}${time}`);
      if (check.foreseen !== undefined) lines.push(`       cannot run: ${describeFailure(check.foreseen)}`);
    }
  }
  const idle = idleLines(cells, teams.length);
  if (idle.length > 0) lines.push('', 'No check for:', ...idle);
  return [...lines, '', ...because(gates, cells, checks.length)];
}

/** What the gates said about cells that they planned nothing for, each sentence once. */
function idleLines(cells: readonly Cell[], teamCount: number): string[] {
  const groups = new Map<string, string[]>();
  for (const cell of cells) {
    const reasons = cell.notes.length === 0 && cell.checks.length === 0 ? [{ status: 'skipped', reason: 'nothing of this team to check' }] : cell.notes;
    for (const { status, reason } of reasons) {
      const key = `${cell.gate} ${status === 'error' ? 'cannot run' : 'skipped'}: ${reason}`;
      groups.set(key, [...(groups.get(key) ?? []), cell.team]);
    }
  }
  return [...groups].map(([text, names]) => `  ${text}${teamCount > 1 ? ` (${names.length === teamCount ? 'all teams' : names.join(', ')})` : ''}`);
}

/** "9 checks for 32 cells, because …": from the cells themselves, so that it cannot claim what is not so. */
function because(gates: readonly GateId[], cells: readonly Cell[], checks: number): string[] {
  const served = cells.filter((cell) => cell.checks.length > 0).length;
  const rows = GATE_IDS.filter((gate) => gates.includes(gate)).flatMap((gate) => {
    const mine = cells.filter((cell) => cell.gate === gate && cell.checks.length > 0);
    const distinct = new Set(mine.flatMap((cell) => cell.checks)).size;
    return mine.length === 0 ? [] : [`  ${gate}: ${count(distinct, 'check')} for ${count(mine.length, 'team')}`];
  });
  const without = cells.length - served;
  const why = [
    ...(checks < served ? ['one program, one test run, one lint of a file serves every team'] : []),
    ...(without > 0 ? [`${count(without, 'cell')} need none`] : []),
  ];
  return [`${count(checks, 'check')} for ${count(cells.length, 'cell')}${why.length > 0 ? `, because ${why.join(', and ')}` : ''}`, ...rows];
}

function teamsOf(check: string, cells: readonly Cell[]): string[] {
  return [...new Set(cells.filter((cell) => cell.checks.includes(check)).map((cell) => cell.team))];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
}
