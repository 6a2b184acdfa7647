#!/usr/bin/env node
// Bundled with what it imports at the top, which is little and needs nothing but Node: a client of the daemon is there at once.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import type { TreeLook } from './cache/tree-look.ts';
import type { CommandContext, ExitCode } from './commands/command-context.ts';
import { askDaemon } from './daemon/client.ts';
import { daemonAddress } from './daemon/address.ts';
import { PROTOCOL, type Identity, type RunRequestMessage, type ToHost } from './daemon/messages.ts';
import { allowsDaemon, wantsDaemon } from './daemon/wanted.ts';
import { DAEMON_WORD, GIT_WORD, HOST_WORD } from './daemon/words.ts';
import { answerHook } from './hooks/entry.ts';
import { withoutSecrets } from './hooks/environment.ts';
import type { HookRequest } from './hooks/request.ts';
import { DAEMON_LIMITS, HOOK_LIMITS } from './model/limits.ts';
import { SIGNAL_EXIT_CODES, type SignalExitCode } from './model/signals.ts';
import { systemClock } from './system/clock.ts';
import { openOutput, type Output } from './system/output.ts';
import { TextOutput } from './system/text-output.ts';

/** Put in by the build: a digest of everything that was built. */
declare const SPARK_GATES_BUILD: string | undefined;

// From Node 22 on; what is not there makes the start slower and nothing else.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const { platform } = process;
const environment: Record<string, string> = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
const program = fileURLToPath(import.meta.url);
const identity: Identity = { protocol: PROTOCOL, build: typeof SPARK_GATES_BUILD === 'string' ? SPARK_GATES_BUILD : 'none', node: process.version, program };
const stdout = openOutput(process.stdout);
const stderr = openOutput(process.stderr);
const graceful = new AbortController();
const force = new AbortController();

/** The first signal ends the run in good order, the second without waiting, the third at once. */
function onSignal(exitCode: SignalExitCode): void {
  // A terminal that goes away is told by the shell and by the system: that is nobody's impatience.
  if (exitCode === SIGNAL_EXIT_CODES.SIGHUP && graceful.signal.aborted) return;
  if (force.signal.aborted) process.exit(exitCode);
  if (graceful.signal.aborted) force.abort();
  else graceful.abort(exitCode);
}

/** https://no-color.org, https://force-color.org: an empty NO_COLOR is none, FORCE_COLOR wins. */
function takesColour(isTTY: boolean): boolean {
  if (environment.FORCE_COLOR !== undefined) return environment.FORCE_COLOR !== '0' && environment.FORCE_COLOR !== 'false';
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false;
  return isTTY && environment.TERM !== 'dumb';
}

const isCi = environment.CI !== undefined && environment.CI !== '' && environment.CI !== 'false' && environment.CI !== '0';
const isOldConsole = platform === 'win32' && environment.WT_SESSION === undefined && environment.TERM_PROGRAM === undefined;
const terminal = {
  colour: { stdout: takesColour(stdout.isTTY), stderr: takesColour(stderr.isTTY) },
  live: stderr.isTTY && !isCi && environment.TERM !== 'dumb',
  unicode: environment.TERM !== 'linux' && !isOldConsole,
};
const address = daemonAddress(environment, platform);

for (const [signal, exitCode] of Object.entries(SIGNAL_EXIT_CODES)) process.on(signal, () => { onSignal(exitCode); });

/** The other half of a hook, and what it would say where nothing was done. */
const HANDLE = ['hook', '--handle'];
const NOTHING_SAID = '{"kind":"pass"}';

const args = process.argv.slice(2);
const parts: Readonly<Record<string, () => Promise<number>>> = { [DAEMON_WORD]: beDaemon, [HOST_WORD]: beHost, [GIT_WORD]: beGitHelper };
const part = Object.hasOwn(parts, args[0] ?? '') ? parts[args[0] ?? ''] : undefined;
// Everything is flushed; whatever a configuration file left running (a timer, a socket) must not keep the process.
process.exit(await (part ?? (isHook(args) ? beHook : runCommand))());

