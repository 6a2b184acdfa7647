import type { TreeLook } from '../cache/tree-look.ts';
import type { DaemonAddress } from '../daemon/address.ts';
import type { Identity } from '../daemon/messages.ts';
import type { SignalExitCode } from '../model/signals.ts';
import type { KeptRuns } from '../runner/kept-runs.ts';
import type { Clock } from '../system/clock.ts';
import type { Disk } from '../system/disk.ts';
import type { Output } from '../system/output.ts';

/** 0: all passed, or done. 1: a gate failed or errored, or a lock was refused. 2: could not start. 129, 130 and 143: ended by a signal. */
export type ExitCode = 0 | 1 | 2 | SignalExitCode;

/** What a command knows of the process it runs in; only `cli.ts` asks the process itself. */
export interface CommandContext {
  /** The words after the program's name. */
  readonly args?: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean };
  /** Whether stderr may show a picture that redraws itself. */
  readonly live: boolean;
  readonly unicode: boolean;
  readonly clock: Clock;
  /** What `init` and its like write to; the system's when absent. */
  readonly disk?: Disk | undefined;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, with the exit code of that signal as its reason. */
  readonly signal: AbortSignal;
  /** Aborted by the second: end without waiting. */
  readonly force: AbortSignal;
  /** How to reach the daemon; null inside it, and where there can be none. */
  readonly daemon: { readonly address: DaemonAddress | null; readonly identity: Identity; readonly program: string } | null;
  /** What came with the command besides its words, of a client of the daemon or of a hook; absent for a command that was typed. */
  readonly input?: string | undefined;
  /** What a host of the daemon keeps from run to run; null outside. */
  readonly kept: KeptRuns | null;
  /** What was seen of the tree on the way here; null or absent: nobody looked. */
  readonly look?: TreeLook | null;
  /** Asks whoever sits at the terminal for a yes; absent where nobody does. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
}

/** A command's own wish for the exit code; the last one counts. */
export type Finish = (exitCode: ExitCode) => void;
