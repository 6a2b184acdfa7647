import type { Command } from 'commander';
import path from 'node:path';
import { applyChanges } from '../installer/apply-changes.ts';
import { removeEmptyFolders } from '../installer/files.ts';
import { describeDiskTrouble } from '../system/disk-trouble.ts';
import { SETTINGS_FILE } from '../installer/settings-files.ts';
import { planUninstall } from '../installer/uninstall.ts';
import { findRoot } from '../workspace/root.ts';
import { answer, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { changeOf, changesText } from './init.ts';
import { parsePath } from './orchestration.ts';

interface UninstallOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly cwd?: string;
}

const HELP = `
Files that nobody edited since are as they were before init, byte for byte. In a settings.json that was edited, only what is of
spark-gates goes. The relay's folder, .claude/workflows, is your work and stays.

Exit code: 0 taken away, or nothing was there; 2 it could not be, and nothing has changed.`;

export function defineUninstall(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('uninstall')
    .summary('take away what init has set up')
    .description('Take away what init has set up, and leave everything else as it is.')
    .option('--dry-run', 'only say what would be removed')
    .option('--cwd <dir>', 'a folder of the repository (default: this one)', parsePath)
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: UninstallOptions) => {
      finish(await answer(options, context, () => uninstall(options, context)));
    });
}

async function uninstall(options: UninstallOptions, context: CommandContext): Promise<CommandAnswer> {
  const { root } = await findRoot(path.resolve(context.cwd, options.cwd ?? '.'), context.environment);
  const planned = await planUninstall(root);
  if (!planned.ok) return refused({ reason: 'in-the-way' }, ...planned.problems);
  const { changes, folders, notes } = planned.plan;
  const isDry = options.dryRun === true;
  const trouble = isDry ? null : await applyChanges({ root, changes, disk: context.disk });
  if (trouble !== null) return refused({ reason: trouble.reason }, trouble.problem);
  const left = isDry ? null : await removeFolders(root, folders);
  const lines = changes.length === 0 ? ['Nothing of spark-gates was set up here.'] : changesText(changes, isDry);
  const said = [...notes, ...(left === null ? [] : [left]), ...(isDry || !changes.some(({ file }) => file === SETTINGS_FILE) ? [] : ['A client that is running keeps its hooks, and finds nothing there any more: start it anew.'])];
  return done(`${[...lines, ...said].join('\n')}\n`, { root, dry_run: isDry, changes: changes.map(changeOf), notes: said });
}

/** One sentence where one cannot be removed: it is empty, and nothing depends on it. */
async function removeFolders(root: string, folders: readonly string[]): Promise<string | null> {
  try {
    await removeEmptyFolders(root, folders);
    return null;
  } catch (error) {
    const trouble = describeDiskTrouble(error);
    if (trouble === null) throw error;
    return `an empty folder is left: ${trouble}`;
  }
}
