import type { FileStates } from '../system/file-states.ts';
import type { SubprocessRequest, SubprocessResult } from '../system/subprocess.ts';
import type { Workspace } from './workspace.ts';

/** What a check may use while it runs in a worker. Everything it starts through this is ended for it. */
export interface RunContext {
  readonly workspace: Workspace;
  /** Aborts on Ctrl-C, `--bail`, and the check's time limit. Its reason is a `Failure`. */
  readonly signal: AbortSignal;
  /** The same, readable from code that blocks its thread (a TypeScript program's cancellation token). */
  isCancelled(): boolean;
  /**
   * Memory shared by the checks of one lane: the TypeScript program lives here. Emptied after the last one, but for a kept
   * lane: then whatever is found in it must be held against the tree before it is used.
   */
  readonly lane: Map<string, unknown>;
  /** Null when nothing outlives the run. */
  readonly kept: KeptLane | null;
  /** Cores granted: 1 to the check's `slotsMax`. Nested tools get their worker count from it. */
  readonly slots: number;
  /** A new folder outside the workspace, removed after the check whatever happens. */
  tempFolder(): Promise<string>;
  /** A folder outside the workspace that all checks of the run share, removed after it. */
  readonly runFolder: string;
  /** Runs one program to its end; its whole process tree ends with it. Never throws for what the program does. */
  subprocess(request: SubprocessRequest): Promise<SubprocessResult>;
  /** Environment of the caller, for engines that need to look something up. Read only. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * What a look at the tree saw before the run was planned, in digests. Everything counts that results are looked up by: files that
 * git ignores, what is installed, what lies outside of the root.
 */
export interface TreeDigests {
  /** Of all but sources, text, styles and pictures. */
  readonly settings: string;
  readonly all: string;
}

/** The tree as it is at the beginning of a run. */
export interface GuardedTree {
  readonly workspace: Workspace;
  /** Null where not all of it can be told. */
  readonly tree: TreeDigests | null;
}

/** What a lane that outlives its run offers to those who keep something in it. */
export interface KeptLane {
  /** Another number in each run of this lane: what was looked at in this run need not be looked at twice. */
  readonly run: number;
  readonly tree: GuardedTree['tree'];
  /** What the files hold now, by absolute path. */
  readonly files: FileStates;
  readonly thread: KeptThread;
}

/** Says in one string what code was told by the tree when it was loaded; another string, or that nobody can tell, and the code is out of date. */
export type Guard = (now: GuardedTree) => string | null;

/**
 * The thread of a kept lane. What is loaded into it cannot be unloaded: it is told here what that was made from, and the thread is
 * ended before the next run if any of it has changed.
 */
export interface KeptThread {
  /** `value` is what the guard said before the code was loaded that depends on it. Of guards of one name the first one stays. */
  guard(name: string, value: string | null, guard: Guard): void;
  /** Absolute paths of modules that were loaded. What Node's `require` has loaded is known without. */
  watch(files: Iterable<string>): void;
}
