import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { LIMITS } from '../model/limits.ts';
import { COORDINATION_FILE, contextFile } from '../model/relay-files.ts';
import type { RelayFault } from '../model/relay-refusal.ts';
import { systemClock, type Clock } from '../system/clock.ts';
import { systemDisk, type Disk } from '../system/disk.ts';
import { withFileLock } from '../system/file-lock.ts';
import type { RelayDocument } from './document-kind.ts';
import { ROTATED, type LoggedEvent } from './event-line.ts';
import { EventLog, type RelayPlace } from './event-log.ts';
import { projectDocuments } from './project.ts';
import { toRefusal, unwrap } from './refused.ts';
import { toState, type RelayOutcome, type RelayState, type Step } from './relay-state.ts';
import type { LogView } from './segment.ts';
import { changeOf, documentNames, inspectFile, settleFiles } from './settle.ts';
import { StatusBatch, type StatusUpdate } from './status-batch.ts';

export interface RelayOptions {
  /** Absolute; see `relayFolder`. It need not exist. */
  readonly folder: string;
  readonly disk?: Disk;
  readonly clock?: Clock;
  /** Longest wait for the others, in ms. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/** Two writers that both believe they hold the relay overtake each other; so often in a row only if somebody plays foul. */
const TRIES_MAX = 32;

/**
 * The JSON documents through which teams and orchestrator speak, for any number of processes at once. Each transaction is one
 * line of `events.ndjson`, which has happened as a whole once that line is whole; the documents' files follow it, and whoever
 * reads or writes next makes up for one that could not finish. What agents write into the files by hand is taken
 * over where it is theirs to say, see `mergeEdit`.
 */
export class Relay {
  readonly #place: RelayPlace;
  readonly #log: EventLog;
  readonly #batch: StatusBatch;

  /** Touches nothing on disk. */
  static open({ folder, disk = systemDisk, clock = systemClock, waitMs = LIMITS.relayWaitMs, signal }: RelayOptions): Relay {
    return new Relay({ folder, disk, clock, waitMs, ...(signal === undefined ? {} : { signal }) });
  }

  private constructor(place: RelayPlace) {
    this.#place = place;
    this.#log = new EventLog(place, randomUUID());
    this.#batch = new StatusBatch(place.clock, (work) => this.transact(work));
  }

  get folder(): string {
    return this.#place.folder;
  }

