import path from 'node:path';
import { compareText } from '../model/finding.ts';
import { LIMITS } from '../model/limits.ts';
import { EVENTS_FILE } from '../model/relay-files.ts';
import type { RelayFault } from '../model/relay-refusal.ts';
import type { Clock } from '../system/clock.ts';
import type { Disk } from '../system/disk.ts';
import { updateFile } from '../system/guarded-file.ts';
import { adopt, type Adoption } from './adopt.ts';
import { keepAside } from './aside.ts';
import { compareDocumentNames, isDocumentName, parseDocument, type RelayDocument } from './document-kind.ts';
import { formatEvent, formatSnapshot, LOG_VERSION, ROTATED, type LoggedEvent } from './event-line.ts';
import { Refused, unwrap } from './refused.ts';
import { Segment, type LogView, type OnDocument } from './segment.ts';

export interface RelayPlace {
  /** Absolute. */
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

/** What a writer says of an event; the log adds the rest. */
export type NewEvent = Pick<LoggedEvent, 'type' | 'team' | 'data' | 'changes'>;

export type LogLook =
  | { readonly kind: 'none' }
  | { readonly kind: 'segment'; readonly segment: LogView }
  /** `segment` is what could be replayed; null: nothing. */
  | { readonly kind: 'damaged'; readonly text: string | null; readonly segment: LogView | null; readonly detail: string };

/**
 * The write-ahead log of the relay. What is whole in it has happened; the documents' files only follow. Anybody may append at
 * any time, even a process that was paused for hours: of two events with one number the first counts, and who comes second
 * learns it by looking back. A log that has grown is sealed by an event of its own, so that nothing that counts can
 * land in it while it is copied and replaced.
 */
export class EventLog {
  readonly #place: RelayPlace;
  /** Tells this writer's lines from another's. */
  readonly #by: string;
  #last: Segment | null = null;

  constructor(place: RelayPlace, by: string) {
    this.#place = place;
    this.#by = by;
  }

  get folder(): string {
    return this.#place.folder;
  }

  get file(): string {
    return path.join(this.folder, EVENTS_FILE);
  }

