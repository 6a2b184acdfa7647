import { DAEMON_LIMITS } from '../model/limits.ts';
import type { Clock } from '../system/clock.ts';
import { HostProcess } from './host-process.ts';
import type { ClientMessage, FromHost, HostStatus, Identity, RunRequestMessage, ServerMessage } from './messages.ts';
import { routeOf } from './route.ts';

export interface HostsOptions {
  readonly identity: Identity;
  /** Absolute path of `cli.js`. */
  readonly program: string;
  /** A folder that hosts may start in. */
  readonly folder: string;
  readonly clock: Clock;
  /** Runs at once, of different roots. */
  readonly runsAtOnce: number;
  /** All that hosts may keep while nobody asks; more where there is only one. */
  readonly memoryBytesMax: number;
  /** Whether the machine needs back what idle hosts keep. */
  readonly isShortOfMemory: () => boolean;
  readonly idleMs: number;
  readonly log: (line: string) => void;
  /** A host came up as another version: what is installed has been replaced under us. */
  readonly onOtherVersion: () => void;
  /** Whether what hosts load is still what it was. */
  readonly isIntact: () => boolean;
}

/** One request, from its acceptance to `done` or `gone`. */
interface Job {
  readonly request: RunRequestMessage;
  readonly send: (message: ServerMessage) => void;
  /** Counts the requests of all roots. */
  readonly number: number;
  cancel: NodeJS.Timeout | undefined;
}

interface Entry {
  readonly key: string;
  readonly root: string;
  readonly waiting: Job[];
  current: Job | null;
  process: HostProcess | null;
  memoryBytes: number;
  requests: number;
  lastMs: number;
}

export interface Ticket {
  /** What the client says after its request. */
  tell(message: Extract<ClientMessage, { type: 'signal' | 'resize' }>): void;
  /** The client is gone: nobody waits for this run. */
  abandon(): void;
}

/** All hosts: one a workspace, each with one run at a time; the least recently used is closed for want of memory. */
export class Hosts {
  readonly #options: HostsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  #submitted = 0;

  constructor(options: HostsOptions) {
    this.#options = options;
  }

