import type { Command } from 'commander';
import path from 'node:path';
import { renderAgents } from '../../agents/render.ts';
import { applyChanges } from '../installer/apply-changes.ts';
import { readExact, type FileChange } from '../installer/files.ts';
import { keepIfSame } from '../installer/line-ends.ts';
import { listObstacles } from '../installer/obstacles.ts';
import { LIMITS } from '../model/limits.ts';
import { findRoot } from '../workspace/root.ts';
import { answer, done, refused, type CommandAnswer } from './answer.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { changeOf, changesText, parseTeamCount } from './init.ts';
import { parsePath } from './orchestration.ts';

interface RenderOptions {
  readonly teams: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const HELP = `
The agents know the protocol by their own words and need no hooks. spark-gates init writes them, and everything else besides.

Exit code: 0 written, or there already; 2 they could not be, and nothing has changed.`;

export function defineAgents(program: Command, context: CommandContext, finish: Finish): void {
  const agents = program.command('agents').summary('write the agents of teams').description('The agents of teams, one for each role of each team.');
  agents
    .command('render')
    .summary('write an agent for each role of each team')
    .description('Write an agent for each role of each team: team1_implementer.md, team1_quality.md, …')
    .option('--teams <n>', 'how many teams', parseTeamCount, LIMITS.parallelTeamsDefault)
    .option('--out <dir>', 'where to (default: .claude/agents in the root)', parsePath)
    .option('--force', 'replace files of that name that say something else')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: RenderOptions) => {
      finish(await answer(options, context, () => render(options, context)));
    });
}

async function render({ teams, out, force }: RenderOptions, context: CommandContext): Promise<CommandAnswer> {
  const folder = out === undefined ? path.join((await findRoot(context.cwd, context.environment)).root, '.claude', 'agents') : path.resolve(context.cwd, out);
  const changes: FileChange[] = [];
  const problems: string[] = [];
  for (const { file, content } of renderAgents(teams, 'npx')) {
    const before = await readExact(folder, file);
    if (before !== null && typeof before !== 'string') {
      problems.push(before.problem);
      continue;
    }
    const after = keepIfSame(before, content);
    if (before !== null && before !== after && force !== true) problems.push(`${path.join(folder, file)} says something else; move it away, or replace it with --force`);
    else if (before !== after) changes.push({ file, before, after });
  }
  problems.push(...(await listObstacles(folder, changes)));
  if (problems.length > 0) return refused({ reason: 'in-the-way' }, ...problems);
  const trouble = await applyChanges({ root: folder, changes, disk: context.disk });
  if (trouble !== null) return refused({ reason: trouble.reason }, trouble.problem);
  const lines = changes.length === 0 ? ['All agents are there already; nothing changed.'] : changesText(changes, false);
  return done(`${lines.join('\n')}\n`, { folder, changes: changes.map(changeOf) });
}
