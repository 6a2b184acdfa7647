import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { coordinationSchema, DOCUMENT_VERSION, teamContextSchema } from '../model/documents.ts';
import { compareText } from '../model/finding.ts';
import { LIMITS } from '../model/limits.ts';
import { COORDINATION_FILE, teamOfContextFile } from '../model/relay-files.ts';
import type { UnusableKey } from '../model/relay-refusal.ts';
import { expectation, show, valueAt } from '../model/zod-issue.ts';
import { isRecord } from '../system/is-record.ts';
import type { Json } from './json-patch.ts';

/** What one file of the relay holds, as a value of JSON with every key of its schema. */
export interface RelayDocument extends Json {
  readonly revision: number;
}

export type DocumentResult =
  /** `filled`: keys that were not there and got their default. `unusable`: keys that were left as they had been. */
  | { readonly kind: 'sound'; readonly document: RelayDocument; readonly filled: ReadonlySet<string>; readonly unusable: readonly UnusableKey[] }
  /** `at` is the path in it, with dots; '' is the whole. */
  | { readonly kind: 'broken'; readonly at: string; readonly expected: string; readonly found: string }
  | { readonly kind: 'newer'; readonly found: number };

/** The names of documents, of which the rest of a folder's files are none. */
export function isDocumentName(name: string): boolean {
  return name === COORDINATION_FILE || teamOfContextFile(name) !== null;
}

/** The coordination first, then the teams by their number. */
export function compareDocumentNames(a: string, b: string): number {
  return numberOf(a) - numberOf(b) || compareText(a, b);
}

function numberOf(name: string): number {
  return Number(teamOfContextFile(name)?.slice('team'.length) ?? 0);
}

/** The bytes of a document's file. */
export function formatDocument(document: Json): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export function parseDocument(name: string, text: string): DocumentResult {
  if (Buffer.byteLength(text) > LIMITS.documentBytesMax) return broken('', `at most ${String(LIMITS.documentBytesMax)} bytes`, `${String(Buffer.byteLength(text))} bytes long`);
  let raw: unknown;
  try {
    raw = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) return broken('', 'valid JSON', text.trim() === '' ? 'empty' : `not JSON (${error.message})`);
    throw error;
  }
  return checkDocument(name, raw);
}

/** A value as it may come from a file or from our own code: every key there, and nothing that JSON would not give back. */
export function checkDocument(name: string, raw: unknown): DocumentResult {
  if (isDeeperThan(raw, LIMITS.documentDepthMax)) return broken('', `at most ${String(LIMITS.documentDepthMax)} levels of nesting`, 'nested deeper');
  const current = isRecord(raw) ? migrate(raw) : raw;
  if (isRecord(current) && typeof current.schema_version === 'number' && current.schema_version > DOCUMENT_VERSION) return { kind: 'newer', found: current.schema_version };
  const result = schemaOf(name).safeParse(current);
  const team = teamOfContextFile(name);
  if (result.success && team !== null && 'team_id' in result.data && result.data.team_id !== team) return broken('team_id', show(team), show(result.data.team_id));
  if (result.success) return { kind: 'sound', document: normalise(result.data), filled: new Set(Object.keys(result.data).filter((key) => !isRecord(current) || !Object.hasOwn(current, key))), unusable: [] };
  const [issue] = result.error.issues;
  if (issue === undefined) throw result.error;
  return broken(issue.path.join('.'), expectation(issue), show(valueAt(current, issue.path)));
}

/** Equal but for the order of keys. */
export function isSameDocument(a: Json, b: Json): boolean {
  return isDeepStrictEqual(a, b);
}

/** Whether a file says what the document does, in whatever layout. */
export function isInStep(document: Json, name: string, text: string): boolean {
  if (text === formatDocument(document)) return true;
  const found = parseDocument(name, text);
  return found.kind === 'sound' && isSameDocument(found.document, document);
}

export function schemaOf(name: string): z.ZodType<{ revision: number }> {
  return name === COORDINATION_FILE ? coordinationSchema : teamContextSchema;
}

/** Version 0 is the specification's letter: ours without the keys that have a default, and that is all that changed. */
export function migrate(raw: Json): Json {
  return raw.schema_version === 0 ? { ...raw, schema_version: DOCUMENT_VERSION } : raw;
}

/** -0 and numbers too large for JSON come back from a file as something else; so they are never held. */
function normalise(document: { revision: number }): RelayDocument {
  return JSON.parse(JSON.stringify(document)) as RelayDocument;
}

function broken(at: string, expected: string, found: string): DocumentResult {
  return { kind: 'broken', at, expected, found };
}

function isDeeperThan(value: unknown, levels: number): boolean {
  let row: unknown[] = [value];
  for (let level = 0; row.length > 0; level++) {
    if (level > levels) return true;
    row = row.flatMap((one): unknown[] => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}
