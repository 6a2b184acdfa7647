import { connect, type Socket } from 'node:net';
import { DAEMON_LIMITS } from '../model/limits.ts';
import type { SignalExitCode } from '../model/signals.ts';
import type { Output } from '../system/output.ts';
import { checkFolder, hasErrorCode, type DaemonAddress } from './address.ts';
import { frame, FrameReader } from './frames.ts';
import { HeldOutput } from './held-output.ts';
import type { ClientMessage, RunRequestMessage, ServerMessage } from './messages.ts';
import type { StartOptions } from './start-daemon.ts';

/** The thin client: node: built-ins only, so that it is there as soon as Node is. */
export interface AskOptions {
  readonly address: DaemonAddress;
  /** Absolute path of `cli.js`. */
  readonly program: string;
  readonly request: RunRequestMessage;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP with its exit code, and by the second. */
  readonly signal: AbortSignal;
  readonly force: AbortSignal;
}

export type Answer =
  | { readonly kind: 'done'; readonly exitCode: number }
  /** Nothing that was said counts; run it here. */
  | { readonly kind: 'unavailable'; readonly why: string }
  /** The daemon was lost after more output than could be held back. */
  | { readonly kind: 'broken'; readonly why: string };

/** Has the daemon do a command line, starting it where there is none. Every wait in it is bounded. */
export async function askDaemon(options: AskOptions): Promise<Answer> {
  const first = await attempt(options);
  if (first.kind !== 'retry') return first;
  if (options.signal.aborted) return { kind: 'unavailable', why: first.why };
  if (!(await start({ ...options, environment: options.request.environment, wait: true }))) return { kind: 'unavailable', why: 'the daemon does not start' };
  const second = await attempt(options);
  return second.kind === 'retry' ? { kind: 'unavailable', why: second.why } : second;
}

/** What starts processes is loaded by whoever has to start one. */
async function start(options: StartOptions): Promise<boolean> {
  const { startDaemon } = await import('./start-daemon.ts');
  return startDaemon(options);
}

type Attempt = Answer | { readonly kind: 'retry'; readonly why: string };

async function attempt(options: AskOptions): Promise<Attempt> {
  const { address, program } = options;
  const folder = checkFolder(address, false);
  if (folder === 'foreign') return { kind: 'unavailable', why: `${address.folder} is not this user's alone` };
  if (folder === 'missing') return { kind: 'retry', why: 'there is no daemon' };
  const socket = await open(address.socket);
  if (typeof socket === 'string') return socket === 'ENOENT' || socket === 'ECONNREFUSED' ? { kind: 'retry', why: 'there is no daemon' } : { kind: 'unavailable', why: socket };
  const answer = await new Conversation(socket, options).ended;
  // Whoever comes next finds one that answers; this run does not wait for it.
  if (answer.kind === 'unavailable' && answer.why === WEDGED) await start({ address, program, environment: options.request.environment, wait: false });
  return answer;
}

const WEDGED = 'the daemon does not answer';

/** A connection, or the code of what went wrong. */
export function open(address: string): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const limit = setTimeout(() => {
      socket.destroy();
      resolve('ETIMEDOUT');
    }, DAEMON_LIMITS.acceptMs);
    socket.once('connect', () => {
      clearTimeout(limit);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(limit);
      resolve(hasErrorCode(error) ? error.code : error.message);
    });
  });
}

/** One request on one connection, to its end. */
class Conversation {
  readonly ended: Promise<Attempt>;
  readonly #socket: Socket;
  readonly #options: AskOptions;
  readonly #stdout: HeldOutput;
  readonly #stderr: HeldOutput;
  #isAccepted = false;
  #watch: NodeJS.Timeout | undefined;
  #finish: (attempt: Attempt) => void = () => undefined;

  constructor(socket: Socket, options: AskOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#stdout = new HeldOutput(options.stdout);
    this.#stderr = new HeldOutput(options.stderr);
    this.ended = new Promise((resolve) => { this.#finish = resolve; }).then((attempt) => this.#close(attempt as Attempt));
    const reader = new FrameReader(Infinity);
    socket.on('data', (chunk) => {
      this.#restartWatch();
      for (const message of reader.push(chunk) ?? []) this.#receive(message as ServerMessage);
    });
    socket.on('error', (error) => { this.#lose(error.message); });
    socket.on('close', () => { this.#lose('the daemon went away'); });
    options.signal.addEventListener('abort', this.#onSignal);
    options.force.addEventListener('abort', this.#onForce);
    this.#restartWatch();
    this.#send(options.request);
    if (options.signal.aborted) this.#onSignal();
  }

  readonly #onSignal = (): void => {
    this.#send({ type: 'signal', exitCode: this.#options.signal.reason as SignalExitCode, force: false });
  };

  readonly #onForce = (): void => {
    const exitCode = this.#options.signal.reason as SignalExitCode;
    this.#send({ type: 'signal', exitCode, force: true });
    setTimeout(() => { this.#finish({ kind: 'done', exitCode }); }, DAEMON_LIMITS.forceMs);
  };

  #send(message: ClientMessage): void {
    this.#socket.write(frame(message));
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'accepted':
        this.#isAccepted = true;
        return;
      case 'refused':
        this.#finish(message.reason === 'busy' ? { kind: 'unavailable', why: 'the daemon has too much to do' } : { kind: 'retry', why: `the daemon is ${message.reason === 'stopping' ? 'ending' : 'of another version'}` });
        return;
      case 'output':
        (message.stream === 'stdout' ? this.#stdout : this.#stderr).write(message.text);
        return;
      case 'done':
        this.#finish({ kind: 'done', exitCode: message.exitCode });
        return;
      case 'gone':
        this.#lose(message.detail);
        return;
      case 'beat':
      case 'stopping':
      case 'status':
    }
  }

  /** Anything from the daemon counts as a sign of life. */
  #restartWatch(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => { this.#lose(WEDGED); }, this.#isAccepted ? DAEMON_LIMITS.silenceMs : DAEMON_LIMITS.acceptMs);
  }

  #lose(why: string): void {
    this.#finish(this.#stdout.isReleased || this.#stderr.isReleased ? { kind: 'broken', why } : { kind: 'unavailable', why });
  }

  #close(attempt: Attempt): Attempt {
    clearTimeout(this.#watch);
    this.#options.signal.removeEventListener('abort', this.#onSignal);
    this.#options.force.removeEventListener('abort', this.#onForce);
    this.#socket.removeAllListeners('close').destroy();
    if (attempt.kind === 'done') {
      this.#stdout.release();
      this.#stderr.release();
    } else {
      this.#stderr.restoreTerminal();
    }
    return attempt;
  }
}
