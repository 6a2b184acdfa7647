import { checkDocument, isDocumentName, type RelayDocument } from './document-kind.ts';
import { parseEvent, parseSnapshot, ROTATED, type DocumentChange, type LoggedEvent } from './event-line.ts';
import { applyPatch } from './json-patch.ts';

export type SegmentResult =
  | { readonly kind: 'segment'; readonly segment: Segment }
  | { readonly kind: 'newer'; readonly found: number }
  /** It has no beginning. */
  | { readonly kind: 'damaged'; readonly detail: string };

/** A log at one moment. */
export interface LogView {
  readonly number: number;
  /** The last event in the documents at its beginning. */
  readonly startSeq: number;
  readonly seq: number;
  /** Length of the first line. */
  readonly snapshotLength: number;
  readonly text: string;
  /** The text up to the last line that counts. */
  readonly settledText: string;
  /** Nothing that comes behind counts any more. */
  readonly isSealed: boolean;
  /** Why replay ended before the text did, or null. */
  readonly damage: string | null;
  readonly events: readonly LoggedEvent[];
  /** As replayed: what the next patch is a difference to. */
  readonly raw: ReadonlyMap<string, RelayDocument>;
  /** The same with every key of its schema. */
  readonly documents: ReadonlyMap<string, RelayDocument>;
}

/** Told of every state that a document had, in order. */
export type OnDocument = (name: string, document: RelayDocument) => void;

/**
 * One log, replayed: the documents as its lines make them, and on from there when the text has grown. Where a line is
 * missing or does not fit, replay ends, and `damage` says why.
 */
export class Segment implements LogView {
  readonly number: number;
  readonly startSeq: number;
  readonly snapshotLength: number;
  readonly events: LoggedEvent[] = [];
  readonly raw = new Map<string, RelayDocument>();
  readonly documents = new Map<string, RelayDocument>();
  damage: string | null = null;
  #text: string;
  /** Up to here, all lines are dealt with. */
  #offset: number;
  readonly #onDocument: OnDocument;

  static parse(text: string, onDocument: OnDocument = () => undefined): SegmentResult {
    const end = endOfLine(text, 0);
    const parsed = parseSnapshot(text.slice(0, end));
    if (parsed === null) return { kind: 'damaged', detail: 'its first line is no snapshot' };
    if ('found' in parsed) return { kind: 'newer', found: parsed.found };
    const { snapshot } = parsed;
    const segment = new Segment(snapshot.segment, snapshot.seq, end, onDocument);
    for (const [name, document] of Object.entries(snapshot.documents)) segment.#put(name, document);
    segment.#check(Object.keys(snapshot.documents));
    segment.readOn(text);
    return { kind: 'segment', segment };
  }

  private constructor(number: number, startSeq: number, snapshotLength: number, onDocument: OnDocument) {
    this.number = number;
    this.startSeq = startSeq;
    this.snapshotLength = snapshotLength;
    this.#text = '';
    this.#offset = snapshotLength;
    this.#onDocument = onDocument;
  }

  get seq(): number {
    return this.startSeq + this.events.length;
  }

  get text(): string {
    return this.#text;
  }

  get isSealed(): boolean {
    return this.events.at(-1)?.type === ROTATED;
  }

  get settledText(): string {
    return this.#text.slice(0, this.#offset);
  }

  /** As it is now, whatever is replayed later: who decides on it must not find it changed when it writes. */
  view(): LogView {
    const { number, startSeq, seq, snapshotLength, text, settledText, isSealed, damage } = this;
    return { number, startSeq, seq, snapshotLength, text, settledText, isSealed, damage, events: [...this.events], raw: new Map(this.raw), documents: new Map(this.documents) };
  }

  /** Replays what came behind; false when this text is not a continuation of the one before. */
  readOn(text: string): boolean {
    if (!text.startsWith(this.#text)) return false;
    this.#text = text;
    const changed = new Set<string>();
    while (this.#offset < text.length && this.damage === null && !this.isSealed) {
      const end = endOfLine(text, this.#offset + 1);
      const event = parseEvent(text.slice(this.#offset + 1, end));
      // The last line may be one that somebody is just writing.
      if (event === null && end === text.length) break;
      this.damage = event === null ? null : this.#replay(event, changed);
      if (this.damage !== null) break;
      this.#offset = end;
    }
    this.#check(changed);
    return true;
  }

  /** Why it cannot be replayed, or null. */
  #replay(event: LoggedEvent, changed: Set<string>): string | null {
    if (event.seq <= this.seq) return null;
    if (event.seq > this.seq + 1) return `event ${String(this.seq + 1)} is missing before event ${String(event.seq)}`;
    if (!event.changes.every((change) => this.#change(change))) return `event ${String(event.seq)} does not fit the documents before it`;
    this.events.push(event);
    for (const { document } of event.changes) changed.add(document);
    return null;
  }

  #change(change: DocumentChange): boolean {
    const before = this.raw.get(change.document);
    if (!isDocumentName(change.document)) return false;
    if ('content' in change) return this.#put(change.document, change.content);
    const after = before === undefined ? null : applyPatch(before, change.patch);
    return after !== null && after.revision === change.revision && this.#put(change.document, after as RelayDocument);
  }

  #put(name: string, document: RelayDocument): true {
    this.raw.set(name, document);
    this.#onDocument(name, document);
    return true;
  }

  #check(names: Iterable<string>): void {
    for (const name of names) {
      const result = checkDocument(name, this.raw.get(name));
      if (result.kind === 'sound') this.documents.set(name, result.document);
      else this.damage ??= `${name} cannot be what it makes of it`;
    }
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
