import type { RunEvent } from '../model/event.ts';
import type { Clock } from '../system/clock.ts';
import type { Output } from '../system/output.ts';

/** Turns the events of one run into bytes. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /** After the last event, or after a run that broke off: writes what is left, and gives the terminal back. */
  finish(): Promise<void>;
}

export interface ReporterOptions {
  /** The result. */
  readonly stdout: Output;
  /** Progress, and words beside a result that a machine reads. */
  readonly stderr: Output;
  /** Whether each stream takes colour codes. */
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean };
  /** Whether a picture that redraws itself may be shown; only ever true when stderr is a terminal. */
  readonly live: boolean;
  /** Whether the terminal can show ✓ and its like. */
  readonly unicode: boolean;
  readonly clock: Clock;
  /** Text of a source file by its absolute path; null when it is gone, binary or too large for a code frame. */
  readSource(file: string): Promise<string | null>;
}

/** One format. A new one is a file beside this one and a line in `index.ts`. */
export type CreateReporter = (options: ReporterOptions) => Reporter;