async function runCommand(): Promise<number> {
  // Flags of Node itself (`node --inspect`) are meant for this process.
  if (address !== null && process.execArgv.length === 0 && wantsDaemon(args, environment, isCi)) {
    const answer = await askDaemon({ address, program, request: requestOf(), stdout, stderr, signal: graceful.signal, force: force.signal });
    if (answer.kind !== 'unavailable' && environment.SPARK_GATES_DEBUG !== undefined) stderr.write(`spark-gates: ${answer.kind === 'done' ? 'run by the daemon' : answer.why}\n`);
    if (answer.kind === 'broken') stderr.write(`spark-gates: the daemon was lost in the middle of its output (${answer.why}); run it again\n`);
    if (answer.kind === 'unavailable' && environment.SPARK_GATES_DEBUG !== undefined) stderr.write(`spark-gates: run without the daemon: ${answer.why}\n`);
    if (answer.kind !== 'unavailable') {
      await stdout.flush();
      await stderr.flush();
      return answer.kind === 'done' ? answer.exitCode : 2;
    }
  }
  return replayOrRun(args, {
    cwd: process.cwd(), environment, stdout, stderr, ...terminal, clock: systemClock, signal: graceful.signal, force: force.signal, daemon: { address, identity, program }, kept: null,
    confirm: terminal.live && process.stdin.isTTY ? askHere : undefined,
  });
}

async function askHere(question: string): Promise<boolean> {
  await stderr.flush();
  const { confirm } = await import('./system/confirm.ts');
  return confirm(question, { input: process.stdin, output: process.stderr, signal: graceful.signal });
}

/** An earlier run's report, where that is what a run would say, without loading what a run takes; else the command. */
async function replayOrRun(words: readonly string[], context: CommandContext): Promise<ExitCode> {
  let look: TreeLook | null = null;
  if (words[0] === 'run') {
    const { tryReplay } = await import('./commands/replay.ts');
    try {
      const replay = await tryReplay(words, context);
      if (replay.kind === 'shown') return replay.exitCode;
      look = replay.look;
    } catch (error) {
      // Whatever keeps it from being shown again, the run will meet and explain.
      if (!(error instanceof Error)) throw error;
    }
  }
  const { runProgram } = await import('./commands/program.ts');
  return runProgram(words, { ...context, look });
}

function isHook([first, ...rest]: readonly string[]): boolean {
  return first === 'hook' && !rest.some((word) => word === '--help' || word === '-h');
}

async function beHook(): Promise<number> {
  // Whatever breaks beside the answer must not end it: the client would take silence for consent. The answer has a deadline of its own.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error: unknown) => { stderr.write(`spark-gates: ${String(error)}\n`); });
  await answerHook({
    args: args.slice(1),
    cwd: process.cwd(),
    projectFolder: environment.CLAUDE_PROJECT_DIR ?? null,
    nowMs: () => systemClock.now(),
    readInput,
    handle: answerRequest,
    lease: async (wanted) => (await import('./hooks/lease-edit.ts')).leaseEdit({ ...wanted, clock: systemClock }),
    endSession: async (ending) => (await import('./hooks/events/session-end.ts')).endSession({ ...ending, clock: systemClock }),
    warm: async () => {
      if (address === null || !allowsDaemon(environment, isCi)) return;
      const { startDaemon } = await import('./daemon/start-daemon.ts');
      await startDaemon({ address, program, environment: withoutSecrets(environment), wait: false });
    },
    signal: graceful.signal,
    answer: async (text) => {
      stdout.write(text);
      await stdout.flush();
    },
  });
  // Anything else, a reader that is gone included, would be taken for consent.
  return 0;
}

/** All of stdin, or what has come of it when its writer says no more. */
function readInput(): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (): void => {
      clearTimeout(limit);
      process.stdin.destroy();
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    const limit = setTimeout(finish, HOOK_LIMITS.payloadMs);
    process.stdin.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > HOOK_LIMITS.payloadBytesMax) finish();
      else chunks.push(chunk);
    }).on('end', finish).on('error', finish);
  });
}

