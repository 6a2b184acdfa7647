import { DAEMON_LIMITS } from '../model/limits.ts';
import type { Output } from '../system/output.ts';

const SHOW_CURSOR = '\u001B[?25h\n';

/**
 * Output of the daemon on its way to a stream. A terminal gets it as it comes; a pipe or file, which others read to the end, only when
 * the run is complete, so that a run that has to be done again here is not told twice. Loaded by the thin client.
 */
export class HeldOutput {
  readonly #output: Output;
  #held: string[] = [];
  #heldChars = 0;
  #isReleased = false;
  #hasShown = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** True when something was written that cannot be taken back. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  write(text: string): void {
    if (this.#output.isTTY || this.#isReleased) {
      this.#hasShown = true;
      this.#output.write(text);
      return;
    }
    this.#held.push(text);
    this.#heldChars += text.length;
    if (this.#heldChars > DAEMON_LIMITS.heldBytesMax) this.release();
  }

  release(): void {
    if (!this.#output.isTTY) this.#isReleased = true;
    for (const text of this.#held) this.#output.write(text);
    this.#held = [];
  }

  /** A picture that was being redrawn has hidden the cursor. */
  restoreTerminal(): void {
    if (this.#output.isTTY && this.#hasShown) this.#output.write(SHOW_CURSOR);
  }
}
