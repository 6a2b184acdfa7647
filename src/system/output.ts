/** What a terminal, file or pipe looks like to those who write to it. */
export interface Output {
  write(text: string): void;
  /** Resolves when everything written so far has left the process, or can never leave because the reader is gone. */
  flush(): Promise<void>;
  readonly isTTY: boolean;
  /** Width in characters; Infinity where nothing wraps. Changes when a terminal is resized. */
  readonly columns: number;
  readonly rows: number;
}

/** The part of `process.stdout` that is used. */
export interface OutputStream {
  write(text: string, done: () => void): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/**
 * A reader that goes away (`spark-gates run | head -1`, a terminal that is closed) is not a failure: what comes after is dropped, and the exit code
 * still tells the verdict. Any other fault of the stream is thrown by the next `flush`.
 */
export function openOutput(stream: OutputStream): Output {
  let pending = 0;
  let closed = false;
  let fault: Error | null = null;
  let wake: (() => void)[] = [];
  const settle = (): void => {
    if (pending > 0 && !closed) return;
    const waiting = wake;
    wake = [];
    for (const resume of waiting) resume();
  };
  stream.on('error', (error: NodeJS.ErrnoException) => {
    closed = true;
    const isGone = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || (error.code === 'EIO' && stream.isTTY === true);
    if (!isGone) fault = error;
    settle();
  });
  return {
    write(text) {
      if (closed || text === '') return;
      pending += 1;
      stream.write(text, () => {
        pending -= 1;
        settle();
      });
    },
    async flush() {
      if (pending > 0 && !closed) await new Promise<void>((resume) => wake.push(resume));
      if (fault !== null) throw new Error(`cannot write the output: ${fault.message}`, { cause: fault });
    },
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.isTTY === true ? sizeOf(stream.columns, 80) : Infinity;
    },
    get rows() {
      return sizeOf(stream.rows, 24);
    },
  };
}

/** A terminal of which nobody has said how large it is has none, or one of 0. */
function sizeOf(found: number | undefined, otherwise: number): number {
  return found === undefined || found === 0 ? otherwise : found;
}