  /** The state, after taking in what was done to the files by hand. Writes only where there is something of the kind. */
  async read(): Promise<RelayOutcome<RelayState>> {
    const outcome = await this.#readSettled();
    if (outcome !== null) return outcome;
    const settled = await this.transact((state) => ({ event: null, value: state }));
    if (settled.ok || settled.refusal.reason === 'newer-version') return settled;
    // The files could not be put right, but what the log says is true all the same.
    return this.#guard(async (faults) => {
      const look = await this.#log.look();
      faults.push({ reason: 'not-settled', refusal: settled.refusal });
      return toState(look.kind === 'none' ? null : look.segment);
    });
  }

  /**
   * Changes documents, as if nobody else did anything meanwhile. `work` must only compute: it is called again when another
   * writer was first. Once this resolves with `ok`, the change is on disk for good; otherwise there is nothing of it. What
   * `work` throws comes through, as does a TypeError for a document against its schema. `revision` and `schema_version` are set here.
   */
  transact<T>(work: (state: RelayState) => Step<T>): Promise<RelayOutcome<T>> {
    return this.#guard(async (faults) => {
      const { folder, disk, waitMs, signal } = this.#place;
      const staging = path.join(folder, '.staging');
      await disk.makeFolder(staging);
      const options = { file: path.join(staging, 'transaction'), waitMs, ...(signal === undefined ? {} : { signal }) };
      return unwrap(await withFileLock(options, () => this.#transactLocked(work, faults)), folder, waitMs);
    });
  }

  /**
   * A sign of life of a team, and its progress in percent. Those that come within a moment are written together; resolves
   * when they are.
   */
  report(update: StatusUpdate): Promise<RelayOutcome<null>> {
    return this.#batch.add(update);
  }

  /** Writes what `report` still keeps back. The relay can be used on. */
  close(): Promise<void> {
    return this.#batch.flush();
  }

  /** The events after number `after`, oldest first, as far back as they are kept. */
  readEvents({ after = 0 }: { after?: number } = {}): Promise<RelayOutcome<readonly LoggedEvent[]>> {
    return this.#guard(async () => (await this.#log.segments()).flatMap(({ events }) => events).filter(({ seq }) => seq > after));
  }

  /** The state that the log alone gives, replayed from the oldest segment that is kept; no other file is looked at. */
  rebuild(): Promise<RelayOutcome<RelayState>> {
    return this.#guard(async () => {
      const documents = new Map<string, RelayDocument>();
      const last = (await this.#log.segments((name, document) => { documents.set(name, document); })).at(-1);
      return toState(last === undefined ? null : { seq: last.seq, documents });
    });
  }

  /** Null when something must be written first. */
  async #readSettled(): Promise<RelayOutcome<RelayState> | null> {
    const outcome = await this.#guard(async () => {
      const look = await this.#log.look();
      if (look.kind === 'damaged') return null;
      const segment = look.kind === 'segment' ? look.segment : null;
      const state = toState(segment);
      for (const name of await documentNames(this.#place, segment)) {
        const text = await this.#place.disk.read(path.join(this.#place.folder, name));
        if ((await inspectFile(this.#log, segment, name, text)).kind !== 'in-step') return null;
      }
      return state;
    });
    if (!outcome.ok) return outcome;
    return outcome.value === null ? null : { ...outcome, value: outcome.value };
  }

  async #transactLocked<T>(work: (state: RelayState) => Step<T>, faults: RelayFault[]): Promise<T> {
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const opened = await this.#openIfNeeded(faults);
      const settled = opened === null ? null : await settleFiles(this.#place, this.#log, opened, faults);
      if (opened !== null && settled === null) continue;
      const { event, coordination, teams, value } = work(structuredClone(toState(settled?.segment ?? null)));
      if (event === null) {
        if (settled !== null) await projectDocuments(this.#place, this.#log, settled.segment, settled.texts);
        return value;
      }
      if (event.type === ROTATED) throw new TypeError(`an event may not be called ${ROTATED}`);
      const segment = settled?.segment ?? (await this.#log.open(faults));
      if (settled === null && segment.seq > 0) continue;
      const next = [...(coordination === undefined ? [] : [[COORDINATION_FILE, coordination] as const]), ...Object.entries(teams ?? {}).map(([team, context]) => [contextFile(team), context] as const)];
      const changes = next.map(([name, document]) => changeOf(segment, name, document));
      const after = await this.#log.append(segment, { type: event.type, team: event.team, data: { ...event.data }, changes }, faults);
      if (after === null) continue;
      await this.#finish(after, settled?.texts ?? new Map<string, string>(), faults);
      return value;
    }
    return unwrap({ ok: false, reason: 'busy' }, this.#place.folder, this.#place.waitMs);
  }

  /** Null while there is neither a log nor a document: then a mere look leaves no trace. */
  async #openIfNeeded(faults: RelayFault[]): Promise<LogView | null> {
    const look = await this.#log.look();
    if (look.kind === 'none' && (await documentNames(this.#place, null)).length === 0) return null;
    return this.#log.open(faults);
  }

  /** It has happened; if the files can't follow now, the next who looks will see to it. */
  async #finish(segment: LogView, texts: ReadonlyMap<string, string | null>, faults: RelayFault[]): Promise<void> {
    try {
      await projectDocuments(this.#place, this.#log, segment, texts);
      await this.#log.rotateIfLong(segment, faults);
    } catch (error) {
      const refusal = toRefusal(error, this.#place.folder);
      if (refusal === null) throw error;
      faults.push({ reason: 'not-settled', refusal });
    }
  }

  async #guard<T>(work: (faults: RelayFault[]) => Promise<T>): Promise<RelayOutcome<T>> {
    const faults: RelayFault[] = [];
    try {
      const value = await work(faults);
      return { ok: true, value, faults };
    } catch (error) {
      const refusal = toRefusal(error, this.#place.folder);
      if (refusal === null) throw error;
      return { ok: false, refusal };
    }
  }
}
