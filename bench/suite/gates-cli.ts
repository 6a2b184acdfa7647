import path from 'node:path';
import type { RunReport } from '../../src/model/report.ts';
import { BenchTrouble } from './bench-trouble.ts';
import type { Command, CommandResult, CommandRunner } from './measure/run-command.ts';
import { outcomeOfReport, type Kind, type Outcome } from './outcome.ts';
import { BUILT } from './own-build.ts';
import { crashed } from './tools/tool-trouble.ts';

/** Our own command line, as its users start it. What this version cannot do is found out, so that the suite measures any version. */
export class GatesCli {
  readonly file = path.join(BUILT, 'src', 'cli.js');
  readonly #runHelp: string;
  readonly #help: string;

  private constructor(runHelp: string, help: string) {
    this.#runHelp = runHelp;
    this.#help = help;
  }

  static async open(runner: CommandRunner, cwd: string): Promise<GatesCli> {
    const file = path.join(BUILT, 'src', 'cli.js');
    const [runHelp, help] = await Promise.all([['run', '--help'], ['--help']].map((args) => runner.run({ file: process.execPath, args: [file, ...args], cwd })));
    if (help === undefined || runHelp === undefined || help.exitCode !== 0) throw new BenchTrouble(`${file} does not start; build it first`);
    return new GatesCli(runHelp.stdout, help.stdout);
  }

  hasRunOption(name: string): boolean {
    return new RegExp(`${name}\\b`).test(this.#runHelp);
  }

  hasCommand(name: string): boolean {
    return new RegExp(`^\\s+${name}\\b`, 'm').test(this.#help);
  }

  command(args: readonly string[], cwd: string): Command {
    return { file: process.execPath, args: [this.file, ...args], cwd };
  }
}

/** The report of a `run --reporter json`. Throws when there is none. */
export function reportOf(result: CommandResult): RunReport {
  if ((result.exitCode !== 0 && result.exitCode !== 1) || !result.stdout.startsWith('{')) throw crashed('spark-gates', result);
  return JSON.parse(result.stdout) as RunReport;
}

/** What a run found. Throws when a gate could not run. */
export function outcomeOfRun(result: CommandResult, kinds: readonly Kind[]): Outcome {
  const outcome = outcomeOfReport(reportOf(result), result.exitCode ?? 1, kinds);
  if ('problem' in outcome) throw new BenchTrouble(outcome.problem);
  return outcome;
}
