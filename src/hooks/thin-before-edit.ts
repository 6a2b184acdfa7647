import { appendFileSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { CanonicalPaths } from '../locks/canonical-path.ts';
import { holderOf } from '../locks/lease-state.ts';
import type { LeaseRow } from '../model/documents.ts';
import { HOOK_LIMITS } from '../model/limits.ts';
import { COORDINATION_FILE } from '../model/relay-files.ts';
import type { Holder } from '../model/lock-refusal.ts';
import { systemTree } from '../system/tree-reader.ts';
import { isGateConfig, mayConcernGates } from './gate-config.ts';
import { ownershipOf, type OwningTask } from './ownership.ts';
import { isPayload, listAt, parsePayload, textAt, textsAt, valueAt } from './payload.ts';
import { PASS, type HookDecision, type HookRequest } from './request.ts';
import { denyForeign, denyLocked, denyRelay } from './sentences.ts';
import type { Tree } from './tree.ts';

/** Nothing speaks against it, but these are shared. Absolute. */
export interface LeasesNeeded {
  readonly kind: 'leases';
  readonly files: readonly string[];
}

/**
 * Whether a team may change these files, as its documents say at this moment: without the log, without a schema library, in a millisecond or
 * two. What an agent has written into a document by hand is so believed for a moment; what it lets through is seen by the gates, which go by the log.
 * Null: the documents cannot be read, and whoever can mend them is to decide.
 */
export async function decideBeforeEdit(request: HookRequest & { readonly team: string }, tree: Tree & { readonly relay: string }, nowMs: number): Promise<HookDecision | LeasesNeeded | null> {
  const { team } = request;
  const tasks = readTasks(tree.relay);
  if (tasks === null) return null;
  const locks = parsePayload(readText(path.join(tree.relay, 'file_locks.json')) ?? '{}');
  if (locks === null) return null;
  const paths = new CanonicalPaths(tree.roots, systemTree);
  const relay = relativeTo(tree.roots[0] ?? tree.root, tree.relay);
  const wanted: string[] = [];
  for (const file of request.files.map((one) => path.resolve(request.cwd, one))) {
    const found = await paths.resolve(file);
    // Outside the repository nobody owns anything.
    if (!found.ok) continue;
    const { key, name } = found.value;
    const ownership = ownershipOf(name, team, { tasks, relay });
    const holder = holderIn(locks, key, nowMs);
    if (ownership.kind === 'relay') return denyRelay(name, ownership.detail);
    if (holder !== null && holder.team !== team) return denyLocked(name, team, holder);
    if (ownership.kind === 'foreign') return denyForeign(name, team, ownership.owner);
    if (ownership.kind === 'shared' && !isFresh(locks, key, team, holder, nowMs)) wanted.push(file);
    if (ownership.kind === 'unowned' || (ownership.kind === 'shared' && mayConcernGates(name))) recordEdit(tree.relay, request, { file: name, nowMs });
  }
  return wanted.length === 0 ? PASS : { kind: 'leases', files: wanted };
}

/** The tasks that teams are at work on; null where the document cannot be read: the relay itself mends it. */
function readTasks(relay: string): readonly OwningTask[] | null {
  const rows = valueAt(parsePayload(readText(path.join(relay, COORDINATION_FILE)) ?? ''), 'tasks');
  if (!isPayload(rows)) return null;
  return Object.entries(rows).flatMap(([id, row]) => {
    const team = textAt(row, 'team');
    return team === null || textAt(row, 'status') !== 'active' || listAt(row, 'files').length === 0 ? [] : [{ id, team, files: textsAt(row, 'files') }];
  });
}

function holderIn(locks: unknown, key: string, nowMs: number): Holder | null {
  const row = leaseRow(locks, key);
  return row === null ? null : holderOf(row as LeaseRow, nowMs);
}

function leaseRow(locks: unknown, key: string): Pick<LeaseRow, 'locked_by' | 'timestamp' | 'duration_ms' | 'token'> | null {
  const row = valueAt(locks, key);
  const team = textAt(row, 'locked_by');
  const since = textAt(row, 'timestamp');
  const duration = valueAt(row, 'duration_ms');
  const token = valueAt(row, 'token');
  if (team === null || since === null || Number.isNaN(Date.parse(since))) return null;
  return { locked_by: team, timestamp: since, duration_ms: typeof duration === 'number' ? duration : null, token: typeof token === 'number' ? token : 0 };
}

/** The team has the lease, nobody waits for it, and more than half of its time is left: it need not be renewed for this. */
function isFresh(locks: unknown, key: string, team: string, holder: Holder | null, nowMs: number): boolean {
  if (holder === null || holder.team !== team || listAt(locks, key, 'waiters').length > 0) return false;
  const duration = leaseRow(locks, key)?.duration_ms ?? null;
  return duration !== null && Date.parse(holder.until) - nowMs > duration / 2;
}

/** One line behind the others; what a power cut takes of it is no loss. `content` is a digest of what the edit has come to, where that is known. */
export function recordEdit(relay: string, { team, agentId }: Pick<HookRequest, 'team' | 'agentId'>, { file, nowMs, content }: { readonly file: string; readonly nowMs: number; readonly content?: string }): void {
  const log = path.join(relay, EDITS_FILE);
  try {
    if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > HOOK_LIMITS.editLogBytesMax) renameSync(log, path.join(relay, OLD_EDITS_FILE));
    appendFileSync(log, `${JSON.stringify({ at: new Date(nowMs).toISOString(), team, agent_id: agentId, file, gate_config: isGateConfig(file), ...(content === undefined ? {} : { content }) })}\n`);
  } catch (error) {
    // A disk that takes no line keeps nobody from editing; the measurement lists what nobody owns all the same.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

export const EDITS_FILE = 'hook_edits.ndjson';
export const OLD_EDITS_FILE = 'hook_edits.old.ndjson';

/** Posix; null where the folder is elsewhere. */
export function relativeTo(root: string, folder: string): string | null {
  const relative = path.relative(root, folder).split(path.sep).join('/');
  return relative.startsWith('../') || path.isAbsolute(relative) ? null : relative;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
