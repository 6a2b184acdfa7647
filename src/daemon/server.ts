import { createServer, type Server, type Socket } from 'node:net';
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { productDigestOf } from '../cache/product.ts';
import { DAEMON_LIMITS } from '../model/limits.ts';
import type { Clock } from '../system/clock.ts';
import { withFileLock } from '../system/file-lock.ts';
import { describeMachine, isShortOfMemory } from '../system/machine.ts';
import { hasErrorCode, type DaemonAddress } from './address.ts';
import { frame, FrameReader } from './frames.ts';
import { Hosts, type Ticket } from './hosts.ts';
import { DaemonLog } from './log.ts';
import type { ClientMessage, Identity, ServerMessage } from './messages.ts';
import { probe } from './probe.ts';
import { clientMessageSchema } from './schema.ts';

export interface ServeOptions {
  readonly address: DaemonAddress;
  readonly identity: Identity;
  /** Absolute path of `cli.js`. */
  readonly program: string;
  readonly clock: Clock;
  /** Without a request for this long a host ends, and then the daemon. */
  readonly idleMs: number;
  readonly pid: number;
  readonly memoryBytes: () => number;
  /** Called as soon as somebody listens, this one or another. */
  readonly onReady: () => void;
  /** Aborted by SIGTERM, SIGINT and SIGHUP. */
  readonly signal: AbortSignal;
}

/** Often enough to notice soon that another daemon has taken the place. */
const LOOK_MS = 2_000;

/** Serves until it is told to end, is idle for long, or is replaced. Resolves at once when another one of this version serves already. */
export async function serveDaemon(options: ServeOptions): Promise<void> {
  const daemon = new Daemon(options);
  const outcome = await withFileLock({ file: path.join(options.address.folder, 'daemon'), waitMs: DAEMON_LIMITS.startMs }, () => daemon.takePlace());
  options.onReady();
  if (outcome.ok && outcome.value) await daemon.ended;
}

class Daemon {
  readonly ended: Promise<void>;
  readonly #options: ServeOptions;
  readonly #log: DaemonLog;
  readonly #hosts: Hosts;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #startedMs: number;
  /** What is installed where it was started from. */
  readonly #product: string | null;
  #lastMs: number;
  #requests = 0;
  #isStopping = false;
  #inode = 0n;
  #timers: NodeJS.Timeout[] = [];
  #end: () => void = () => undefined;

