import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { daemonAddress, type DaemonAddress } from '../../src/daemon/address.ts';
import type { HostStatus, Identity } from '../../src/daemon/messages.ts';
import { isProcessAlive } from '../../src/system/process-tree.ts';
import { runCli, type CliOptions, type CliResult } from './cli.ts';
import { systemTestEnvironment } from './environment.ts';
import { REPOSITORY } from './project.ts';

export interface DaemonStatusDocument {
  readonly isRunning: boolean;
  readonly pid: number;
  readonly requests: number;
  readonly memoryBytes: number;
  readonly build: string;
  readonly node: string;
  readonly hosts: readonly HostStatus[];
}

export interface DaemonHome extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>;
  readonly address: DaemonAddress;
  /** Runs a command line of the built product whose daemon, if there is one, lives here. */
  cli(args: readonly string[], options: CliOptions): Promise<CliResult>;
  status(): Promise<DaemonStatusDocument>;
  /** Who the daemon talks to. */
  identity(): Promise<Identity>;
  /** Lines of its log, old ones first. */
  log(): Promise<readonly string[]>;
}

/** A place for one daemon of its own. Whatever was started in it is ended with it. */
export async function makeDaemonHome(more: Readonly<Record<string, string>> = {}): Promise<DaemonHome> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sg-daemon-')));
  await mkdir(path.join(folder, 'run'), { mode: 0o700 });
  const environment = { XDG_RUNTIME_DIR: path.join(folder, 'run'), XDG_CACHE_HOME: path.join(folder, 'cache'), ...more };
  const address = daemonAddress(environment, process.platform);
  if (address === null) throw new Error('there is no place for a daemon');
  const cli: DaemonHome['cli'] = (args, options) => runCli(args, { ...options, environment: { ...environment, ...options.environment } });
  const status = async (): Promise<DaemonStatusDocument> => JSON.parse((await cli(['daemon', 'status', '--json'], { cwd: folder })).stdout) as DaemonStatusDocument;
  const log = async (): Promise<readonly string[]> => (await readFile(address.log, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return {
    environment,
    address,
    cli,
    status,
    log,
    async identity() {
      const { build, node } = await status();
      return { protocol: 1, build, node, program: path.join(REPOSITORY, 'dist/src/cli.js') };
    },
    async [Symbol.asyncDispose]() {
      await cli(['daemon', 'stop'], { cwd: folder });
      const started = (await log()).flatMap((line) => /started, pid (\d+)/.exec(line)?.[1] ?? []).map(Number);
      for (const pid of started) if (isProcessAlive(pid)) await untilGone(pid, 15_000).catch(() => { process.kill(pid, 'SIGKILL'); });
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What a request of the wire needs besides. */
export function plainFacts(): { umask: number; stdout: StreamFacts; stderr: StreamFacts; live: boolean; unicode: boolean; environment: Record<string, string> } {
  const facts = { isTTY: false, colour: false, columns: null, rows: 24 };
  const environment = Object.fromEntries(Object.entries(systemTestEnvironment()).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return { umask: 0o022, stdout: facts, stderr: facts, live: false, unicode: true, environment };
}
type StreamFacts = { readonly isTTY: boolean; readonly colour: boolean; readonly columns: number | null; readonly rows: number };

/** Resolves when nothing has this number any more. */
export function untilGone(pid: number, waitMs = 30_000): Promise<void> {
  return until(`process ${String(pid)} is gone`, () => !isProcessAlive(pid), waitMs);
}

/** Looks again and again until it is so; what is waited for is said where it never comes. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, waitMs = 30_000): Promise<void> {
  const endMs = performance.now() + waitMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`not in ${String(waitMs)} ms: ${what}`);
    await delay(10);
  }
}