  /** Reads what there is; changes nothing and needs no lock. */
  async look(): Promise<LogLook> {
    const text = await this.#place.disk.read(this.file);
    if (text === null) return (await this.#archives()).length === 0 ? { kind: 'none' } : { kind: 'damaged', text, segment: null, detail: 'it was missing' };
    if (this.#last?.readOn(text) !== true) {
      const result = Segment.parse(text);
      if (result.kind === 'newer') throw new Refused({ reason: 'newer-version', file: this.file, found: result.found, known: LOG_VERSION });
      if (result.kind === 'damaged') return { kind: 'damaged', text, segment: null, detail: result.detail };
      this.#last = result.segment;
    }
    const segment = this.#last.view();
    return segment.damage === null ? { kind: 'segment', segment } : { kind: 'damaged', text, segment, detail: segment.damage };
  }

  /** For whoever is about to append: begins the log, mends it, or begins the next segment, as need be. */
  async open(faults: RelayFault[]): Promise<LogView> {
    for (;;) {
      const look = await this.look();
      if (look.kind === 'none') await this.#replace(null, { segment: 1, seq: 0, documents: new Map() });
      else if (look.kind === 'damaged') faults.push(...(await this.#mend(look)));
      else if (look.segment.isSealed) await this.#rotate(look.segment);
      else return look.segment;
    }
  }

  /** Appends an event behind those of `segment`, for good. Null: somebody else's came first, so decide anew. */
  async append(segment: LogView, event: NewEvent, faults: RelayFault[]): Promise<LogView | null> {
    const line: LoggedEvent = { seq: segment.seq + 1, at: new Date(this.#place.clock.now()).toISOString(), ...event, by: this.#by };
    const text = formatEvent(line);
    if (Buffer.byteLength(text) > 2 * LIMITS.documentBytesMax) throw new Refused({ reason: 'too-large', what: `the event "${event.type}"`, bytes: Buffer.byteLength(text), bytesMax: 2 * LIMITS.documentBytesMax });
    const trouble = await this.#write(text);
    const won = await this.#lookBack(line);
    if (trouble === null) return won;
    // The disk refused, but only after the line was whole: all others have seen it happen.
    if (won === null) throw trouble;
    faults.push({ reason: 'not-durable', file: this.file, detail: trouble.message });
    return won;
  }

  /** Seals the log and begins the next, when it is long enough. */
  async rotateIfLong(segment: LogView, faults: RelayFault[]): Promise<void> {
    if (segment.text.length - segment.snapshotLength < Math.max(LIMITS.eventSegmentBytesMax, segment.snapshotLength)) return;
    const sealed = await this.append(segment, { type: ROTATED, team: null, data: { segment: segment.number }, changes: [] }, faults);
    if (sealed !== null) await this.#rotate(sealed);
  }

  /** Every segment that is kept, oldest first, each told of by `onDocument` in passing. */
  async segments(onDocument?: OnDocument): Promise<LogView[]> {
    const segments: LogView[] = [];
    for (const name of [...await this.#archives(), EVENTS_FILE]) {
      const text = await this.#place.disk.read(path.join(this.#place.folder, name));
      const result = text === null ? null : Segment.parse(text, onDocument);
      if (result?.kind === 'segment') segments.push(result.segment);
    }
    return segments;
  }

  /**
   * The log as it is now if the line counts, else null. Others may have begun a new segment since; had they begun so many that
   * ours is no longer kept, we could not tell, and say no.
   */
  async #lookBack(line: LoggedEvent): Promise<LogView | null> {
    const look = await this.look();
    if (look.kind !== 'segment') return null;
    const candidates = line.seq > look.segment.startSeq ? [look.segment] : await this.segments();
    return candidates.some((segment) => isMine(segment, line)) ? look.segment : null;
  }

  /** The error that the disk gave, if any. */
  async #write(text: string): Promise<Error | null> {
    const open = await this.#place.disk.append(this.file);
    try {
      await open.write(text);
      await open.sync();
      return null;
    } catch (error) {
      if (error instanceof Error && 'code' in error) return error;
      throw error;
    } finally {
      await open.close();
    }
  }

  async #rotate(sealed: LogView): Promise<void> {
    const { folder, disk, waitMs } = this.#place;
    const archive = path.join(folder, archiveName(sealed.number));
    unwrap(await updateFile({ ...this.#place, file: archive, durable: true }, (content) => ({ content: content === null ? sealed.settledText : null, value: null })), folder, waitMs);
    await this.#replace(sealed.text, { segment: sealed.number + 1, seq: sealed.seq, documents: sealed.documents });
    for (const old of (await this.#archives()).slice(0, -LIMITS.eventSegmentsMax)) await disk.remove(path.join(folder, old));
  }

  /** Begins a log in the place of `text`, unless somebody else did. Only lines that don't count can have come behind it. */
  async #replace(text: string | null, start: { segment: number; seq: number; documents: ReadonlyMap<string, RelayDocument> }, events = ''): Promise<void> {
    const { folder, waitMs, clock } = this.#place;
    const snapshot = formatSnapshot({ ...start, at: new Date(clock.now()).toISOString(), documents: Object.fromEntries(start.documents) });
    const outcome = await updateFile({ ...this.#place, file: this.file, durable: true }, (content) => {
      const isTheOne = text === null ? content === null : content?.startsWith(text) === true;
      return { content: isTheOne ? `${snapshot}${events}` : null, value: null };
    });
    unwrap(outcome, folder, waitMs);
  }

  /**
   * What the log has lost, the files still show: they were written after it. So each document is taken from where it is newer,
   * but for what only a measurement can say.
   */
  async #mend({ text, segment, detail }: Extract<LogLook, { kind: 'damaged' }>): Promise<RelayFault[]> {
    const { folder, disk, clock } = this.#place;
    const former = segment ?? (await this.segments()).at(-1) ?? null;
    const documents = new Map(former?.documents);
    const at = new Date(clock.now()).toISOString();
    const adoptions: { readonly file: string; readonly adoption: Adoption }[] = [];
    for (const name of (await disk.list(folder)).filter(isDocumentName).sort(compareDocumentNames)) {
      const found = parseDocument(name, (await disk.read(path.join(folder, name))) ?? '');
      const known = documents.get(name) ?? null;
      if (found.kind !== 'sound' || found.document.revision <= (known?.revision ?? -1)) continue;
      documents.set(name, found.document);
      adoptions.push({ file: path.join(folder, name), adoption: adopt(name, { found: found.document, known, at }) });
    }
    const aside = text === null ? null : await keepAside(disk, folder, EVENTS_FILE, text);
    const seq = Math.max(former?.seq ?? 0, ...seqsIn(text ?? ''));
    const restored: LoggedEvent = { seq: seq + 1, at, type: 'log-restored', team: null, data: { detail, aside }, by: this.#by, changes: adoptions.flatMap(({ adoption }) => adoption.changes) };
    await this.#replace(text, { segment: (former?.number ?? 0) + 1, seq, documents }, formatEvent(restored));
    const claiming = adoptions.filter(({ adoption }) => adoption.claims.length > 0);
    return [{ reason: 'log-damaged', file: this.file, aside, detail }, ...claiming.map(({ file, adoption: { claims } }): RelayFault => ({ reason: 'adopted', file, claims }))];
  }

  /** Names of former segments, oldest first. */
  async #archives(): Promise<string[]> {
    return (await this.#place.disk.list(this.#place.folder)).filter((name) => /^events-\d{6,}\.ndjson$/.test(name)).sort((a, b) => a.length - b.length || compareText(a, b));
  }
}

function archiveName(segment: number): string {
  return `events-${String(segment).padStart(6, '0')}.ndjson`;
}

function isMine(segment: LogView, line: LoggedEvent): boolean {
  return segment.events[line.seq - segment.startSeq - 1]?.by === line.by;
}

/** Numbers of events anywhere in a damaged text: the next must be above all that anybody was told of. */
function seqsIn(text: string): number[] {
  return [...text.matchAll(/^\{"seq":(\d{1,15}),/gm)].map(([, seq]) => Number(seq));
}
