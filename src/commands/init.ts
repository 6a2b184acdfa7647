import { InvalidArgumentError, type Command } from 'commander';
import path from 'node:path';
import { applyChanges } from '../installer/apply-changes.ts';
import { clientFolder } from '../installer/client-folder.ts';
import type { FileChange } from '../installer/files.ts';
import { describeIgnored } from '../installer/ignored-files.ts';
import { planInstall, type Plan } from '../installer/install.ts';
import { MARKETPLACE_FOLDER } from '../installer/settings-text.ts';
import { LIMITS } from '../model/limits.ts';
import { ownVersion } from '../system/own-version.ts';
import { findRoot } from '../workspace/root.ts';
import { answer, cancelled, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { parsePath } from './orchestration.ts';

interface InitOptions {
  readonly plugin?: boolean;
  readonly teams?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly cwd?: string;
}

const HELP = `
What it writes is for everybody who works here: commit it. Hooks are put into .claude/settings.json behind what is there; a
file that is not of spark-gates is never replaced, and where one is in the way nothing is written at all. To have everything as
it was: spark-gates uninstall.

Exit code: 0 set up, or nothing to do, or you said no; 2 it could not be, and nothing has changed.`;

export function defineInit(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('init')
    .summary('set up hooks, agents and the command /multi_implement for a coding agent')
    .description('Set this repository up for the client: hooks, an agent for each role of each team, and the command /multi_implement. Says what it writes.')
    .option('--plugin', 'enable the plugin instead, which brings all that; only .claude/settings.json is changed')
    .option('--teams <n>', `teams that get agents (default: ${LIMITS.parallelTeamsDefault})`, parseTeamCount)
    .option('--dry-run', 'only say what would be written')
    .option('-y, --yes', 'at a terminal: write without asking')
    .option('--cwd <dir>', 'a folder of the repository (default: this one)', parsePath)
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: InitOptions) => {
      finish(await answer(options, context, () => init(options, context)));
    });
}

async function init(options: InitOptions, context: CommandContext): Promise<CommandAnswer> {
  const { root, isGit } = await findRoot(path.resolve(context.cwd, options.cwd ?? '.'), context.environment);
  const form = options.plugin === true ? 'plugin' : 'project';
  const planned = await planInstall({ root, form, teams: options.teams ?? null, version: ownVersion(), clientFolder: clientFolder(context.environment) });
  if (!planned.ok) return refused({ reason: 'in-the-way' }, ...planned.problems);
  const { changes } = planned.plan;
  const ignored = isGit ? await describeIgnored(root, changes.map(({ file }) => file), context.environment) : null;
  const notes = [...planned.plan.notes, ...(ignored === null ? [] : [ignored])];
  const isDry = options.dryRun === true;
  if (!isDry && !(await mayWrite({ changes, notes }, options, context))) return context.signal.aborted ? cancelled(context) : done('Nothing was written.\n', {});
  const trouble = isDry ? null : await applyChanges({ root, changes, disk: context.disk });
  if (trouble !== null) return refused({ reason: trouble.reason }, trouble.problem);
  const made = changes.length === 0 ? ['Everything is set up already; nothing changed.'] : changesText(changes, isDry);
  const then = isDry ? ['Nothing was written: this was a dry run.'] : changes.length === 0 ? [] : nextSteps(form, { commits: isGit && ignored === null, where: root === context.cwd ? 'in this folder' : `in ${root}` });
  return done(`${[...made, ...notes, ...then].join('\n')}\n`, { root, form, dry_run: isDry, changes: changes.map(changeOf), notes });
}

/** Whoever sits at a terminal sees first what is to be written. */
async function mayWrite({ changes, notes }: Pick<Plan, 'changes' | 'notes'>, { yes, json }: InitOptions, { confirm, stderr }: CommandContext): Promise<boolean> {
  if (changes.length === 0 || yes === true || json === true || confirm === undefined) return true;
  stderr.write(`${[...changesText(changes, true), ...notes].join('\n')}\n`);
  return confirm('Write this?');
}

/** A line for each file: what becomes of it. */
export function changesText(changes: readonly FileChange[], isDry: boolean): string[] {
  return changes.map((change) => {
    const { action, file } = changeOf(change);
    return `${isDry ? 'would ' : ''}${isDry ? action : { create: 'created', change: 'changed', remove: 'removed' }[action]} ${file}`;
  });
}

export function changeOf({ file, before, after }: FileChange): { file: string; action: 'create' | 'change' | 'remove' } {
  return { file, action: after === null ? 'remove' : before === null ? 'create' : 'change' };
}

function nextSteps(form: 'project' | 'plugin', { commits, where }: { readonly commits: boolean; readonly where: string }): string[] {
  const name = form === 'plugin' ? '/spark-gates:multi_implement' : '/multi_implement';
  return [
    '',
    `Next: check it with spark-gates doctor,${commits ? ' commit these files,' : ''} and start the client anew ${where}: it reads hooks when a session begins, and only there.`,
    ...(form === 'plugin' ? [`Each who works here tells the client where the plugin is, once, or no hook runs: claude plugin marketplace add ${MARKETPLACE_FOLDER}`] : []),
    `Then write tasks into tasks.md and type ${name} with their ids. To have everything as it was: spark-gates uninstall.`,
  ];
}

export function parseTeamCount(value: string): number {
  const teams = Number(value);
  if (!/^\d+$/.test(value) || teams < 1 || teams > LIMITS.parallelTeamsMax) throw new InvalidArgumentError(`It must be a whole number from 1 to ${LIMITS.parallelTeamsMax}.`);
  return teams;
}
