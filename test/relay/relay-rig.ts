import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { coordinationSchema, teamContextSchema, type Coordination, type TeamContext } from '../../src/model/documents.ts';
import { Relay, type RelayOptions } from '../../src/relay/relay.ts';
import type { RelayOutcome, RelayState } from '../../src/relay/relay-state.ts';
import type { Clock } from '../../src/system/clock.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { SPECIFICATION } from './specification.ts';

/** A moment of the specification's own day, and no other. */
export const CLOCK: Clock = { now: () => Date.parse('2025-08-08T10:20:00Z'), monotonicMs: () => 0 };
export const AT = '2025-08-08T10:20:00.000Z';

export interface RelayRig extends AsyncDisposable {
  readonly project: Project;
  readonly folder: string;
  readonly relay: Relay;
  /** Another one, as another process would have it. */
  open(options?: Partial<RelayOptions>): Relay;
  /** By its name in the folder of the relay; null when there is none. */
  file(name: string): Promise<string | null>;
  put(files: Readonly<Record<string, string>>): Promise<void>;
  /** Names in the folder, those of the plumbing left out, sorted. */
  names(): Promise<string[]>;
}

/** A relay in a temporary project; `files` are in its folder beforehand. */
export async function makeRelay(files: Readonly<Record<string, string>> = {}): Promise<RelayRig> {
  const project = await makeProject({});
  const folder = path.join(project.root, '.claude', 'workflows');
  const open = (options: Partial<RelayOptions> = {}): Relay => Relay.open({ folder, clock: CLOCK, ...options });
  const put = (more: Readonly<Record<string, string>>): Promise<void> => project.write(Object.fromEntries(Object.entries(more).map(([name, text]) => [`.claude/workflows/${name}`, text])));
  await put(files);
  return {
    project, folder, relay: open(), open, put,
    file: (name) => readFile(path.join(folder, name), 'utf8').catch(() => null),
    names: async () => (await readdir(folder).catch(() => [])).filter((name) => name !== '.staging' && !name.endsWith('.lock')).sort(),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

/** The value of an outcome that is to be one, without faults. */
export function valueOf<T>(outcome: RelayOutcome<T>): T {
  expect(outcome).toMatchObject({ ok: true, faults: [] });
  if (!outcome.ok) throw new Error(outcome.refusal.reason);
  return outcome.value;
}

/** The value of an outcome that took documents into the log of which only their files knew. */
export function adoptedValue<T>(outcome: RelayOutcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.refusal.reason);
  expect([...new Set(outcome.faults.map(({ reason }) => reason))]).toEqual(['adopted']);
  return outcome.value;
}

/** The specification's example as the context of any team. */
export function contextOf(team: string, more: Partial<TeamContext> = {}): TeamContext {
  return { ...teamContextSchema.parse(JSON.parse(SPECIFICATION.context)), team_id: team, ...more };
}

export function coordinationOf(more: Partial<Coordination> = {}): Coordination {
  return { ...coordinationSchema.parse(JSON.parse(SPECIFICATION.coordination)), ...more };
}

/** Begins a session with two teams. */
export async function begin(relay: Relay): Promise<void> {
  valueOf(await relay.transact(() => ({
    event: { type: 'session-started', team: null },
    coordination: coordinationOf(),
    teams: { team1: contextOf('team1'), team2: contextOf('team2') },
    value: null,
  })));
}

/** One more retry of a team: the least transaction there is. */
export async function retry(relay: Relay, team: string): Promise<RelayOutcome<number>> {
  return relay.transact((state) => {
    const context = teamOf(state, team);
    const count = context.retry_count + 1;
    return { event: { type: 'retry', team, data: { count } }, teams: { [team]: { ...context, retry_count: count } }, value: count };
  });
}

export function teamOf(state: RelayState, team: string): TeamContext {
  const context = state.teams[team];
  if (context === undefined) throw new Error(`no ${team}`);
  return context;
}
