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
  let current: Json | null = document;
  for (const operation of patch) current = current === null ? null : applyAt(current, operation.path.split('/').slice(1).map(unescape), operation);
  return current;
}

function applyAt(document: Json, [key, ...deeper]: readonly string[], operation: Patch[number]): Json | null {
  // Assigning to `__proto__` would make no key of it; no document has one, zod leaves it out.
  if (key === undefined || key === '__proto__') return null;
  if (deeper.length > 0) {
    const inner = Object.hasOwn(document, key) ? document[key] : undefined;
    const changed = isRecord(inner) ? applyAt(inner, deeper, operation) : null;
    return changed === null ? null : { ...document, [key]: changed };
  }
  if (Object.hasOwn(document, key) === (operation.op === 'add')) return null;
  if (operation.op !== 'remove') return { ...document, [key]: operation.value };
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== key));
}

function escape(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
