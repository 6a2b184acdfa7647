import type { Command } from 'commander';
import type { DaemonAddress } from '../daemon/address.ts';
import type { DaemonStatus, HostStatus } from '../daemon/messages.ts';
import { probe } from '../daemon/probe.ts';
import { startDaemon } from '../daemon/start-daemon.ts';
import { DAEMON_LIMITS } from '../model/limits.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { shellWord } from '../system/shell-word.ts';
import type { CommandContext, ExitCode, Finish } from './command-context.ts';
import { unlessAborted } from './unless-aborted.ts';

type Daemon = NonNullable<CommandContext['daemon']> & { readonly address: DaemonAddress };

const HELP = `
It is the user's own: nobody else can talk to it. \`run --daemon\` starts it where there is none, and it ends by itself when nobody has asked
for half an hour. A run by it and a run without it give the same verdicts.

With SPARK_GATES_DAEMON=1 every \`run\` goes to it, except where CI is set; --daemon and --no-daemon go before that.
SPARK_GATES_DAEMON_IDLE_MS, given to whoever starts it, is after how long it ends.

Exit code: 0 done; \`status\`: it runs. 1 it does not run. 2 could not.`;

const LOG_LINES = 200;

export function defineDaemon(program: Command, context: CommandContext, finish: Finish): void {
  const command = program
    .command('daemon')
    .summary('the process that keeps engines warm: start, stop, status, logs')
    .description('Start, stop and look at the process that keeps the engines of workspaces warm between runs.')
    .addHelpText('after', HELP);
  const define = (name: string, summary: string, work: (daemon: Daemon, options: { json?: boolean }) => Promise<ExitCode>): Command =>
    command.command(name).description(summary).action(async (options: { json?: boolean }) => {
      const { daemon } = context;
      if (daemon === null || daemon.address === null) {
        context.stderr.write('spark-gates: there is no place for a daemon: set XDG_RUNTIME_DIR, XDG_CACHE_HOME or HOME\n');
        finish(2);
        return;
      }
      finish((await unlessAborted(work({ ...daemon, address: daemon.address }, options), context.signal)) ?? (context.signal.reason as ExitCode));
    });
  define('start', 'Start it, unless it runs.', (daemon) => start(daemon, context));
  define('stop', 'Have it end; runs under way are ended as they would.', (daemon) => stop(daemon, context));
  define('status', 'Whether it runs, and what it keeps warm.', (daemon, options) => status(daemon, options, context)).option('--json', 'print one JSON document');
  define('logs', 'Print the newest lines of its log.', (daemon) => Promise.resolve(logs(daemon, context)));
}

async function start({ address, identity, program }: Daemon, { environment, stdout, stderr }: CommandContext): Promise<ExitCode> {
  const found = await probe(address, { type: 'status', identity });
  if (found.kind === 'answer' && found.message.type === 'status') {
    stdout.write(`the daemon runs already, pid ${String(found.message.pid)}\n`);
    return 0;
  }
  const isUp = found.kind !== 'foreign' && (await startDaemon({ address, program, environment, wait: true }));
  const started = isUp ? await probe(address, { type: 'status', identity }) : found;
  if (started.kind === 'answer' && started.message.type === 'status') {
    stdout.write(`the daemon runs, pid ${String(started.message.pid)}\n`);
    return 0;
  }
  stderr.write(`spark-gates: the daemon does not start; ${found.kind === 'foreign' ? notAsked(address) : `see ${address.log}`}\n`);
  return 2;
}

async function stop({ address, identity }: Daemon, { stdout, stderr }: CommandContext): Promise<ExitCode> {
  const answer = await probe(address, { type: 'stop', identity });
  if (answer.kind === 'silent') {
    stderr.write(`spark-gates: the daemon does not answer; end its process, the log ${address.log} has its number\n`);
    return 2;
  }
  if (answer.kind === 'foreign') {
    stderr.write(`spark-gates: the daemon cannot be asked; ${notAsked(address)}\n`);
    return 2;
  }
  if (answer.kind !== 'answer') {
    stdout.write('the daemon does not run\n');
    return 0;
  }
  const isGone = await answer.closed(DAEMON_LIMITS.stopMs);
  stdout.write(isGone ? 'the daemon has ended\n' : 'the daemon ends as soon as its runs have\n');
  return 0;
}

async function status({ address, identity }: Daemon, { json }: { json?: boolean }, { stdout, stderr }: CommandContext): Promise<ExitCode> {
  const answer = await probe(address, { type: 'status', identity });
  if (answer.kind === 'foreign') {
    stderr.write(`spark-gates: the daemon cannot be asked; ${notAsked(address)}\n`);
    return 2;
  }
  const found = answer.kind === 'answer' && answer.message.type === 'status' ? answer.message : null;
  if (json === true) stdout.write(`${JSON.stringify({ version: 1, isRunning: found !== null, ...(found === null ? {} : documentOf(found)), socket: address.socket, log: address.log }, null, 2)}\n`);
  else stdout.write(`${(found === null ? [absence(answer)] : statusLines(found)).join('\n')}\n`);
  return found === null ? 1 : 0;
}

/** Whether one lives there is not asked: whoever else may enter could answer. */
function notAsked({ folder }: DaemonAddress): string {
  return `${folder} must be a folder of yours that nobody else may enter: chmod 700 ${shellWord(folder)}, or remove it where it is not yours`;
}

function absence(answer: Exclude<Awaited<ReturnType<typeof probe>>, { readonly kind: 'foreign' }>): string {
  switch (answer.kind) {
    case 'answer':
      return 'a daemon of another version runs; the next run by the daemon replaces it';
    case 'silent':
      return 'a daemon is there and does not answer';
    case 'nobody':
      return 'the daemon does not run';
  }
}

function documentOf({ pid, upMs, memoryBytes, requests, idleMs, hosts, identity }: DaemonStatus): object {
  return { pid, upMs, memoryBytes, requests, idleMs, build: identity.build, node: identity.node, hosts };
}

function statusLines({ pid, upMs, memoryBytes, requests, hosts, identity }: DaemonStatus): string[] {
  return [
    `the daemon runs, pid ${String(pid)}, for ${minutes(upMs)}, ${String(requests)} requests, ${megabytes(memoryBytes)}, node ${identity.node}, build ${identity.build}`,
    ...hosts.map(hostLine),
  ];
}

function hostLine(host: HostStatus): string {
  const state = host.isBusy ? `at work${host.waiting > 0 ? `, ${String(host.waiting)} waiting` : ''}` : `idle for ${minutes(host.idleMs)}`;
  return `  ${host.root}  pid ${String(host.pid ?? 'none')}, ${megabytes(host.memoryBytes)}, ${String(host.requests)} requests, ${state}`;
}

function logs({ address }: Daemon, { stdout }: CommandContext): ExitCode {
  const text = readTextIfThere(address.log) ?? readTextIfThere(`${address.log}.1`);
  const lines = (text ?? '').trimEnd().split('\n').slice(-LOG_LINES);
  stdout.write(text === null ? `there is no log yet: ${address.log}\n` : `${lines.join('\n')}\n`);
  return 0;
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${String(Math.round(ms / 1000))} s` : `${String(Math.round(ms / 60_000))} min`;
}

function megabytes(bytes: number): string {
  return `${String(Math.round(bytes / 1024 / 1024))} MB`;
}
