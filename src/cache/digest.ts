import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal, cut to 128 bits: two inputs with one digest will never be met. */
export type Digest = string;

const CHARS = 32;

export function digestOf(content: string | Uint8Array): Digest {
  return createHash('sha256').update(content).digest('hex').slice(0, CHARS);
}

/** Of a value that JSON can hold. Keys count in the order in which they stand. */
export function digestOfValue(value: unknown): Digest {
  return digestOf(JSON.stringify(value));
}

/** Of names and what belongs to each, whatever order they come in; every name and value ends by a byte that neither can hold. */
export function digestOfEntries(entries: Iterable<readonly [name: string, value: string]>): Digest {
  const lines = [...entries].map(([name, value]) => `${name}\0${value}\0`).sort();
  return digestOf(lines.join(''));
}
