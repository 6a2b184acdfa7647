import { z } from 'zod';
import { parseJson } from '../system/parse-json.ts';
import { patchSchema } from './json-patch.ts';

/**
 * The lines of `events.ndjson`. The first is a snapshot, each further one a transaction. A line begins with the line break
 * that ends the one before it, so that what a crash left of a line never takes the next one with it. A line counts when it
 * is whole (no part of an object is one), and of two with the same `seq` the first.
 */
export const LOG_VERSION = 1;

/** The type of the event after which a segment takes no more: a new one begins with a snapshot. */
export const ROTATED = 'log-rotated';

const count = z.number().int().min(0);
const documentSchema = z.looseObject({ revision: count });

const changeSchema = z.union([
  z.strictObject({ document: z.string(), revision: count, patch: patchSchema }),
  z.strictObject({ document: z.string(), revision: count, content: documentSchema }),
]);

const eventSchema = z.looseObject({
  seq: count,
  at: z.string(),
  type: z.string(),
  team: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  by: z.string().describe('The writer, to tell its lines from those of another with the same seq.'),
  changes: z.array(changeSchema).describe('All that became of the documents in this transaction; with a new document, its content.'),
});

const snapshotSchema = z.looseObject({
  snapshot: count.describe('Version of the form of the log.'),
  segment: z.number().int().min(1),
  seq: count.describe('Of the last event that is in the documents.'),
  at: z.string(),
  documents: z.record(z.string(), documentSchema),
});

/** One transaction, as the log keeps it. */
export type LoggedEvent = z.output<typeof eventSchema>;
export type DocumentChange = z.output<typeof changeSchema>;
type Snapshot = z.output<typeof snapshotSchema>;

/** Null for what is no event: a torn line, something foreign. */
export function parseEvent(line: string): LoggedEvent | null {
  return eventSchema.safeParse(parseJson(line)).data ?? null;
}

/** `found`: the version of a form that is newer than ours. */
export function parseSnapshot(line: string): { readonly snapshot: Snapshot } | { readonly found: number } | null {
  const value = parseJson(line);
  const version = z.looseObject({ snapshot: count }).safeParse(value).data?.snapshot ?? 0;
  if (version > LOG_VERSION) return { found: version };
  const result = snapshotSchema.safeParse(value);
  return result.success ? { snapshot: result.data } : null;
}

/** What is put behind the text of a log. */
export function formatEvent(event: LoggedEvent): string {
  return `\n${JSON.stringify(event)}`;
}

export function formatSnapshot({ segment, seq, at, documents }: Pick<Snapshot, 'segment' | 'seq' | 'at' | 'documents'>): string {
  return JSON.stringify({ snapshot: LOG_VERSION, segment, seq, at, documents });
}
