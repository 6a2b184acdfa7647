import path from 'node:path';
import { z } from 'zod';
import { HOOK_LIMITS } from '../model/limits.ts';
import type { Disk } from '../system/disk.ts';
import { updateFile } from '../system/guarded-file.ts';
import { parseJson } from '../system/parse-json.ts';
import { LEDGER_FILE } from './thin-ledger.ts';

const count = z.number().int().min(0).catch(0);
const text = z.string().nullable().catch(null);

/** What is known of one agent, by the number that the client gave it. */
const agentSchema = z.looseObject({
  team: z.string(),
  role: text,
  session_id: text,
  started_at: text,
  stopped_at: text,
  /** The phase that its team was in when it began; null where that was not seen. */
  phase: text,
  /** True when it was seen changing a file since it began, or since it completed a phase. */
  edited: z.boolean().catch(false),
  /** The worktrees where that was; the latest last. */
  roots: z.array(z.string()).catch([]),
  /** How often it was sent back. */
  blocks: count,
  /** What it was sent back with the last time. */
  fingerprint: text,
  /** What came of it last: `blocked`, `completed`, `released` (it may go, and is not done), or null. */
  outcome: text,
  /** When it was sent back last. */
  blocked_at: text,
  /** Of its team's task, when it was sent back last. */
  assignment: z.number().int().nullable().catch(null),
});

/** `told`: which agents the leading agent was told to start last. */
const sessionSchema = z.looseObject({ fingerprint: text, blocks: count, told: text });

/** A row that cannot be read is lost, and no other one with it. */
function rowsOf<Row>(schema: z.ZodType<Row>) {
  return z.record(z.string(), z.unknown()).catch(() => ({})).transform((rows) => Object.fromEntries(Object.entries(rows).flatMap(([name, row]) => {
    const read = schema.safeParse(row);
    return read.success ? [[name, read.data] as const] : [];
  })));
}

const ledgerSchema = z.looseObject({
  agents: rowsOf(agentSchema),
  sessions: rowsOf(sessionSchema),
});

export type LedgerAgent = z.output<typeof agentSchema>;
export type Ledger = z.output<typeof ledgerSchema>;

/** Where it is, and what it is written with. */
export interface LedgerPlace {
  /** Absolute: the relay's folder. */
  readonly folder: string;
  readonly disk: Disk;
}

export async function readLedger({ folder, disk }: LedgerPlace): Promise<Ledger> {
  return parse(await disk.read(path.join(folder, LEDGER_FILE)));
}

/**
 * Changes the ledger as if at one instant. One that cannot be read is begun anew: what is lost with it is how often agents were sent back, and the
 * relay counts that as well. Throws where the disk, or two hundred others, do not let it be written: a bound that cannot be kept is none.
 */
export async function updateLedger<T>(place: LedgerPlace, change: (ledger: Ledger) => T): Promise<T> {
  const file = path.join(place.folder, LEDGER_FILE);
  const outcome = await updateFile({ file, disk: place.disk, waitMs: HOOK_LIMITS.ledgerWaitMs, durable: false }, (content) => {
    const ledger = parse(content);
    const before = JSON.stringify(ledger);
    const value = change(ledger);
    if (JSON.stringify(ledger) === before) return { content: null, value };
    return { content: `${JSON.stringify({ ...ledger, agents: newest(ledger.agents), sessions: newest(ledger.sessions) }, null, 2)}\n`, value };
  });
  if (!outcome.ok) throw new Error(`${file} was in use by others for too long`);
  return outcome.value;
}

/** The row of a client's session, made where there is none. */
export function sessionRow(ledger: Ledger, id: string): z.output<typeof sessionSchema> {
  const found = Object.hasOwn(ledger.sessions, id) ? ledger.sessions[id] : undefined;
  return found ?? (ledger.sessions[id] = { fingerprint: null, blocks: 0, told: null });
}

/** What is known of the agent, which has a number only where its client gives it one. */
export function agentIn({ agents }: Ledger, id: string | null): LedgerAgent | null {
  return id !== null && Object.hasOwn(agents, id) ? agents[id] ?? null : null;
}

/** The team's agents, in the order of their coming. */
export function agentsOf({ agents }: Ledger, team: string): readonly LedgerAgent[] {
  return Object.values(agents).filter((agent) => agent.team === team);
}

/** The agent's row, made where there is none. */
export function agentRow(ledger: Ledger, id: string, about: Pick<LedgerAgent, 'team' | 'role' | 'session_id'>): LedgerAgent {
  const found = Object.hasOwn(ledger.agents, id) ? ledger.agents[id] : undefined;
  if (found !== undefined) return found;
  const made: LedgerAgent = { ...about, started_at: null, stopped_at: null, phase: null, edited: false, roots: [], blocks: 0, fingerprint: null, outcome: null, blocked_at: null, assignment: null };
  ledger.agents[id] = made;
  return made;
}

function parse(content: string | null): Ledger {
  const parsed = ledgerSchema.safeParse(content === null ? {} : parseJson(content));
  return parsed.success ? parsed.data : { agents: {}, sessions: {} };
}

/** In the order of their making, which objects keep for keys that are no numbers; ids are none. */
function newest<T>(rows: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(rows).slice(-HOOK_LIMITS.agentsMax));
}
