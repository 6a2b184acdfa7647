import path from 'node:path';
import { DOCUMENT_VERSION } from '../model/documents.ts';
import { LIMITS } from '../model/limits.ts';
import type { RelayFault, UnusableKey } from '../model/relay-refusal.ts';
import { adopt, withClaims } from './adopt.ts';
import { keepAside } from './aside.ts';
import { checkDocument, compareDocumentNames, formatDocument, isDocumentName, isSameDocument, parseDocument, type DocumentResult, type RelayDocument } from './document-kind.ts';
import type { DocumentChange } from './event-line.ts';
import type { EventLog, NewEvent, RelayPlace } from './event-log.ts';
import { diff } from './json-patch.ts';
import { mergeEdit } from './merge-edit.ts';
import { Refused } from './refused.ts';
import { salvageDocument } from './salvage.ts';
import type { LogView } from './segment.ts';

/** How a document's file stands to what the log says of it. */
export type FileState =
  | { readonly kind: 'in-step' }
  /** An older state of ours: whoever was to write the newer one has not, yet. */
  | { readonly kind: 'behind' }
  /** `fresh`: it may never have been there. */
  | { readonly kind: 'missing'; readonly fresh: boolean }
  | { readonly kind: 'edited'; readonly ours: RelayDocument; readonly base: RelayDocument; readonly edit: RelayDocument; readonly filled: ReadonlySet<string>; readonly unusable: readonly UnusableKey[] }
  /** The log does not know it: written by hand, or by the log's predecessor. */
  | { readonly kind: 'unknown'; readonly document: RelayDocument }
  | Extract<DocumentResult, { kind: 'broken' }>;

/** Texts of the files by name, as they were when everything in them was in the log. */
export type SettledTexts = ReadonlyMap<string, string | null>;

/** Names of all documents that are in the log or in the folder, in their order. */
export async function documentNames({ disk, folder }: RelayPlace, segment: LogView | null): Promise<string[]> {
  const names = new Set([...(await disk.list(folder)).filter(isDocumentName), ...(segment?.documents.keys() ?? [])]);
  return [...names].sort(compareDocumentNames);
}

/** Compares one file with the log. Asks the log's history only when they differ. */
export async function inspectFile(log: EventLog, segment: LogView | null, name: string, text: string | null): Promise<FileState> {
  const ours = segment?.documents.get(name);
  if (text === null) return { kind: 'missing', fresh: segment?.events.at(-1)?.changes.some(({ document }) => document === name) === true };
  if (ours !== undefined && text === formatDocument(ours)) return { kind: 'in-step' };
  const parsed = parseDocument(name, text);
  const found = parsed.kind === 'broken' && ours !== undefined ? salvageDocument(name, text, ours) ?? parsed : parsed;
  if (found.kind === 'newer') throw new Refused({ reason: 'newer-version', file: path.join(log.folder, name), found: found.found, known: DOCUMENT_VERSION });
  if (found.kind === 'broken') return found;
  const { document: edit, filled, unusable } = found;
  if (ours === undefined) return { kind: 'unknown', document: edit };
  const isSound = unusable.length === 0;
  if (isSound && isSameDocument(edit, ours)) return { kind: 'in-step' };
  const base = await documentAt(log, name, edit.revision);
  if (isSound && base !== null && isSameDocument(edit, base)) return { kind: 'behind' };
  return { kind: 'edited', ours, base: base ?? ours, edit, filled, unusable };
}

/** The document as it was at a revision, if the log still knows. */
async function documentAt(log: EventLog, name: string, revision: number): Promise<RelayDocument | null> {
  const found: RelayDocument[] = [];
  await log.segments((other, document) => { if (other === name && document.revision === revision) found.push(document); });
  const checked = checkDocument(name, found.at(-1));
  return checked.kind === 'sound' ? checked.document : null;
}

/**
 * Takes into the log what was done to the files by hand, and keeps broken ones aside. Gives the texts that hold nothing any more
 * that the log lacks; null when another writer came between, and all is to be decided anew.
 */
