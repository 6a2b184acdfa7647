/** Collects a stream's bytes up to a bound: the first half and the last half are kept, the middle is dropped. */
export class BoundedText {
  readonly #halfMax: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #droppedBytes = 0;

  constructor(bytesMax: number) {
    this.#halfMax = Math.floor(bytesMax / 2);
  }

  get truncated(): boolean {
    return this.#droppedBytes > 0;
  }

  push(chunk: Buffer): void {
    const room = this.#halfMax - this.#headBytes;
    if (room > 0) {
      const first = chunk.subarray(0, room);
      this.#head.push(first);
      this.#headBytes += first.length;
    }
    const rest = chunk.subarray(Math.max(0, room));
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    while (this.#tail[0] !== undefined && this.#tailBytes - this.#tail[0].length >= this.#halfMax) {
      this.#tailBytes -= this.#tail[0].length;
      this.#droppedBytes += this.#tail[0].length;
      this.#tail = this.#tail.slice(1);
    }
  }

  toString(): string {
    if (!this.truncated) return Buffer.concat([...this.#head, ...this.#tail]).toString('utf8');
    const dropped = `\n… ${this.#droppedBytes} bytes left out …\n`;
    return Buffer.concat(this.#head).toString('utf8') + dropped + Buffer.concat(this.#tail).toString('utf8');
  }
}
