import type { Coordination, TeamContext } from '../model/documents.ts';
import { LIMITS } from '../model/limits.ts';
import type { Clock } from '../system/clock.ts';
import type { RelayOutcome, RelayState, Step } from './relay-state.ts';

export interface StatusUpdate {
  readonly team: string;
  /** Percent; stays as it is when not given. */
  readonly progress?: number;
}

interface Pending {
  /** When the newest update came. */
  readonly at: string;
  readonly progress: number | null;
  readonly updates: number;
}

type Transact = <T>(work: (state: RelayState) => Step<T>) => Promise<RelayOutcome<T>>;
/** The teams that were there. */
type Written = RelayOutcome<readonly string[]>;

/** Collects signs of life, which come often and matter little, so that they cost one transaction together. */
export class StatusBatch {
  readonly #clock: Clock;
  readonly #transact: Transact;
  #pending = new Map<string, Pending>();
  #round: { readonly written: Promise<Written>; hurry(): void } | null = null;

  constructor(clock: Clock, transact: Transact) {
    this.#clock = clock;
    this.#transact = transact;
  }

  async add({ team, progress }: StatusUpdate): Promise<RelayOutcome<null>> {
    const before = this.#pending.get(team);
    const at = new Date(this.#clock.now()).toISOString();
    this.#pending.set(team, { at, progress: progress ?? before?.progress ?? null, updates: (before?.updates ?? 0) + 1 });
    this.#round ??= this.#begin();
    const written = await this.#round.written;
    if (!written.ok) return written;
    if (!written.value.includes(team)) return { ok: false, refusal: { reason: 'unknown-team', team, known: written.value } };
    return { ok: true, value: null, faults: written.faults };
  }

  /** Resolves when nothing is kept back. */
  async flush(): Promise<void> {
    this.#round?.hurry();
    await this.#round?.written;
  }

  #begin(): { readonly written: Promise<Written>; hurry(): void } {
    const { promise, resolve } = deferred();
    const timer = setTimeout(resolve, LIMITS.statusBatchMs);
    const written = promise.then(() => {
      clearTimeout(timer);
      const updates = this.#pending;
      this.#pending = new Map();
      this.#round = null;
      return this.#transact((state) => applyUpdates(state, updates));
    });
    return { written, hurry: resolve };
  }
}

function applyUpdates(state: RelayState, updates: ReadonlyMap<string, Pending>): Step<readonly string[]> {
  const value = Object.keys(state.teams);
  const teams: Record<string, TeamContext> = {};
  let coordination: Coordination | null = state.coordination;
  for (const [team, { at, progress }] of updates) {
    const context = Object.hasOwn(state.teams, team) ? state.teams[team] : undefined;
    if (context === undefined) continue;
    teams[team] = { ...context, last_activity: at };
    const row = coordination?.teams[team];
    if (coordination === null || row === undefined) continue;
    coordination = { ...coordination, teams: { ...coordination.teams, [team]: { ...row, progress: progress ?? row.progress, last_update: at } } };
  }
  if (Object.keys(teams).length === 0) return { event: null, value };
  const data = Object.fromEntries([...updates].filter(([team]) => Object.hasOwn(teams, team)).map(([team, { progress, updates: count }]) => [team, { progress, updates: count }]));
  return { event: { type: 'progress', team: null, data }, teams, ...(coordination === state.coordination || coordination === null ? {} : { coordination }), value };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => { resolve = settle; });
  return { promise, resolve };
}
