// npm run bench: the suite on corpora, the tokens, and benchmarks of parts. `npm run bench -- --help` has the options.
import { Command, CommanderError } from 'commander';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { addBenchOptions, bench, type BenchOptions } from '../src/commands/bench.ts';
import type { CommandContext, ExitCode } from '../src/commands/command-context.ts';
import { SIGNAL_EXIT_CODES } from '../src/model/signals.ts';
import { ownVersion } from '../src/system/own-version.ts';
import { systemClock } from '../src/system/clock.ts';
import { openOutput } from '../src/system/output.ts';
import { runMicro } from './micro/index.ts';

/** Programs of their own, with arguments of their own: `npm run bench -- locks/throughput 5`. */
const PROGRAMS = ['locks/throughput', 'locks/load', 'relay/throughput', 'daemon-load', 'daemon-edits', 'warm-edits', 'hook-times', 'synchronisation'];

const words = process.argv.slice(2);
const [first = '', ...rest] = words;
process.exitCode = PROGRAMS.includes(first) ? await runProgram(first, rest) : await runSuite(words);

async function runSuite(args: readonly string[]): Promise<ExitCode> {
  const cancel = new AbortController();
  for (const [signal, code] of Object.entries(SIGNAL_EXIT_CODES)) process.on(signal, () => { cancel.abort(code); });
  const [stdout, stderr] = [openOutput(process.stdout), openOutput(process.stderr)];
  const context: CommandContext = {
    cwd: process.cwd(), environment: { ...process.env }, stdout, stderr, colour: { stdout: false, stderr: false }, live: false, unicode: true,
    clock: systemClock, signal: cancel.signal, force: new AbortController().signal, daemon: null, kept: null,
  };
  let exitCode: ExitCode = 2;
  const command = addBenchOptions(new Command('npm run bench --'))
    .option('--no-micro', 'leave out the benchmarks of parts')
    .addHelpText('after', `\nHere the corpus is zod (with --quick: query-core) unless --corpus names others, and parts are measured as well. By themselves: ${PROGRAMS.join(', ')}.`)
    .exitOverride()
    .action(async (options: BenchOptions & { readonly micro: boolean }) => {
      exitCode = await bench({ corpus: [options.quick === true ? 'query-core' : 'zod'], ...options }, context, {
        product: `spark-gates ${ownVersion()}`,
        tokeniser: { name: 'o200k_base', count: (text) => encode(text).length },
        micro: options.micro && options.quick !== true ? () => runMicro((sentence) => { stderr.write(`bench: ${sentence}\n`); }, cancel.signal) : null,
      });
    });
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    // 1 would say that something became slower.
    exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CommanderError)) stderr.write(`${inspect(error)}\n`);
  }
  await stdout.flush();
  await stderr.flush();
  return exitCode;
}

async function runProgram(name: string, args: readonly string[]): Promise<number> {
  const jiti = fileURLToPath(import.meta.resolve('jiti/package.json')).replace(/package\.json$/, 'lib/jiti-cli.mjs');
  const child = spawn(process.execPath, [jiti, fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), ...args], { stdio: 'inherit' });
  // A terminal tells it as well; it ends in its own time.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => { child.kill(); });
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  return exitCode ?? 1;
}
