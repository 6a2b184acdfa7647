import { Command, CommanderError } from 'commander';
import { inspect } from 'node:util';
import { OrchestratorTrouble } from '../orchestrator/orchestrator-trouble.ts';
import { describeDiskTrouble } from '../system/disk-trouble.ts';
import { ownVersion } from '../system/own-version.ts';
import { WorkspaceError } from '../workspace/workspace-error.ts';
import type { CommandContext, ExitCode } from './command-context.ts';
import { COMMANDS, type DefineCommand } from './index.ts';

/** Wider help is hard to read. */
const HELP_COLUMNS_MAX = 100;

const VERSION = '--version';

const HELP = `
spark-gates runs the project's own tools with the project's own configuration, each once for all teams.

Examples:
  $ spark-gates run                run the eight gates here
  $ spark-gates plan               what would run, and for whom
  $ spark-gates doctor             what was found here, what is missing, what to do

Exit code: 0 all passed, 1 a gate failed or could not run, 2 could not start.
With SPARK_GATES_DEBUG=1 an unexpected error shows where it came from.`;

/** Command line to exit code. Everything it has to say is written, and flushed, when it resolves. */
export async function runProgram(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  let exitCode: ExitCode = 2;
  const program = createProgram(context);
  try {
    for (const define of await commandsFor(args)) define(program, { ...context, args }, (code) => { exitCode = code; });
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitCode = explain(error, context);
  }
  await context.stdout.flush();
  await context.stderr.flush();
  return exitCode;
}

/** The one that is called; all of them where help is, or a word that none has and one may have been meant by. */
async function commandsFor([word = '']: readonly string[]): Promise<readonly DefineCommand[]> {
  if (word === VERSION) return [];
  const load = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  return Promise.all((load === undefined ? Object.values(COMMANDS) : [load]).map((one) => one()));
}

function createProgram({ stdout, stderr, colour }: CommandContext): Command {
  return new Command('spark-gates')
    .description('Eight quality gates for every team of coding agents, measured in parallel on one TypeScript or JavaScript repository.')
    .version(ownVersion(), VERSION, 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => { stdout.write(text); },
      writeErr: (text) => { stderr.write(text); },
      outputError: (text, write) => { write(`spark-gates: ${oneSentence(text)}\n`); },
      getOutHelpWidth: () => Math.min(stdout.columns, HELP_COLUMNS_MAX),
      getErrHelpWidth: () => Math.min(stderr.columns, HELP_COLUMNS_MAX),
      getOutHasColors: () => colour.stdout,
      getErrHasColors: () => colour.stderr,
    })
    .addHelpText('after', HELP);
}

/** Commander says "error: unknown option '--jbos'\n(Did you mean --jobs?)". */
function oneSentence(text: string): string {
  return text.trim().replace(/^error: /, '').replace(/\n\((Did you mean .*)\)$/, '. $1').replaceAll('\n', ' ');
}

/** The main catch-all: one sentence for people, the cause for those who ask for it. */
function explain(error: unknown, { stderr, environment }: CommandContext): ExitCode {
  // Help and version end by an error, too, whose exit code is 0; what went wrong is already written.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const trouble = error instanceof WorkspaceError || error instanceof OrchestratorTrouble ? error.message : describeDiskTrouble(error);
  if (trouble !== null) {
    stderr.write(`spark-gates: ${trouble}\n`);
    return 2;
  }
  const message = error instanceof Error ? error.message : String(error);
  stderr.write(`spark-gates: unexpected error, please report it: ${message}\n`);
  if (environment.SPARK_GATES_DEBUG !== undefined) stderr.write(`${inspect(error)}\n`);
  return 2;
}
