import type { MessagePort } from 'node:worker_threads';
import type { ProcessTree } from '../system/process-tree.ts';
import type { Check, CheckOutcome } from './check.ts';
import type { Failure } from './failure.ts';
import type { TreeDigests } from './run-context.ts';
import type { Workspace } from './workspace.ts';

/** One dispatch to a worker: the checks of one lane, in order. */
export interface LaneTask {
  readonly lane: string;
  /** The lane's memory outlives the run. Null: it does not. */
  readonly kept: { readonly heapMegabytesMax: number; readonly tree: TreeDigests | null } | null;
  readonly checks: readonly Check[];
  readonly workspace: Workspace;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A folder of the run for temporary folders; the runner removes it. */
  readonly tempRoot: string;
  /** The run's table of thread locks (`ThreadLocks` reads it). */
  readonly locks: { readonly buffer: SharedArrayBuffer; readonly names: readonly string[] };
  /** Cores granted: the most workers of each tool that its checks start. */
  readonly slots: number;
  /** The number under which this task holds thread locks. */
  readonly holder: number;
  /** One 32-bit word a check, in the order of `checks`: not 0 once it is cancelled. Readable while the thread is busy. */
  readonly cancelFlags: SharedArrayBuffer;
  readonly port: MessagePort;
}

/** Worker → runner. */
export type LaneMessage =
  /** Said before any check: code in this thread is out of date, the checks must run in another. */
  | { readonly type: 'outdated'; readonly what: string }
  /** The thread must not be kept: it has grown too large, or something in it broke off. */
  | { readonly type: 'spent' }
  | { readonly type: 'started'; readonly check: string }
  | { readonly type: 'finished'; readonly check: string; readonly outcome: CheckOutcome; readonly durationMs: number; readonly peakMegabytes: number | null }
  | { readonly type: 'tree'; readonly state: 'started' | 'ended'; readonly tree: ProcessTree };

/** Runner → worker, besides the cancel flag: wakes what waits. */
export interface CancelMessage {
  readonly type: 'cancel';
  readonly check: string;
  readonly failure: Failure;
}

/** The lock that keeps two test suites from running at once, and measurements from running beside one. */
export const TEST_RUN_LOCK = 'test-run';
