/**
 * Reads what a client sends, of which nothing is certain: a field that is missing or of another kind is none. Loaded by the thin client, so
 * without a schema library: every function here takes whatever there is.
 */
export type Payload = Readonly<Record<string, unknown>>;

/** Kept of texts that are passed on. */
const TEXT_CHARS_MAX = 4_000;

export function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is not empty, or null; its beginning, where it is long. */
export function textAt(payload: unknown, ...path: readonly string[]): string | null {
  return wholeTextAt(payload, ...path)?.slice(0, TEXT_CHARS_MAX) ?? null;
}

/** Of what must not be judged by its beginning: a path, a patch. Its bound is that of the payload. */
export function wholeTextAt(payload: unknown, ...path: readonly string[]): string | null {
  const value = valueAt(payload, ...path);
  return typeof value === 'string' && value !== '' ? value : null;
}

export function valueAt(payload: unknown, ...path: readonly string[]): unknown {
  let value: unknown = payload;
  for (const name of path) {
    if (!isPayload(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

export function listAt(payload: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(payload, ...path);
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function textsAt(payload: unknown, ...path: readonly string[]): string[] {
  return listAt(payload, ...path).filter((one): one is string => typeof one === 'string' && one !== '');
}

/** The JSON object that the bytes are; null when they are none. */
export function parsePayload(text: string): Payload | null {
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfe_ff ? text.slice(1) : text);
    return isPayload(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
