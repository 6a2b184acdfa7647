import { openSync, writeSync } from 'node:fs';

/** What a process did, as it wrote it down itself: one line when it began, one when it knew the outcome. Times are of one clock. */
export type Operation = 'acquire' | 'wait' | 'renew' | 'release' | 'check' | 'write' | 'read-table';

export interface Invocation {
  readonly id: number;
  readonly at: number;
  readonly operation: Operation;
  readonly file: string;
  readonly team: string;
  /** Shown by the caller. */
  readonly token: number | null;
  /** Asked for; null where it does not matter. */
  readonly durationMs: number | null;
  /** What a write puts into the file: the number it read there, and one. */
  readonly number: number | null;
}

export interface Outcome {
  readonly ok: boolean;
  /** Of the lease that was given or used. */
  readonly token: number | null;
  /** Why not. */
  readonly reason: string | null;
}

export interface Return extends Outcome {
  readonly id: number;
  readonly at: number;
  readonly returned: true;
}

/** Milliseconds of a clock that all processes of this machine share and nobody sets. */
export function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Appends to a file of its own, at once: what a killed process did before is there. */
export class HistoryWriter {
  readonly #descriptor: number;
  #id = 0;

  constructor(file: string) {
    this.#descriptor = openSync(file, 'a');
  }

  async record<T extends Outcome>(what: Omit<Invocation, 'id' | 'at'>, work: () => Promise<T>): Promise<T> {
    this.#id += 1;
    const id = this.#id;
    this.#append({ id, at: sharedMs(), ...what });
    const outcome = await work();
    this.#append({ id, at: sharedMs(), returned: true, ok: outcome.ok, token: outcome.token, reason: outcome.reason });
    return outcome;
  }

  #append(line: Invocation | Return): void {
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
  }
}
