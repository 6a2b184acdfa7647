import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ResultCache } from '../cache/result-cache.ts';
import type { RunEvent } from '../model/event.ts';
import type { RunReport } from '../model/report.ts';
import { REPORTERS, type ReporterName } from '../reporters/index.ts';
import type { CachedPrepareResult, PreparedRun } from '../runner/index.ts';
import { describeMachine } from '../system/machine.ts';
import type { CommandContext, ExitCode, Finish } from './command-context.ts';
import { keepRun } from './keep-run.ts';
import { readSource } from './read-source.ts';
import { addWorkspaceOptions, toRequest, type WorkspaceOptions } from './run-options.ts';
import { unlessAborted } from './unless-aborted.ts';

interface RunOptions extends WorkspaceOptions {
  readonly jobs?: number;
  readonly bail?: boolean;
  readonly reporter: ReporterName;
  /** True unless `--no-cache`. */
  readonly cache: boolean;
  readonly why?: boolean;
}

const EXAMPLES = `
Examples:
  $ spark-gates run                                    everything, for the teams of the configuration
  $ spark-gates run src/api                            only what is below src/api
  $ spark-gates run ../other-repository                another repository
  $ spark-gates run --team api='src/api/**' --team web='src/web/**,assets/**'
  $ spark-gates run --gate type_verification lint_enforcement --bail
  $ spark-gates run --changed --base origin/main       what this branch can have broken, by the fast gates
  $ spark-gates run --files src/api/price.ts --daemon  the same of one file, with warm engines
  $ spark-gates run --reporter json > report.json

Exit code: 0 all passed, 1 a gate failed or could not run, 2 could not start.`;

export function defineRun(program: Command, context: CommandContext, finish: Finish): void {
  const command = program
    .command('run')
    .summary('run the gates for every team')
    .description('Run the eight quality gates for every team at once and say, per team and gate, passed, failed, skipped or error.')
    .argument('[paths...]', 'only files below these; one folder outside this repository is the repository to check');
  addWorkspaceOptions(command)
    .option('--jobs <n>', 'most checks at once (default: one a core)', parseJobs)
    .option('--bail', 'stop everything at the first failure')
    .option('--no-cache', 'run everything, and keep nothing of it')
    .option('--why', 'say of each check why it ran, or that its result was kept')
    .option('--daemon', 'by the daemon, which keeps engines warm; it is started where there is none, and the verdict is the same')
    .option('--no-daemon', 'in this process, whatever SPARK_GATES_DAEMON says')
    .addOption(new Option('--reporter <name>', 'how to report').choices(Object.keys(REPORTERS)).default('pretty'))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: RunOptions) => {
      finish(await run(paths, options, context));
    });
}

async function run(paths: readonly string[], options: RunOptions, context: CommandContext): Promise<ExitCode> {
  const { request, notes } = await toRequest(paths, options, context);
  // Loaded here, so that help and usage errors need not wait for the engines of all gates.
  const { prepareCached, prepareRun } = await import('../runner/index.ts');
  const prepare = context.kept?.prepare ?? prepareRun;
  const uncached = async (): Promise<CachedPrepareResult> => {
    const plain = await prepare(request);
    return plain.ok ? { ...plain, cache: null } : plain;
  };
  const result = await unlessAborted(options.cache ? prepareCached(request, context.clock, { prepare, look: context.look ?? null }) : uncached(), context.signal);
  if (result === null) return signalled(context);
  if (!result.ok) {
    context.stderr.write(`spark-gates: ${result.problem}\n`);
    return 2;
  }
  const prepared = { ...result.prepared, notes: [...notes, ...result.prepared.notes] };
  const { cache } = result;
  const events: RunEvent[] = [];
  const report = await execute(prepared, { options, context, cache, onEvent: (event) => { events.push(event); } });
  // The report is out; whoever waits for this process waits for this as well, but has something to read.
  if (cache !== null && !context.force.aborted) {
    const keep = (): Promise<void> => keepRun(cache, { prepared, events, cwd: request.cwd, isRelocated: notes.length > 0 }, context);
    if (context.kept === null) await keep();
    else context.kept.afterAnswer(keep);
  }
  if (context.signal.aborted) return signalled(context);
  return report.ok ? 0 : 1;
}

interface Execution {
  readonly options: RunOptions;
  readonly context: CommandContext;
  readonly cache: ResultCache | null;
  readonly onEvent: (event: RunEvent) => void;
}

async function execute(prepared: PreparedRun, { options, context, cache, onEvent }: Execution): Promise<RunReport> {
  const { stdout, stderr, colour, live, unicode, clock, signal, force } = context;
  const reporter = REPORTERS[options.reporter]({ stdout, stderr, colour, live, unicode, clock, readSource });
  const { executeRun } = await import('../runner/index.ts');
  try {
    return await executeRun(prepared, {
      sink: (event) => {
        reporter.onEvent(event);
        onEvent(event);
      },
      clock,
      machine: describeMachine(),
      jobs: options.jobs ?? null,
      bail: options.bail === true,
      signal,
      force,
      cache,
      why: options.why === true,
      ...(context.kept === null ? {} : { pool: context.kept.pool }),
    });
  } finally {
    await reporter.finish();
  }
}

/** The reason of the context's signal is the exit code of the signal that came. */
function signalled(context: CommandContext): ExitCode {
  return context.signal.reason as ExitCode;
}

function parseJobs(value: string): number {
  const jobs = Number(value);
  if (!/^\d+$/.test(value) || jobs < 1 || !Number.isSafeInteger(jobs)) throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return jobs;
}
