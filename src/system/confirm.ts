import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface Asking {
  readonly input: Readable;
  readonly output: Writable;
  /** Takes the question back: the answer is no. */
  readonly signal: AbortSignal;
}

/** Asks for a yes, which Enter alone is, too. The end of input is a no. */
export async function confirm(question: string, { input, output, signal }: Asking): Promise<boolean> {
  // Not as a terminal: there Ctrl-C would be a letter, and no signal.
  const lines = createInterface({ input, output, terminal: false });
  try {
    return await new Promise<boolean>((resolve) => {
      const refuse = (): void => { resolve(false); };
      if (signal.aborted) refuse();
      signal.addEventListener('abort', refuse, { once: true });
      lines.once('close', refuse);
      lines.question(`${question} [Y/n] `, (answer) => { resolve(['', 'y', 'yes'].includes(answer.trim().toLowerCase())); });
    });
  } finally {
    lines.close();
  }
}
