import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { RunEvent } from '../../src/model/event.ts';
import type { RunReport } from '../../src/model/report.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { systemTestEnvironment } from './environment.ts';
import { REPOSITORY } from './project.ts';

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** `cli.js` of another installation; absolute. */
  readonly program?: string;
  /** Told of each line on stdout as it comes, with the process to send signals to. */
  onLine?(line: string, child: ChildProcess): void;
  /** Told of the process as soon as it is started. */
  onStart?(child: ChildProcess): void;
}

/** Runs the built command line as a user would, in a process of its own. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const child = spawn(process.execPath, [options.program ?? path.join(REPOSITORY, 'dist', 'src', 'cli.js'), ...args], {
    cwd: options.cwd,
    env: { ...systemTestEnvironment(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
  let stdout = '';
  let stderr = '';
  let unread = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const lines = (unread + text).split('\n');
    unread = lines.pop() ?? '';
    for (const line of lines) options.onLine?.(line, child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout, stderr };
}

/** `run --reporter json`: the report, with what was said besides. */
export async function runReport(args: readonly string[], options: CliOptions): Promise<CliResult & { readonly report: RunReport }> {
  const result = await runCli(['run', '--reporter', 'json', ...args], options);
  if (!result.stdout.startsWith('{')) throw new Error(`no report: exit ${String(result.exitCode)}, ${result.stderr}`);
  return { ...result, report: JSON.parse(result.stdout) as RunReport };
}

/** Status by gate for one team: `{ lint_enforcement: 'passed' }`. */
export function statusesOf(report: RunReport, team: string): Record<string, Verdict['status']> {
  return Object.fromEntries(Object.entries(report.teams[team]?.gates ?? {}).map(([gate, verdict]) => [gate, verdict.status]));
}

export function eventOf(line: string): RunEvent {
  return JSON.parse(line) as RunEvent;
}
