import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { coordinationSchema, FINAL_STATUSES, teamContextSchema } from '../model/documents.ts';
import { COORDINATION_FILE } from '../model/relay-files.ts';
import type { RelayClaim } from '../model/relay-refusal.ts';
import { isRecord } from '../system/is-record.ts';
import type { RelayDocument } from './document-kind.ts';
import type { Json } from './json-patch.ts';

export interface HandEdit {
  readonly name: string;
  readonly ours: RelayDocument;
  /** What the editor began with; an editor reads a document, thinks for minutes, and writes all of it. */
  readonly base: RelayDocument;
  readonly edit: RelayDocument;
  /** Keys of `edit` that the editor did not write: no statement either. */
  readonly filled: ReadonlySet<string>;
}

export interface MergedEdit {
  /** Ours with what the editor may say; ours itself when that is nothing. */
  readonly document: RelayDocument;
  /** Keys that were taken over. */
  readonly adopted: readonly string[];
  readonly claims: readonly RelayClaim[];
}

/** What a team context says of the agent's own work: its to write. */
const AGENT_KEYS = new Set(['status', 'implementation_details.files_created', 'implementation_details.files_modified', 'implementation_details.functions_added', 'implementation_details.tests_written', 'errors', 'communication']);

/**
 * Takes over from a hand edit what belongs to agents: those keys, and every key that no schema knows. The others are ours,
 * and what the editor changed there is a claim. Three-way: what the editor left as it was is no statement, even where
 * we have gone on since.
 */
export function mergeEdit({ name, ours, base, edit, filled }: HandEdit): MergedEdit {
  const adopted: string[] = [];
  const claims: RelayClaim[] = [];
  const merge = (key: string, schema: Schema | null, mine: unknown, before: unknown, theirs: unknown): unknown => {
    if (key === 'revision' || filled.has(key) || isDeepStrictEqual(theirs, before) || isDeepStrictEqual(theirs, mine)) return mine;
    if (schema !== null && !AGENT_KEYS.has(key)) {
      const inner = innerSchemas(schema);
      if (inner !== null && isRecord(mine) && isRecord(theirs)) return mergeKeys(key, inner, mine, isRecord(before) ? before : {}, theirs);
    }
    if (isAgents(key, schema, mine, theirs)) {
      adopted.push(key);
      return adopt(mine, before, theirs);
    }
    claims.push({ key, claimed: theirs, ours: mine });
    return mine;
  };
  const mergeKeys = (at: string, schemas: InnerSchemas, mine: Json, before: Json, theirs: Json): Json => {
    const merged: [string, unknown][] = [];
    for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
      const value = merge(at === '' ? key : `${at}.${key}`, schemas(key), own(mine, key), own(before, key), own(theirs, key));
      if (value !== undefined) merged.push([key, value]);
    }
    return Object.fromEntries(merged);
  };
  const top = innerSchemas(SCHEMAS[name === COORDINATION_FILE ? 'coordination' : 'context']);
  if (top === null) throw new TypeError('the schema of a document has keys');
  const document = mergeKeys('', top, ours, base, edit) as RelayDocument;
  return { document: adopted.length === 0 ? ours : document, adopted, claims };
}

/** A key that no schema knows is anybody's. That a task is over is the orchestrator's to say, and final. */
function isAgents(key: string, schema: Schema | null, mine: unknown, theirs: unknown): boolean {
  if (key === 'status') return !FINAL_STATUSES.has(String(mine)) && !FINAL_STATUSES.has(String(theirs));
  return schema === null || AGENT_KEYS.has(key);
}

/** Lists and objects that both sides have changed keep what both have put in. */
function adopt(mine: unknown, before: unknown, theirs: unknown): unknown {
  if (isDeepStrictEqual(mine, before)) return theirs;
  if (Array.isArray(mine) && Array.isArray(theirs)) {
    const old: readonly unknown[] = Array.isArray(before) ? before : [];
    return [...without(mine, without(old, theirs)), ...without(theirs, old)];
  }
  if (!isRecord(mine) || !isRecord(theirs)) return theirs;
  const old = isRecord(before) ? before : {};
  const merged = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].map((key): [string, unknown] => {
    return [key, isDeepStrictEqual(own(theirs, key), own(old, key)) ? own(mine, key) : adopt(own(mine, key), own(old, key), own(theirs, key))];
  });
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined));
}

/** What is left of `list` when each of `taken` takes one equal to it. */
function without(list: readonly unknown[], taken: readonly unknown[]): unknown[] {
  const rest = [...list];
  for (const one of taken) {
    const index = rest.findIndex((other) => isDeepStrictEqual(other, one));
    if (index !== -1) rest.splice(index, 1);
  }
  return rest;
}

/** Keys such as `constructor` are not there because every object has them. */
function own(record: Json, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

type Schema = Readonly<Record<string, unknown>>;
/** The schema of a key, null for one that is not known. */
type InnerSchemas = (key: string) => Schema | null;

/** The schemas as JSON Schema, where what is inside what can be asked. */
const SCHEMAS = { coordination: z.toJSONSchema(coordinationSchema), context: z.toJSONSchema(teamContextSchema) } as const;

/** Null where the schema names no keys: what lies below is one value. The rows of a record are ours, as a whole. */
function innerSchemas(schema: Schema): InnerSchemas | null {
  const { properties, additionalProperties } = schema;
  if (isRecord(properties)) return (key) => {
    const inner = own(properties, key);
    return isRecord(inner) ? inner : null;
  };
  if (isRecord(additionalProperties) && Object.keys(additionalProperties).length > 0) return () => additionalProperties;
  return null;
}
