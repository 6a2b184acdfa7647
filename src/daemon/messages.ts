import type { SignalExitCode } from '../model/signals.ts';

/** What clients, the daemon and its hosts say to each other. Types only: the thin client loads nothing for them. */

/** Changes when older messages would be misunderstood. */
export const PROTOCOL = 1;

/** Whom one talks to: the daemon serves only clients of the very same build, with the same packages beside it, on the same Node. */
export interface Identity {
  readonly protocol: number;
  readonly build: string;
  readonly node: string;
  /** Absolute path of `cli.js`: from there the daemon sees what is installed, which would take a client too long. */
  readonly program: string;
}

/** What a terminal, file or pipe of the client looks like. */
export interface StreamFacts {
  readonly isTTY: boolean;
  readonly colour: boolean;
  /** Null where nothing wraps. */
  readonly columns: number | null;
  readonly rows: number;
}

/** A command line, and all that it can know of the process that it was typed in. */
export interface RunRequestMessage {
  readonly type: 'run';
  readonly identity: Identity;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly umask: number;
  readonly stdout: StreamFacts;
  readonly stderr: StreamFacts;
  readonly live: boolean;
  readonly unicode: boolean;
  /** What it would read from stdin. */
  readonly input?: string | undefined;
  /** It is done to its end also when the client is gone: what it warms up is of use to the next. */
  readonly goesOn?: boolean | undefined;
}

export type ClientMessage =
  | RunRequestMessage
  | { readonly type: 'status' | 'stop'; readonly identity: Identity }
  /** As Ctrl-C, SIGTERM and SIGHUP would do to the process itself; `force` is the second of them. */
  | { readonly type: 'signal'; readonly exitCode: SignalExitCode; readonly force: boolean }
  | { readonly type: 'resize'; readonly columns: number; readonly rows: number };

export interface HostStatus {
  readonly root: string;
  readonly pid: number | null;
  readonly memoryBytes: number;
  readonly requests: number;
  readonly waiting: number;
  readonly isBusy: boolean;
  readonly idleMs: number;
}

export interface DaemonStatus {
  readonly type: 'status';
  readonly identity: Identity;
  readonly pid: number;
  readonly upMs: number;
  readonly memoryBytes: number;
  readonly requests: number;
  readonly idleMs: number;
  readonly hosts: readonly HostStatus[];
}

export type ServerMessage =
  | { readonly type: 'accepted' }
  | { readonly type: 'refused'; readonly reason: 'other-version' | 'busy' | 'stopping' }
  | { readonly type: 'beat' }
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'done'; readonly exitCode: number }
  /** The host is lost, and the run with it. */
  | { readonly type: 'gone'; readonly detail: string }
  | { readonly type: 'stopping' }
  | DaemonStatus;

/** Daemon → host. One run at a time. */
export type ToHost =
  | { readonly type: 'run'; readonly request: RunRequestMessage }
  | Extract<ClientMessage, { readonly type: 'signal' | 'resize' }>
  | { readonly type: 'close' };

/** Host → daemon. */
export type FromHost =
  | { readonly type: 'ready'; readonly identity: Identity }
  | { readonly type: 'beat' }
  | Extract<ServerMessage, { readonly type: 'output' }>
  | { readonly type: 'done'; readonly exitCode: number; readonly memoryBytes: number }
  | { readonly type: 'refused'; readonly detail: string };
