/** One JSON document a line. Loaded by the thin client: nothing is imported. */
export function frame(message: unknown): string {
  return `${JSON.stringify(message)}\n`;
}

/** Puts lines together again. A line beyond the bound is a fault of the other side, and nothing more is read from it. */
export class FrameReader {
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The messages that are complete with this chunk; null when one is too long or is no JSON. */
  push(chunk: Buffer): unknown[] | null {
    const messages: unknown[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...this.#parts, chunk.subarray(from, end)]);
      this.#parts = [];
      this.#bytes = 0;
      from = end + 1;
      if (line.length > this.#bytesMax) return null;
      try {
        messages.push(JSON.parse(line.toString('utf8')));
      } catch (error) {
        if (error instanceof SyntaxError) return null;
        throw error;
      }
    }
    if (from < chunk.length) {
      this.#parts.push(chunk.subarray(from));
      this.#bytes += chunk.length - from;
    }
    return this.#bytes > this.#bytesMax ? null : messages;
  }
}
