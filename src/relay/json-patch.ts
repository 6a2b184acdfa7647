import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { isRecord } from '../system/is-record.ts';

/**
 * How one document became the next: the operations of RFC 6902 that need no array index. A list is replaced as a whole where
 * it differs; ours are short, and the least edit of two lists takes time quadratic in their length, which libraries for
 * this do spend.
 */
const operationSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('add'), path: z.string(), value: z.unknown() }),
  z.strictObject({ op: z.literal('replace'), path: z.string(), value: z.unknown() }),
  z.strictObject({ op: z.literal('remove'), path: z.string() }),
]);

export const patchSchema = z.array(operationSchema);

export type Patch = z.output<typeof patchSchema>;
export type Json = Readonly<Record<string, unknown>>;

/** The operations that make `to` of `from`, in the order of keys. Both are values of JSON. */
export function diff(from: Json, to: Json): Patch {
  const patch: Patch = [];
  collect('', from, to, patch);
  return patch;
}

function collect(at: string, from: Json, to: Json, patch: Patch): void {
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch.push({ op: 'remove', path: `${at}/${escape(key)}` });
  for (const [key, value] of Object.entries(to)) {
    const path = `${at}/${escape(key)}`;
    if (!Object.hasOwn(from, key)) patch.push({ op: 'add', path, value });
    else if (isRecord(value) && isRecord(from[key])) collect(path, from[key], value, patch);
    else if (!isDeepStrictEqual(value, from[key])) patch.push({ op: 'replace', path, value });
  }
}

/** The document after the patch, sharing what it leaves alone; null when the patch does not fit: it is about another document. */
export function applyPatch(document: Json, patch: Patch): Json | null {
  const copies = new Copies();
  const changed = copies.of(document);
  return patch.every((operation) => applyAt(changed, operation, copies)) ? changed : null;
}

/** Each object is copied when it is first changed, and changed in place from then on: thousands of rows may change at once. */
class Copies {
  readonly #made = new Set<Json>();

  of(original: Json): Record<string, unknown> {
    if (this.#made.has(original)) return original;
    const copy = { ...original };
    this.#made.add(copy);
    return copy;
  }
}

function applyAt(document: Record<string, unknown>, operation: Patch[number], copies: Copies): boolean {
  const keys = operation.path.split('/').slice(1).map(unescape);
  const last = keys.pop();
  if (last === undefined) return false;
  let at = document;
  for (const key of keys) {
    const inner = Object.hasOwn(at, key) ? at[key] : undefined;
    if (!isRecord(inner)) return false;
    const copy = copies.of(inner);
    put(at, key, copy);
    at = copy;
  }
  if (Object.hasOwn(at, last) === (operation.op === 'add')) return false;
  if (operation.op === 'remove') Reflect.deleteProperty(at, last);
  else put(at, last, operation.value);
  return true;
}

/** Assigning to `__proto__` would make no key of it. */
function put(at: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(at, key, { value, writable: true, enumerable: true, configurable: true });
}

function escape(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
