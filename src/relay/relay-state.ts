import type { Coordination, TeamContext } from '../model/documents.ts';
import { teamOfContextFile } from '../model/relay-files.ts';
import type { RelayFault, RelayRefusal } from '../model/relay-refusal.ts';
import { checkDocument, compareDocumentNames, formatDocument, type RelayDocument } from './document-kind.ts';

/** All documents at one moment. */
export interface RelayState {
  /** Number of the last event in it; 0 before the first. */
  readonly seq: number;
  /** Null while there is no session. */
  readonly coordination: Coordination | null;
  /** By team, `team1` before `team10`. */
  readonly teams: Readonly<Record<string, TeamContext>>;
}

export type RelayOutcome<T> =
  /** `faults`: what was amiss on the way, each told once. */
  | { readonly ok: true; readonly value: T; readonly faults: readonly RelayFault[] }
  | { readonly ok: false; readonly refusal: RelayRefusal };

/** What a transaction decides. Documents that it does not name stay. */
export interface Step<T> {
  /** What happened, for the log; null: nothing did, and nothing is written. */
  readonly event: { readonly type: string; readonly team: string | null; readonly data?: Readonly<Record<string, unknown>> } | null;
  readonly coordination?: Coordination;
  readonly teams?: Readonly<Record<string, TeamContext>>;
  readonly value: T;
}

/** The context of a team, or why there is none. */
export function findTeam(state: RelayState, team: string): { readonly ok: true; readonly value: TeamContext } | { readonly ok: false; readonly refusal: RelayRefusal } {
  const context = Object.hasOwn(state.teams, team) ? state.teams[team] : undefined;
  return context === undefined ? { ok: false, refusal: { reason: 'unknown-team', team, known: Object.keys(state.teams) } } : { ok: true, value: context };
}

/** The documents' schemas have been checked when they entered the log, and are here once more for keys that are newer than it. */
export function toState(source: { readonly seq: number; readonly documents: ReadonlyMap<string, RelayDocument> } | null): RelayState {
  const teams: Record<string, TeamContext> = {};
  let coordination: Coordination | null = null;
  for (const [name, raw] of [...(source?.documents ?? [])].sort(([a], [b]) => compareDocumentNames(a, b))) {
    const checked = checkDocument(name, raw);
    if (checked.kind !== 'sound') throw new TypeError(`${name} in the log is not sound: ${formatDocument(raw)}`);
    const team = teamOfContextFile(name);
    if (team === null) coordination = checked.document as unknown as Coordination;
    else teams[team] = checked.document as unknown as TeamContext;
  }
  return { seq: source?.seq ?? 0, coordination, teams };
}
