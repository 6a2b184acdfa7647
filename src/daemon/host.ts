import { DAEMON_LIMITS } from '../model/limits.ts';
import type { SignalExitCode } from '../model/signals.ts';
import type { Output } from '../system/output.ts';
import type { FromHost, Identity, RunRequestMessage, StreamFacts, ToHost } from './messages.ts';

/** A command line with all that it may know of the process it was typed in. */
export interface HostedRun {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean };
  readonly live: boolean;
  readonly unicode: boolean;
  readonly input?: string | undefined;
  readonly signal: AbortSignal;
  readonly force: AbortSignal;
}

/** The part of `process` that a host needs; only `cli.ts` has it itself. */
export interface HostSurroundings {
  readonly identity: Identity;
  /** Makes the process what the client's is: folder, environment, umask, and where stderr leads. Throws where the folder is gone. */
  enter(request: RunRequestMessage, stderr: Output): void;
  send(message: FromHost, done: () => void): void;
  onMessage(listener: (message: ToHost) => void): void;
  /** The daemon is gone. */
  onDisconnect(listener: () => void): void;
  memoryBytes(): number;
  /** Does what the last run left for when its answer is out. */
  settle(): Promise<void>;
  /** Runs one command line; never throws. */
  run(run: HostedRun): Promise<number>;
  /** Closes what is kept between runs. */
  close(): Promise<void>;
}

interface Current {
  readonly graceful: AbortController;
  readonly force: AbortController;
  readonly resize: (columns: number, rows: number) => void;
  readonly ended: Promise<void>;
}

/** Runs what the daemon sends, one at a time, until it is told to end or the daemon is gone. What was started by then is ended first. */
export async function serveHost(surroundings: HostSurroundings): Promise<void> {
  let current: Current | null = null;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => { end = resolve; });
  const abort = (exitCode: SignalExitCode, isForced: boolean): void => {
    current?.graceful.abort(exitCode);
    if (isForced) current?.force.abort();
  };
  surroundings.onMessage((message) => {
    switch (message.type) {
      case 'run':
        current = start(message.request, surroundings, () => { current = null; });
        return;
      case 'signal':
        abort(message.exitCode, message.force);
        return;
      case 'resize':
        current?.resize(message.columns, message.rows);
        return;
      case 'close':
        end();
    }
  });
  surroundings.onDisconnect(() => {
    abort(143, false);
    end();
  });
  const beat = setInterval(() => { if (current !== null) surroundings.send({ type: 'beat' }, () => undefined); }, DAEMON_LIMITS.beatMs);
  surroundings.send({ type: 'ready', identity: surroundings.identity }, () => undefined);
  await ended;
  abort(143, false);
  await (current as Current | null)?.ended;
  clearInterval(beat);
  await surroundings.close();
}

function start(request: RunRequestMessage, surroundings: HostSurroundings, onEnd: () => void): Current {
  const graceful = new AbortController();
  const force = new AbortController();
  const stdout = new ClientOutput('stdout', request.stdout, surroundings);
  const stderr = new ClientOutput('stderr', request.stderr, surroundings);
  const { args, cwd, environment, live, unicode, input } = request;
  const run: HostedRun = {
    args, cwd, environment, stdout, stderr, live, unicode, input,
    colour: { stdout: request.stdout.colour, stderr: request.stderr.colour },
    signal: graceful.signal,
    force: force.signal,
  };
  const work = async (): Promise<void> => {
    await surroundings.settle();
    const problem = tryEnter(request, stderr, surroundings);
    const last: FromHost = problem === null ? { type: 'done', exitCode: await surroundings.run(run), memoryBytes: surroundings.memoryBytes() } : { type: 'refused', detail: problem };
    onEnd();
    surroundings.send(last, () => { void surroundings.settle(); });
  };
  return { graceful, force, ended: work(), resize: (columns, rows) => { stdout.resize(columns, rows); stderr.resize(columns, rows); } };
}

/** Why the process cannot be what the client's is; null when it can. */
function tryEnter(request: RunRequestMessage, stderr: Output, surroundings: HostSurroundings): string | null {
  try {
    surroundings.enter(request, stderr);
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${request.cwd}: ${error.message}`;
    throw error;
  }
}

/** A stream of the client's, written to from here. */
class ClientOutput implements Output {
  readonly isTTY: boolean;
  readonly #stream: 'stdout' | 'stderr';
  readonly #send: HostSurroundings['send'];
  #columns: number;
  #rows: number;
  #pending = 0;
  #wake: (() => void)[] = [];

  constructor(stream: 'stdout' | 'stderr', facts: StreamFacts, surroundings: HostSurroundings) {
    this.#stream = stream;
    this.#send = (message, done) => { surroundings.send(message, done); };
    this.isTTY = facts.isTTY;
    this.#columns = facts.columns ?? Infinity;
    this.#rows = facts.rows;
  }

  get columns(): number {
    return this.#columns;
  }

  get rows(): number {
    return this.#rows;
  }

  resize(columns: number, rows: number): void {
    if (!this.isTTY) return;
    this.#columns = columns;
    this.#rows = rows;
  }

  write(text: string): void {
    for (let from = 0; from < text.length; from += DAEMON_LIMITS.outputCharsMax) {
      this.#pending += 1;
      this.#send({ type: 'output', stream: this.#stream, text: text.slice(from, from + DAEMON_LIMITS.outputCharsMax) }, () => { this.#settle(); });
    }
  }

  async flush(): Promise<void> {
    if (this.#pending > 0) await new Promise<void>((resolve) => { this.#wake.push(resolve); });
  }

  #settle(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    const waiting = this.#wake;
    this.#wake = [];
    for (const resume of waiting) resume();
  }
}
