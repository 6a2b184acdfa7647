import type { Command } from 'commander';
import { listKept, removeKept, type KeptKind } from '../cache/kept-files.ts';
import { isRefusal } from '../cache/sealed-file.ts';
import { CACHE_LIMITS } from '../model/limits.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import type { CommandContext, ExitCode, Finish } from './command-context.ts';

/** Durations, the memory's budget and what `bench` had installed lie there as well; they are no results, and stay. */
const WORDS: Readonly<Record<KeptKind, string>> = { results: 'results of checks', runs: 'whole runs', trees: 'states of trees', packages: 'installed packages' };

export function defineCache(program: Command, context: CommandContext, finish: Finish): void {
  const command = program
    .command('cache')
    .summary('what is kept of earlier runs, and how to be rid of it')
    .description('Results of checks are kept and used again while nothing that they depend on has changed, in all worktrees of the user. `run --why` says why one was not.')
    .addHelpText('after', '\nExit code: 0 done, 2 could not.');
  command.command('stats').summary('how many results are kept, and where').option('--json', 'print one JSON document').action((options: { readonly json?: boolean }) => { finish(stats(options.json === true, context)); });
  command.command('clean').summary('remove all kept results; durations of checks and what bench installed stay').action(() => { finish(clean(context)); });
}

function stats(isJson: boolean, { environment, clock, stdout, stderr }: CommandContext): ExitCode {
  const folder = cacheFolder(environment);
  if (folder === null) return nowhere(stderr);
  const files = listKept(folder);
  const kinds = (Object.keys(WORDS) as KeptKind[]).map((kind) => {
    const mine = files.filter((file) => file.kind === kind);
    return { kind, files: mine.length, bytes: mine.reduce((sum, file) => sum + file.bytes, 0) };
  });
  const bytes = kinds.reduce((sum, one) => sum + one.bytes, 0);
  const oldest = files.length === 0 ? null : Math.round((clock.now() - Math.min(...files.map((file) => file.usedMs))) / 3_600_000);
  if (isJson) {
    stdout.write(`${JSON.stringify({ version: 1, folder, bytes, bytesMax: CACHE_LIMITS.bytesMax, oldestHours: oldest, kinds: Object.fromEntries(kinds.map(({ kind, ...rest }) => [kind, rest])) }, null, 2)}\n`);
    return 0;
  }
  stdout.write([
    folder,
    ...kinds.map(({ kind, files: number, bytes: size }) => `  ${WORDS[kind].padEnd(20)} ${String(number).padStart(6)} ${inMegabytes(size).padStart(10)}`),
    `  ${'together'.padEnd(20)} ${''.padStart(6)} ${inMegabytes(bytes).padStart(10)} of at most ${inMegabytes(CACHE_LIMITS.bytesMax)}${oldest === null ? '' : `, the oldest used ${String(oldest)} h ago`}`,
    '',
  ].join('\n'));
  return 0;
}

function clean({ environment, stdout, stderr }: CommandContext): ExitCode {
  const folder = cacheFolder(environment);
  if (folder === null) return nowhere(stderr);
  const files = listKept(folder);
  try {
    removeKept(folder);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    stderr.write(`spark-gates: ${folder} cannot be removed (${error.message}); remove it by hand\n`);
    return 2;
  }
  stdout.write(`removed ${String(files.length)} files, ${inMegabytes(files.reduce((sum, file) => sum + file.bytes, 0))}, below ${folder}\n`);
  return 0;
}

function nowhere(stderr: CommandContext['stderr']): ExitCode {
  stderr.write('spark-gates: nothing is kept, because there is nowhere to keep it; set XDG_CACHE_HOME to an absolute path, or HOME\n');
  return 2;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
