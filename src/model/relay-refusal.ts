import { show } from './zod-issue.ts';

/**
 * Why the relay did not do what it was asked, as data; nothing was changed. `describeRelayRefusal` is the only place that
 * turns one into prose.
 */
export type RelayRefusal =
  /** Others held the relay for longer than one waits. */
  | { readonly reason: 'busy'; readonly folder: string; readonly waitedMs: number }
  | { readonly reason: 'cancelled' }
  | { readonly reason: 'full-disk'; readonly folder: string }
  | { readonly reason: 'read-only'; readonly folder: string; readonly detail: string }
  /** Something that is no file or folder has the name of one of ours. */
  | { readonly reason: 'in-the-way'; readonly detail: string }
  | { readonly reason: 'newer-version'; readonly file: string; readonly found: number; readonly known: number }
  | { readonly reason: 'unknown-team'; readonly team: string; readonly known: readonly string[] }
  | { readonly reason: 'too-large'; readonly what: string; readonly bytes: number; readonly bytesMax: number };

/** One sentence: what, where, what to do. */
export function describeRelayRefusal(refusal: RelayRefusal): string {
  switch (refusal.reason) {
    case 'busy':
      return `${refusal.folder}: others kept the relay busy for ${String(refusal.waitedMs)} ms; try again`;
    case 'cancelled':
      return 'cancelled before anything was written';
    case 'full-disk':
      return `${refusal.folder}: the disk is full and nothing was written; free some space and try again`;
    case 'read-only':
      return `${refusal.folder} cannot be written to (${refusal.detail}) and nothing was changed; give write access, or another folder as "relay" in the configuration`;
    case 'in-the-way':
      return `${refusal.detail}: something else has the name of a file or folder of the relay; move it away`;
    case 'newer-version':
      return `${refusal.file} was written by a newer spark-gates (version ${String(refusal.found)} of its form, this one knows ${String(refusal.known)}); update spark-gates`;
    case 'unknown-team':
      return `there is no team "${refusal.team}"; ${refusal.known.length === 0 ? 'no task is assigned yet' : `there are ${refusal.known.join(', ')}`}`;
    case 'too-large':
      return `${refusal.what} would be ${String(refusal.bytes)} bytes, more than the ${String(refusal.bytesMax)} that a document may have; nothing was written`;
  }
}

/**
 * What was found amiss while reading, and put right where that was possible: for the reader to report, the state that came
 * with it is sound.
 */
export type RelayFault =
  /** A file that is no document: kept as `aside`, and the last good one restored (`restored`: there was one). */
  | { readonly reason: 'broken'; readonly file: string; readonly aside: string; readonly at: string; readonly expected: string; readonly found: string; readonly restored: boolean }
  | { readonly reason: 'deleted'; readonly file: string }
  /** Only its file knows of the document; `claims`: what it says to have been measured, which does not count. */
  | { readonly reason: 'adopted'; readonly file: string; readonly claims: readonly RelayClaim[] }
  /** A hand edit whose other keys were taken over; the file as it was is kept as `aside`. */
  | { readonly reason: 'unusable'; readonly file: string; readonly aside: string; readonly keys: readonly UnusableKey[] }
  /** A hand edit of what is not the editor's to say; ours stands. */
  | { readonly reason: 'overruled'; readonly file: string; readonly claims: readonly RelayClaim[] }
  /** The event log had been damaged: kept as `aside`, and begun anew with the newest documents that are sound. */
  | { readonly reason: 'log-damaged'; readonly file: string; readonly aside: string | null; readonly detail: string }
  /** What was read is right, but the files could not be put in step with it. */
  | { readonly reason: 'not-settled'; readonly refusal: RelayRefusal }
  /** Recorded and visible to all, but the disk did not confirm that it would survive a power cut. */
  | { readonly reason: 'not-durable'; readonly file: string; readonly detail: string };

export interface RelayClaim {
  /** The key, with dots: `quality_gates.test_coverage`. */
  readonly key: string;
  readonly claimed: unknown;
  readonly ours: unknown;
}

export interface UnusableKey {
  /** The key, with dots. */
  readonly at: string;
  readonly expected: string;
  readonly found: string;
}

/** More names than these make a sentence hard to read. */
const NAMED_MAX = 5;

/** One sentence: what was found, where, and what became of it. */
export function describeRelayFault(fault: RelayFault): string {
  switch (fault.reason) {
    case 'broken':
      return `${fault.file}: ${fault.at === '' ? 'the document' : fault.at} is ${fault.found}; expected ${fault.expected}; the file was kept as ${fault.aside}${fault.restored ? ' and the last good one restored' : ''}`;
    case 'deleted':
      return `${fault.file} had been deleted; it was restored from the event log`;
    case 'adopted':
      return `${fault.file} is not in the event log and was taken over from the file${fault.claims.length === 0 ? '' : `; what it says to have been measured does not count (${named(fault.claims.map(({ key }) => key), ', ')}); noted in its discrepancies`}`;
    case 'unusable':
      return `${fault.file}: ${named(fault.keys.map(({ at, expected, found }) => `${at} is ${found}, expected ${expected}`), '; ')}; left as before, the rest of the edit counts; the file was kept as ${fault.aside}`;
    case 'overruled':
      return `${fault.file} was edited by hand where spark-gates has the say: ${named(fault.claims.map(({ key, claimed, ours }) => `${key} is ${show(ours)}, not ${show(claimed)}`), '; ')}; noted in its discrepancies`;
    case 'log-damaged':
      return `${fault.file} was damaged (${fault.detail}); it was ${fault.aside === null ? '' : `kept as ${fault.aside} and `}begun anew from the newest sound documents`;
    case 'not-settled':
      return `what was done is recorded, but the files of the relay do not show it yet, because ${describeCause(fault.refusal)}; the next command that can write them brings them up to date`;
    case 'not-durable':
      return `${fault.file}: recorded, but the disk did not confirm it (${fault.detail}); check the disk`;
  }
}

function named(items: readonly string[], separator: string): string {
  const more = items.length - NAMED_MAX;
  return [...items.slice(0, NAMED_MAX), ...(more > 0 ? [`${String(more)} more`] : [])].join(separator);
}

/** What keeps files from being written, where that something was done is not in question. */
function describeCause(refusal: RelayRefusal): string {
  switch (refusal.reason) {
    case 'busy':
      return `others kept ${refusal.folder} busy for ${String(refusal.waitedMs)} ms`;
    case 'cancelled':
      return 'that was cancelled';
    case 'full-disk':
      return `the disk of ${refusal.folder} is full`;
    case 'read-only':
      return `${refusal.folder} cannot be written to (${refusal.detail})`;
    case 'in-the-way':
    case 'newer-version':
    case 'unknown-team':
    case 'too-large':
      return describeRelayRefusal(refusal);
  }
}