  constructor(options: ServeOptions) {
    const { address, clock, identity, program, idleMs } = options;
    this.#options = options;
    this.#log = new DaemonLog(address.log, clock);
    this.#startedMs = this.#lastMs = clock.monotonicMs();
    this.#product = productDigestOf(program);
    this.ended = new Promise((resolve) => { this.#end = resolve; });
    const { cores, memoryBytes } = describeMachine();
    this.#hosts = new Hosts({
      identity, program, folder: address.folder, clock, idleMs,
      runsAtOnce: Math.max(2, cores),
      memoryBytesMax: memoryBytes * DAEMON_LIMITS.memoryShare,
      isShortOfMemory: () => isShortOfMemory(DAEMON_LIMITS.scarceShare),
      log: (line) => { this.#log.write(line); },
      onOtherVersion: () => { this.#stop(REPLACED); },
      isIntact: () => this.#isIntact(),
    });
    this.#server = createServer((socket) => { this.#talk(socket); });
  }

  /** Under the lock of those who start: false when one of this version is there. */
  async takePlace(): Promise<boolean> {
    const { address, identity, signal } = this.#options;
    const other = await probe(address, { type: 'status', identity });
    if (other.kind === 'answer' && other.message.type === 'status') return false;
    // One of another version, or one that does not answer: its name is taken away, and it ends when it notices.
    if (other.kind === 'answer') await probe(address, { type: 'stop', identity });
    await this.#listen(address);
    this.#inode = inodeOf(address.socket);
    this.#timers = [setInterval(() => { this.#beat(); }, DAEMON_LIMITS.beatMs), setInterval(() => { this.#look(); }, LOOK_MS)];
    signal.addEventListener('abort', () => { this.#stop('a signal'); });
    this.#log.write(`daemon started, pid ${String(this.#options.pid)}, build ${identity.build}, node ${identity.node}`);
    return true;
  }

  /** Under a name of its own first: a server that closes removes the name it was opened by, and that may be another one's by then. */
  async #listen({ folder, socket }: DaemonAddress): Promise<void> {
    if (process.platform === 'win32') return listen(this.#server, socket);
    const own = path.join(folder, String(this.#options.pid));
    removeSocket(own);
    const before = process.umask(0o177);
    try {
      await listen(this.#server, own);
    } finally {
      process.umask(before);
    }
    await rename(own, socket);
  }

  #talk(socket: Socket): void {
    const reader = new FrameReader(DAEMON_LIMITS.messageBytesMax);
    const send = (message: ServerMessage): void => {
      if (socket.destroyed) return;
      socket.write(frame(message));
      // Who does not read is not waited for.
      if (socket.writableLength > DAEMON_LIMITS.heldBytesMax) socket.destroy();
      if (message.type === 'done' || message.type === 'gone' || message.type === 'refused' || message.type === 'status') socket.end();
    };
    let ticket: Ticket | null = null;
    const limit = setTimeout(() => { socket.destroy(); }, DAEMON_LIMITS.silenceMs);
    socket.on('data', (chunk) => {
      for (const raw of reader.push(chunk) ?? [null]) {
        const parsed = clientMessageSchema.safeParse(raw);
        if (!parsed.success) {
          this.#log.write('a client said what no client says; hung up');
          socket.destroy();
          return;
        }
        clearTimeout(limit);
        const message = parsed.data;
        if (message.type === 'signal' || message.type === 'resize') ticket?.tell(message);
        else if (ticket === null) ticket = this.#take(message, send, socket);
      }
    });
    socket.on('error', () => { socket.destroy(); });
    socket.on('close', () => {
      clearTimeout(limit);
      this.#clients.delete(socket);
      ticket?.abandon();
      this.#stopWhenDone();
    });
  }

  #take(message: Exclude<ClientMessage, { type: 'signal' | 'resize' }>, send: (message: ServerMessage) => void, socket: Socket): Ticket | null {
    const isSame = this.#isSame(message.identity);
    if (message.type === 'stop') {
      this.#clients.add(socket);
      send({ type: 'stopping' });
      this.#stop(isSame ? 'it was told to' : 'another version takes over');
      return null;
    }
    if (!this.#isIntact()) this.#stop(REPLACED);
    if (!isSame || this.#isStopping) {
      send({ type: 'refused', reason: isSame ? 'stopping' : 'other-version' });
      return null;
    }
    if (message.type !== 'run') {
      send(this.#status());
      return null;
    }
    this.#lastMs = this.#options.clock.monotonicMs();
    this.#requests += 1;
    this.#clients.add(socket);
    send({ type: 'accepted' });
    const ticket = this.#hosts.submit(message, send);
    if (ticket === null) send({ type: 'refused', reason: 'busy' });
    return ticket;
  }

  /** Another installation may be served as well, while it would find the same. */
  #isSame({ protocol, build, node, program }: Identity): boolean {
    const { identity } = this.#options;
    const isLike = protocol === identity.protocol && build === identity.build && node === identity.node;
    return isLike && (program === identity.program || productDigestOf(program) === this.#product);
  }

  /** Whether what it was started from is still there, unchanged: hosts load parts of it late, and a run by itself would load what is there now. */
  #isIntact(): boolean {
    return productDigestOf(this.#options.program) === this.#product;
  }

  #status(): ServerMessage {
    const { identity, pid, clock, memoryBytes } = this.#options;
    const nowMs = clock.monotonicMs();
    return { type: 'status', identity, pid, upMs: Math.round(nowMs - this.#startedMs), memoryBytes: memoryBytes(), requests: this.#requests, idleMs: Math.round(nowMs - this.#lastMs), hosts: this.#hosts.status() };
  }

  #beat(): void {
    for (const socket of this.#clients) if (socket.writable) socket.write(BEAT);
  }

  /** Whether it is still the one that clients find, and still wanted. */
  #look(): void {
    const { clock, idleMs, address, program } = this.#options;
    this.#hosts.trim();
    if (this.#isStopping) {
      this.#stopWhenDone();
      return;
    }
    if (this.#clients.size > 0 || this.#hosts.running > 0) this.#lastMs = clock.monotonicMs();
    if (inodeOf(address.socket) !== this.#inode) this.#stop('its socket is gone or another one\'s');
    else if (!existsSync(program)) this.#stop(REPLACED);
    else if (clock.monotonicMs() - this.#lastMs >= idleMs) this.#stop('idle');
  }

  /** Nobody new is taken; runs under way are ended as they would. */
  #stop(why: string): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#log.write(`daemon ends: ${why}`);
    if (inodeOf(this.#options.address.socket) === this.#inode && process.platform !== 'win32') removeSocket(this.#options.address.socket);
    this.#server.close();
    this.#stopWhenDone();
  }

  #stopWhenDone(): void {
    if (!this.#isStopping || this.#hosts.running + this.#hosts.waiting > 0) return;
    for (const timer of this.#timers) clearInterval(timer);
    void this.#hosts.close().then(() => {
      for (const socket of this.#clients) socket.end();
      this.#end();
    });
  }
}

const REPLACED = 'what it was started from is gone, or another version';

const BEAT = frame({ type: 'beat' } satisfies ServerMessage);

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

/** 0 when it is gone, and for a named pipe, which only one can have. */
function inodeOf(file: string): bigint {
  return process.platform === 'win32' ? 0n : (lstatSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n);
}

function removeSocket(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!hasErrorCode(error) || error.code !== 'ENOENT') throw error;
  }
}
