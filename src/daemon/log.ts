import { appendFileSync, renameSync, statSync } from 'node:fs';
import { DAEMON_LIMITS } from '../model/limits.ts';
import type { Clock } from '../system/clock.ts';

/** The daemon's own lines, bounded; whoever cannot write them goes on without. */
export class DaemonLog {
  readonly #file: string;
  readonly #clock: Clock;

  constructor(file: string, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  write(line: string): void {
    try {
      if ((statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0) > DAEMON_LIMITS.logBytesMax) renameSync(this.#file, `${this.#file}.1`);
      appendFileSync(this.#file, `${new Date(this.#clock.now()).toISOString()} ${line.replaceAll(/[\r\n]+/g, ' | ')}\n`, { mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}
