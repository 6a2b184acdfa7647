import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunEvent } from '../model/event.ts';
import { relayFolder, teamOfContextFile } from '../model/relay-files.ts';
import type { Clock } from '../system/clock.ts';
import type { Disk } from '../system/disk.ts';
import { runGit, type Environment } from '../system/git.ts';
import { isRecord } from '../system/is-record.ts';
import { isMissing } from '../system/read-text.ts';
import { digestOfEntries, digestOfValue, type Digest } from './digest.ts';
import { FileMemo } from './file-memo.ts';
import { gitRoot } from './list-tree.ts';
import { productDigest } from './product.ts';
import { readSealed, SealedMemory, writeSealed } from './sealed-file.ts';
import { orNothing, TreeRecords } from './tree-records.ts';
import type { TreeLook } from './tree-look.ts';
import { readTreeState, stateKey, type CacheSettings } from './tree-state.ts';

/** A run that came to its end with every result kept, and what it was a run of. */
export interface ReplayRecord {
  readonly root: string;
  /** The folder that the request meant; absolute and real. */
  readonly cwd: string;
  readonly settings: CacheSettings;
  /** The commit that "changed" is relative to, where it is another than HEAD: as it was written, and where HEAD left it. */
  readonly base: { readonly ref: string; readonly commit: string } | null;
  /** Of what says which teams are at work. */
  readonly teams: Digest;
  /** See `stateKey`. */
  readonly key: Digest;
  readonly untilMs: number | null;
  readonly events: readonly RunEvent[];
}

export interface ReplayOptions {
  /** Where everything is kept; absolute. */
  readonly folder: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly disk: Disk;
  /** Of a process that is asked again and again; see `SealedMemory`. */
  readonly memory?: SealedMemory | undefined;
  /** Told what was seen: a run that has to be run needs not look again. */
  onLook?(look: TreeLook): void;
}

/** Under which a request is kept: its words, and where they were said. */
export function requestKey(cwd: string, args: readonly string[]): Digest {
  return digestOfValue([cwd, args]);
}

/**
 * The run of an earlier time with the same words, where nothing has changed since: no file, no package, no variable. Nothing is
 * planned then, and nothing of the engines is loaded. Null otherwise, and whenever that cannot be told.
 */
export function findReplay(key: Digest, options: ReplayOptions): Promise<ReplayRecord | null> {
  return orNothing(() => find(key, options));
}

async function find(key: Digest, options: ReplayOptions): Promise<ReplayRecord | null> {
  const { folder, environment, clock, disk, memory = new SealedMemory() } = options;
  const record = await memory.of(fileOf(folder, key), () => readReplay(disk, fileOf(folder, key)));
  if (record === null || (record.untilMs !== null && clock.now() >= record.untilMs) || gitRoot(record.cwd) !== record.root) return null;
  const records = new TreeRecords(folder, record.root, { disk, memory });
  const nowMs = (): number => clock.now();
  const base = baseCommit(record, environment);
  const product = productDigest();
  const files = new FileMemo(record.root, await records.files(product), nowMs);
  const installed = records.installed();
  // What was not read before is something new.
  const state = await readTreeState({ root: record.root, settings: record.settings, environment, files, installed, readInstalled: false, nowMs });
  if (state !== null) options.onLook?.({ settings: record.settings, state, files, installed });
  if (state === null || stateKey(state, product) !== record.key || (await base) !== (record.base?.commit ?? null)) return null;
  return teamsDigest(state.mainRoot, record.settings.relay) === record.teams ? record : null;
}

export async function saveReplay(key: Digest, record: ReplayRecord, { folder, disk }: Pick<ReplayOptions, 'folder' | 'disk'>): Promise<void> {
  await writeSealed(disk, fileOf(folder, key), record);
}

/** Where HEAD left the base, or null where that is HEAD itself. */
export async function baseCommit({ root, base }: { readonly root: string; readonly base: { readonly ref: string } | null }, environment: Environment): Promise<string | null> {
  if (base === null) return null;
  const result = await runGit(['merge-base', '--end-of-options', base.ref, 'HEAD'], { cwd: root, environment });
  return result.kind === 'done' ? result.stdout.trim() : null;
}

/** The relay's documents say who owns what; they are no files of the tree. */
export function teamsDigest(mainRoot: string, relay: string): Digest {
  const folder = relayFolder(mainRoot, relay);
  const names = listIfThere(folder).filter((name) => teamOfContextFile(name) !== null);
  return digestOfEntries(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')] as const));
}

/** The events as they come in a run in which everything was kept. */
export function replayedEvents({ events }: ReplayRecord, durationMs: number): RunEvent[] {
  return events.map((event): RunEvent => {
    if (event.type === 'check-finished') return { ...event, cached: true };
    if (event.type !== 'run-finished') return event;
    const { report } = event;
    return { ...event, report: { ...report, durationMs: Math.round(durationMs), checks: report.checks.map((check) => ({ ...check, cached: true })) } };
  });
}

async function readReplay(disk: Disk, file: string): Promise<ReplayRecord | null> {
  const read = await readSealed(disk, file);
  // Sealed by us in this very form: the digest of what it is a run of holds our own version and build.
  return isRecord(read) && Array.isArray(read.events) ? (read as unknown as ReplayRecord) : null;
}

function fileOf(folder: string, key: Digest): string {
  return path.join(folder, 'replays', `${key}.json`);
}

function listIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
