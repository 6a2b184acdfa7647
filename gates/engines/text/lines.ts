/** Turns UTF-16 offsets of one text into 1-based lines and columns. */
export class LineIndex {
  readonly #starts: number[] = [0];

  /** `ecmaScript`: U+2028 and U+2029 end a line too, as JavaScript and TypeScript count. */
  constructor(text: string, ecmaScript = false) {
    for (const match of text.matchAll(ecmaScript ? /\r\n|[\n\r\u2028\u2029]/g : /\r\n|[\n\r]/g)) {
      this.#starts.push(match.index + match[0].length);
    }
  }

  placeOf(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}
