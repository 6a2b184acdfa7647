import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BenchTrouble } from '../bench-trouble.ts';
import { BENCH_VARIABLE, ProcessTable, type ProcessRow } from './process-table.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Added to the benchmark's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface CommandResult {
  /** Null: it was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly wallMs: number;
  /** Of it and of all it started and waited for. */
  readonly cpuMs: number;
}

/** What some work cost, all processes of the benchmark together. */
export interface Measurement {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Resident memory at its highest, as far as samples show it: pages that processes share count for each. Null but on Linux. */
  readonly peakBytes: number | null;
  readonly peakProcesses: number | null;
  readonly peakThreads: number | null;
}

export interface RunnerOptions {
  /** The complete environment of every command, but for the marker. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly marker: string;
  /** Absolute; what commands print is kept here until it is read. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The shell reports the times of its children only; it closes the way back to us for them, so that no daemon keeps it open. */
const TIMED = '"$@" 3>&-; status=$?; times >&3; exit $status';
/** Between two samples; a sample may cost a fiftieth of the time at most. */
const SAMPLE_MS = 100;
const SAMPLE_SHARE_MAX = 0.02;
const GRACE_MS = 3_000;
const POLL_MS = 25;

/** Starts the commands of one benchmark, and ends whatever is left of them. */
export class CommandRunner {
  readonly #options: RunnerOptions;
  readonly #table: ProcessTable | null;
  readonly #running = new Set<number>();
  #count = 0;

  constructor(options: RunnerOptions) {
    if (process.platform === 'win32') throw new BenchTrouble('benchmarks need a POSIX shell to take the time of processes; run them on Linux or macOS, or in WSL');
    this.#options = options;
    this.#table = process.platform === 'linux' ? new ProcessTable(options.marker) : null;
  }

  /** Runs one program to its end. Throws the signal's reason when it is cancelled. */
  async run(command: Command): Promise<CommandResult> {
    const { signal, folder, marker } = this.#options;
    signal.throwIfAborted();
    const base = path.join(folder, `output-${String((this.#count += 1))}`);
    await mkdir(folder, { recursive: true });
    // Files and no pipes: whoever writes is never kept waiting by us.
    const [stdout, stderr] = await Promise.all([open(`${base}.out`, 'w+'), open(`${base}.err`, 'w+')]);
    try {
      const environment = { ...this.#options.environment, ...command.environment, [BENCH_VARIABLE]: marker };
      const startedMs = performance.now();
      const child = spawn('/bin/sh', ['-c', TIMED, 'sh', command.file, ...command.args], { cwd: command.cwd, env: environment, detached: true, stdio: ['ignore', stdout.fd, stderr.fd, 'pipe'] });
      const { pid } = child;
      if (pid === undefined) throw new BenchTrouble(`${command.file} could not be started in ${command.cwd}`);
      this.#running.add(pid);
      let times = '';
      child.stdio[3]?.on('data', (chunk: Buffer) => { times += chunk.toString(); });
      const cancel = (): void => {
        signalGroup(pid, 'SIGTERM');
        setTimeout(() => { signalGroup(pid, 'SIGKILL'); }, GRACE_MS).unref();
      };
      signal.addEventListener('abort', cancel, { once: true });
      // It may have been aborted while the files were opened, which no listener is told any more.
      if (signal.aborted) cancel();
      const closed = once(child, 'close');
      const [exitCode] = (await once(child, 'exit')) as [number | null];
      const wallMs = performance.now() - startedMs;
      await closed;
      signal.removeEventListener('abort', cancel);
      this.#running.delete(pid);
      signal.throwIfAborted();
      return { exitCode, wallMs, cpuMs: parseTimes(times), stdout: await readFile(`${base}.out`, 'utf8'), stderr: await readFile(`${base}.err`, 'utf8') };
    } finally {
      await Promise.all([stdout.close(), stderr.close()]);
    }
  }

  /** Runs commands and says what they cost together, daemons that they speak to included. Of commands in turn the pauses between them do not count. */
  async measure(commands: readonly Command[], order: 'in turn' | 'at once'): Promise<{ readonly results: readonly CommandResult[]; readonly measurement: Measurement }> {
    const before = this.#table?.members() ?? [];
    const peak = { bytes: 0, processes: 0, threads: 0 };
    const stop = new AbortController();
    const sampling = this.#table === null ? Promise.resolve() : sample(this.#table, peak, stop.signal);
    try {
      const results: CommandResult[] = [];
      if (order === 'at once') results.push(...await Promise.all(commands.map((one) => this.run(one))));
      else for (const command of commands) results.push(await this.run(command));
      const walls = results.map(({ wallMs }) => wallMs);
      return {
        results,
        measurement: {
          wallMs: order === 'at once' ? Math.max(...walls) : sumOf(walls),
          cpuMs: sumOf(results.map(({ cpuMs }) => cpuMs)) + growth(before, this.#table?.members() ?? []),
          peakBytes: this.#table === null ? null : peak.bytes,
          peakProcesses: this.#table === null ? null : peak.processes,
          peakThreads: this.#table === null ? null : peak.threads,
        },
      };
    } finally {
      stop.abort();
      await sampling;
    }
  }

  /** Ends every process that is left: asks first. Resolves when none is seen any more. */
  async end(): Promise<void> {
    for (const pid of this.#running) signalGroup(pid, 'SIGTERM');
    for (const { pid } of this.#table?.members() ?? []) signalOne(pid, 'SIGTERM');
    for (let waitedMs = 0; waitedMs < GRACE_MS && (this.#table?.members().length ?? 0) > 0; waitedMs += POLL_MS) await delay(POLL_MS);
    for (const pid of this.#running) signalGroup(pid, 'SIGKILL');
    for (const { pid } of this.#table?.members() ?? []) signalOne(pid, 'SIGKILL');
  }
}

async function sample(table: ProcessTable, peak: { bytes: number; processes: number; threads: number }, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const startedMs = performance.now();
    const members = table.members();
    peak.bytes = Math.max(peak.bytes, members.reduce((sum, one) => sum + one.residentBytes, 0));
    peak.processes = Math.max(peak.processes, members.length);
    peak.threads = Math.max(peak.threads, members.reduce((sum, one) => sum + one.threads, 0));
    const costMs = performance.now() - startedMs;
    await delay(Math.max(SAMPLE_MS, costMs / SAMPLE_SHARE_MAX));
  }
}

/** Of processes that outlive the commands: those count their own time only for whoever waits for them, and nobody does. */
function growth(before: readonly ProcessRow[], after: readonly ProcessRow[]): number {
  const had = new Map(before.map(({ key, cpuMs }) => [key, cpuMs]));
  return after.reduce((sum, { key, cpuMs }) => sum + cpuMs - (had.get(key) ?? 0), 0);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** POSIX: `0m0.00s 0m0.00s` for the shell, and once more for its children, which is all that we are after. */
export function parseTimes(text: string): number {
  const times = [...text.matchAll(/(\d+)m(\d+(?:[.,]\d+)?)s/g)].map(([, minutes = '0', seconds = '0']) => Number(minutes) * 60_000 + Number(seconds.replace(',', '.')) * 1_000);
  const [, , user = 0, system = 0] = times;
  return user + system;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  signalOne(-pid, signal);
}

function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}
