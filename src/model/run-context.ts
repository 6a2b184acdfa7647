import type { SubprocessRequest, SubprocessResult } from '../system/subprocess.ts';
import type { Workspace } from './workspace.ts';

/** What a check may use while it runs in a worker. Everything it starts through this is ended for it. */
export interface RunContext {
  readonly workspace: Workspace;
  /** Aborts on Ctrl-C, `--bail`, and the check's time limit. Its reason is a `Failure`. */
  readonly signal: AbortSignal;
  /** The same, readable from code that blocks its thread (a TypeScript program's cancellation token). */
  isCancelled(): boolean;
  /** Memory shared by the checks of one lane, emptied after the last: the TypeScript program lives here. */
  readonly lane: Map<string, unknown>;
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
