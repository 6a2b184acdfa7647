import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { openOutput } from '../../src/system/output.ts';

/** A stream that fails with this code as soon as it is written to. */
class Failing extends EventEmitter {
  readonly isTTY: boolean;
  readonly #code: string;

  constructor(code: string, isTTY: boolean) {
    super();
    this.#code = code;
    this.isTTY = isTTY;
  }

  write(): void {
    this.emit('error', Object.assign(new Error(`write ${this.#code}`), { code: this.#code }));
  }
}

describe('a stream that cannot be written to', () => {
  test.each([['a pipe whose reader is gone', 'EPIPE', false], ['a terminal that is closed', 'EIO', true]] as const)('%s: nothing is said', async (_what, code, isTTY) => {
    const output = openOutput(new Failing(code, isTTY));
    output.write('a');
    await output.flush();
  });

  test.each([['a file on a disk that fails', 'EIO'], ['a full disk', 'ENOSPC']] as const)('%s: that is told', async (_what, code) => {
    const output = openOutput(new Failing(code, false));
    output.write('a');
    await expect(output.flush()).rejects.toThrow(`cannot write the output: write ${code}`);
  });
});

test('a terminal that does not tell its size has 80 columns and 24 rows', () => {
  const stream = Object.assign(new Failing('EIO', true), { columns: 0, rows: 0 });
  const { columns, rows } = openOutput(stream);
  expect({ columns, rows }).toEqual({ columns: 80, rows: 24 });
});
