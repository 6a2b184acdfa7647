import type { Output } from './output.ts';

/** Keeps what is written, for those who want to read it. Nothing is imported that runs. */
export class TextOutput implements Output {
  readonly isTTY = false;
  readonly columns = Infinity;
  readonly rows = 24;
  #parts: string[] = [];

  get text(): string {
    return this.#parts.join('');
  }

  write(text: string): void {
    this.#parts.push(text);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}