  /** Null when too many wait already. */
  submit(request: RunRequestMessage, send: (message: ServerMessage) => void): Ticket | null {
    if (this.waiting >= DAEMON_LIMITS.waitingMax) return null;
    const entry = this.#entryOf(request);
    this.#submitted += 1;
    const job: Job = { request, send, number: this.#submitted, cancel: undefined };
    entry.waiting.push(job);
    this.#startWaiting();
    return {
      tell: (message) => {
        if (entry.current === job) entry.process?.send(message);
        else if (message.type === 'signal' && remove(entry.waiting, job)) send({ type: 'done', exitCode: message.exitCode });
      },
      abandon: () => { this.#abandon(entry, job); },
    };
  }

  get waiting(): number {
    return [...this.#entries.values()].reduce((sum, entry) => sum + entry.waiting.length, 0);
  }

  get running(): number {
    return [...this.#entries.values()].filter((entry) => entry.current !== null).length;
  }

  status(): HostStatus[] {
    const nowMs = this.#options.clock.monotonicMs();
    return [...this.#entries.values()].map((entry) => ({
      root: entry.root,
      pid: entry.process?.pid ?? null,
      memoryBytes: entry.memoryBytes,
      requests: entry.requests,
      waiting: entry.waiting.length,
      isBusy: entry.current !== null,
      idleMs: entry.current === null ? Math.round(nowMs - entry.lastMs) : 0,
    }));
  }

  /** Closes those that nobody has asked for long, the least recently used beyond the budget, and one where memory is short. */
  trim(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const idle = [...this.#entries.values()].filter((entry) => entry.current === null && entry.waiting.length === 0).sort((a, b) => a.lastMs - b.lastMs);
    for (const entry of idle) if (nowMs - entry.lastMs >= this.#options.idleMs) this.#close(entry, 'idle');
    for (const entry of idle) {
      const memoryBytes = [...this.#entries.values()].reduce((sum, one) => sum + one.memoryBytes, 0);
      const most = this.#options.memoryBytesMax * (this.#entries.size === 1 ? DAEMON_LIMITS.lastHostFactor : 1);
      if (this.#entries.size <= DAEMON_LIMITS.hostsMax && memoryBytes <= most) break;
      this.#close(entry, 'least recently used');
    }
    const oldest = idle.find((entry) => this.#entries.has(entry.key));
    if (oldest !== undefined && this.#options.isShortOfMemory()) this.#close(oldest, 'the machine is short of memory');
  }

  /** Ends all of them; call it when nothing runs or nobody waits for what does. */
  async close(): Promise<void> {
    for (const entry of [...this.#entries.values()]) this.#close(entry, 'the daemon ends');
    await Promise.all(this.#closing);
  }

  #entryOf(request: RunRequestMessage): Entry {
    const { key, root } = routeOf(request);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, root, waiting: [], current: null, process: null, memoryBytes: 0, requests: 0, lastMs: this.#options.clock.monotonicMs() };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  /** In order of arrival, whatever the root: two that are always busy must not keep a third from its turn. */
  #startWaiting(): void {
    const idle = [...this.#entries.values()].filter((entry) => entry.current === null && entry.waiting.length > 0);
    idle.sort((a, b) => (a.waiting[0]?.number ?? 0) - (b.waiting[0]?.number ?? 0));
    for (const entry of idle.slice(0, Math.max(0, this.#options.runsAtOnce - this.running))) {
      const job = entry.waiting.shift();
      if (job !== undefined) this.#start(entry, job);
    }
  }

  #start(entry: Entry, job: Job): void {
    const { program, folder } = this.#options;
    entry.current = job;
    entry.requests += 1;
    if (entry.process === null) {
      const host: HostProcess = new HostProcess({
        program,
        folder,
        request: job.request,
        listener: {
          onMessage: (message) => { this.#receive(entry, message); },
          onExit: (detail) => { this.#lose(entry, host, detail); },
          onNoise: (text) => { this.#options.log(`host of ${entry.root} says: ${text.slice(0, NOISE_CHARS_MAX).trimEnd()}`); },
        },
      });
      entry.process = host;
      this.#options.log(`host of ${entry.root} started, pid ${String(host.pid)}`);
    }
    entry.process.watch();
    entry.process.send({ type: 'run', request: job.request });
  }

  #receive(entry: Entry, message: FromHost): void {
    const job = entry.current;
    switch (message.type) {
      case 'ready': {
        const { identity, onOtherVersion } = this.#options;
        if (message.identity.build === identity.build) return;
        onOtherVersion();
        entry.process?.kill();
        return;
      }
      case 'output':
        job?.send(message);
        return;
      case 'done':
        entry.memoryBytes = message.memoryBytes;
        // What it could not load, or loaded in another version, may have become a verdict.
        this.#end(entry, this.#options.isIntact() ? { type: 'done', exitCode: message.exitCode } : { type: 'gone', detail: 'what the daemon was started from is gone, or another version' });
        return;
      case 'refused':
        this.#end(entry, { type: 'gone', detail: message.detail });
        return;
      case 'beat':
    }
  }

  #lose(entry: Entry, host: HostProcess, detail: string): void {
    if (entry.process !== host) return;
    entry.process = null;
    entry.memoryBytes = 0;
    this.#options.log(`host of ${entry.root} is gone: ${detail}`);
    this.#end(entry, { type: 'gone', detail: `the host of ${entry.root} is gone: ${detail}` });
  }

  #end(entry: Entry, last: ServerMessage): void {
    const job = entry.current;
    entry.process?.unwatch();
    entry.current = null;
    entry.lastMs = this.#options.clock.monotonicMs();
    clearTimeout(job?.cancel);
    job?.send(last);
    this.#startWaiting();
    this.trim();
  }

  #abandon(entry: Entry, job: Job): void {
    if (remove(entry.waiting, job) || entry.current !== job || job.request.goesOn === true) return;
    const host = entry.process;
    host?.send({ type: 'signal', exitCode: 130, force: false });
    job.cancel = setTimeout(() => {
      host?.send({ type: 'signal', exitCode: 130, force: true });
      job.cancel = setTimeout(() => { host?.kill(); }, DAEMON_LIMITS.forceMs);
    }, DAEMON_LIMITS.hostGraceMs);
  }

  #close(entry: Entry, why: string): void {
    this.#entries.delete(entry.key);
    const { process: host } = entry;
    if (host === null) return;
    this.#options.log(`host of ${entry.root} closed: ${why}`);
    const closing = host.close().then(() => { this.#closing.delete(closing); });
    this.#closing.add(closing);
  }
}

/** Of what a host prints past us: enough to see what crashed. */
const NOISE_CHARS_MAX = 4_000;

function remove<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item);
  if (at !== -1) list.splice(at, 1);
  return at !== -1;
}