export async function settleFiles(place: RelayPlace, log: EventLog, start: LogView, faults: RelayFault[]): Promise<{ segment: LogView; texts: SettledTexts } | null> {
  let segment = start;
  const texts = new Map<string, string | null>();
  for (const name of await documentNames(place, segment)) {
    const text = await place.disk.read(path.join(place.folder, name));
    const state = await inspectFile(log, segment, name, text);
    const settling = await settleFile(place, segment, { name, text, state });
    const after = settling.event === null ? segment : await log.append(segment, settling.event, faults);
    if (after === null) return null;
    faults.push(...settling.faults);
    segment = after;
    texts.set(name, text);
    if (state.kind === 'broken' && !segment.documents.has(name)) await place.disk.remove(path.join(place.folder, name));
  }
  return { segment, texts };
}

interface Settling {
  readonly event: NewEvent | null;
  readonly faults: readonly RelayFault[];
}

async function settleFile(place: RelayPlace, segment: LogView, { name, text, state }: { name: string; text: string | null; state: FileState }): Promise<Settling> {
  const file = path.join(place.folder, name);
  const at = new Date(place.clock.now()).toISOString();
  const event = (type: string, data: NewEvent['data'], changes: DocumentChange[] = []): NewEvent => ({ type, team: null, data: { file: name, ...data }, changes });
  switch (state.kind) {
    case 'in-step':
    case 'behind':
      return { event: null, faults: [] };
    case 'missing':
      if (state.fresh || !segment.documents.has(name)) return { event: null, faults: [] };
      return { event: event('file-restored', {}), faults: [{ reason: 'deleted', file }] };
    case 'unknown': {
      const { document } = state;
      const { claims, changes } = adopt(name, { found: document, known: null, at });
      return { event: event('adopted', { claims }, [{ document: name, revision: document.revision, content: document }, ...changes]), faults: [{ reason: 'adopted', file, claims }] };
    }
    case 'broken': {
      const { at, expected, found } = state;
      const aside = await keepAside(place.disk, place.folder, name, text ?? '');
      const restored = segment.documents.has(name);
      return { event: event('file-broken', { aside, at, expected, found, restored }), faults: [{ reason: 'broken', file, aside, at, expected, found, restored }] };
    }
    case 'edited': {
      const { unusable } = state;
      const { document, adopted, claims } = mergeEdit({ name, ...state });
      const isMerged = adopted.length + claims.length > 0;
      if (!isMerged && unusable.length === 0) return { event: null, faults: [] };
      const aside = unusable.length === 0 ? null : await keepAside(place.disk, place.folder, name, text ?? '');
      const faults: RelayFault[] = [
        ...(aside === null ? [] : [{ reason: 'unusable' as const, file, aside, keys: unusable }]),
        ...(claims.length === 0 ? [] : [{ reason: 'overruled' as const, file, claims }]),
      ];
      return { event: event('edited-by-hand', { adopted, claims, ...(aside === null ? {} : { unusable, aside }) }, isMerged ? [changeOf(segment, name, withClaims(document, claims, at))] : []), faults };
    }
  }
}

/** What makes of a document of the log the next one, which gets the next revision. Throws for one that is not sound: our bug. */
export function changeOf(segment: LogView, name: string, next: Readonly<Record<string, unknown>>): DocumentChange {
  const before = segment.raw.get(name);
  const revision = (before?.revision ?? 0) + 1;
  const result = checkDocument(name, { ...next, schema_version: DOCUMENT_VERSION, revision });
  if (result.kind !== 'sound') throw new TypeError(`${name} may not become this: ${result.kind === 'broken' ? `${result.at} is ${result.found}, expected ${result.expected}` : 'a newer version'}`);
  const bytes = Buffer.byteLength(formatDocument(result.document));
  if (bytes > LIMITS.documentBytesMax) throw new Refused({ reason: 'too-large', what: name, bytes, bytesMax: LIMITS.documentBytesMax });
  return before === undefined ? { document: name, revision, content: result.document } : { document: name, revision, patch: diff(before, result.document) };
}