/** What needs engines goes to the daemon, which has them warm; the rest, and all of it where there is none, is done here, without secrets either way. */
async function answerRequest(request: HookRequest, signal: AbortSignal): Promise<string> {
  const safe = withoutSecrets(environment);
  const input = JSON.stringify(request);
  const said = new TextOutput();
  const errors = new TextOutput();
  const needsEngines = request.event === 'team_phase_complete' || request.event === 'after_edit';
  if (needsEngines && address !== null && allowsDaemon(environment, isCi)) {
    const { askDaemon } = await import('./daemon/client.ts');
    // Nobody waits long for a word after an edit; but broken off each time, the engines would never be warm.
    const goesOn = request.event === 'after_edit';
    const hosted = { ...requestOf(), args: HANDLE, cwd: request.cwd, environment: safe, input, goesOn };
    const answer = await askDaemon({ address, program, request: hosted, stdout: said, stderr: errors, signal: goesOn ? new AbortController().signal : signal, force: force.signal });
    if (answer.kind === 'done') return answer.exitCode === 0 ? said.text : errors.text;
  }
  if (signal.aborted) return NOTHING_SAID;
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(safe, name)) Reflect.deleteProperty(process.env, name);
  const context = { cwd: process.cwd(), environment: safe, stdout: said, stderr: errors, ...terminal, clock: systemClock, signal, force: force.signal, daemon: null, kept: null, input };
  if (request.event === 'after_edit') {
    // Without warm engines checking it would cost seconds each time; the end of the phase sees to it, and has to know of the edit.
    const { noteEdit } = await import('./commands/note-edit.ts');
    await noteEdit(request, context);
    return NOTHING_SAID;
  }
  const { handleHook } = await import('./commands/hook.ts');
  const exitCode = await handleHook(context);
  return exitCode === 0 ? said.text : errors.text;
}

function requestOf(): RunRequestMessage {
  const umask = process.umask(0);
  process.umask(umask);
  const factsOf = (output: Output, colour: boolean) => ({ isTTY: output.isTTY, colour, columns: output.columns === Infinity ? null : output.columns, rows: output.rows });
  return {
    type: 'run', identity, args, cwd: process.cwd(), environment, umask,
    stdout: factsOf(stdout, terminal.colour.stdout),
    stderr: factsOf(stderr, terminal.colour.stderr),
    live: terminal.live,
    unicode: terminal.unicode,
  };
}

async function beDaemon(): Promise<number> {
  if (address === null) return 2;
  const { closeSync } = await import('node:fs');
  const { serveDaemon } = await import('./daemon/server.ts');
  const idleMs = Number(environment.SPARK_GATES_DAEMON_IDLE_MS ?? DAEMON_LIMITS.idleMs);
  await serveDaemon({
    address, identity, program, clock: systemClock, pid: process.pid,
    idleMs: Number.isFinite(idleMs) && idleMs > 0 ? idleMs : DAEMON_LIMITS.idleMs,
    memoryBytes: () => process.memoryUsage.rss(),
    // Whoever started us reads its end.
    onReady: () => { closeSync(3); },
    signal: graceful.signal,
  });
  return 0;
}

async function beHost(): Promise<number> {
  const { GitHelper } = await import('./daemon/git-helper.ts');
  // While this process is still small.
  const git = new GitHelper(program);
  const [{ serveHost }, { KeptRuns }, { startGitBy }] = await Promise.all([import('./daemon/host.ts'), import('./runner/kept-runs.ts'), import('./system/git.ts'), import('./commands/program.ts'), import('./commands/run.ts')]);
  startGitBy(git.run);
  const kept = new KeptRuns();
  await serveHost({
    identity,
    enter,
    send: (message, done) => { if (process.connected) process.send?.(message, undefined, undefined, done); else done(); },
    onMessage: (listener) => { process.on('message', (message) => { listener(message as ToHost); }); },
    onDisconnect,
    memoryBytes: () => process.memoryUsage.rss(),
    settle: () => kept.settle(),
    run: (run) => replayOrRun(run.args, { ...run, clock: systemClock, daemon: null, kept }),
    close: async () => {
      git.close();
      await kept.close();
    },
  });
  return 0;
}

/** Makes this process what the client's is. */
function enter(request: RunRequestMessage, output: Output): void {
  process.chdir(request.cwd);
  process.umask(request.umask);
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(request.environment, name)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, request.environment);
  // What configurations and plugins print comes from their threads to this stream.
  process.stderr.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    output.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const done = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
}

async function beGitHelper(): Promise<number> {
  const { helpWithGit } = await import('./daemon/git-helper.ts');
  await helpWithGit({ send: (message) => { process.send?.(message); }, onMessage: (listener) => { process.on('message', listener); }, onDisconnect });
  return 0;
}

function onDisconnect(listener: () => void): void {
  if (process.connected) process.once('disconnect', listener);
  else listener();
}
