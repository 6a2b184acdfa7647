import path from 'node:path';
import type { Check, CheckOutcome } from '../model/check.ts';
import { CACHE_LIMITS } from '../model/limits.ts';
import type { Workspace } from '../model/workspace.ts';
import type { Clock } from '../system/clock.ts';
import type { Disk } from '../system/disk.ts';
import type { Environment } from '../system/git.ts';
import type { Digest } from './digest.ts';
import { FileMemo } from './file-memo.ts';
import { lookAtFolders, mayWrite, touchedFolders, type FolderLook } from './folder-look.ts';
import { fingerprintContext, type FingerprintContext } from './fingerprint.ts';
import { pruneKept } from './kept-files.ts';
import { ResultStore, type KeptResult } from './result-store.ts';
import { firstUnseen } from './seen-names.ts';
import { describeState, orNothing, TreeRecords, unlessRefused, type CheckRecord, type InstalledRecords, type TreeRecord } from './tree-records.ts';
import { isWhole, type TreeLook } from './tree-look.ts';
import { readTreeState, stateKey, withInstalledOf, type CacheSettings, type TreeState } from './tree-state.ts';
import { changedFiles, changedPackages, explainMiss, firstThatCounts } from './why.ts';

export interface ResultCacheOptions {
  /** Where everything is kept; absolute. */
  readonly folder: string;
  /** Absolute and real. */
  readonly root: string;
  /** Null: those of the last time. */
  readonly settings: CacheSettings | null;
  /** Where there was no last time. */
  readonly fallback: CacheSettings;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly disk: Disk;
  /** See `productDigest`. */
  readonly product: Digest;
  /** A look at the tree for this very run, taken before anything else of it. */
  readonly look?: TreeLook | null;
}

export const NO_CACHE_SETTINGS: Omit<CacheSettings, 'relay'> = { inputs: [], outputs: [], env: [], never: [] };

/** A check that ended in this run. */
export interface EndedCheck {
  readonly check: Check;
  readonly outcome: CheckOutcome;
  readonly durationMs: number;
}

export interface Kept {
  /** Every check's result was there or is there now, and the tree is as it was when it was first looked at. */
  readonly isComplete: boolean;
  /** See `stateKey`; of the tree after the run. */
  readonly key: Digest | null;
  /** The earliest time of day at which one of the results is not believed any more. */
  readonly untilMs: number | null;
  /** Why results were not kept, by check. */
  readonly reasons: ReadonlyMap<string, string>;
}

/**
 * The results of one tree between two looks at it: one before anything is planned, one after everything has run. A result is
 * kept when all that it depends on was the same at both.
 */
export class ResultCache {
  readonly settings: CacheSettings;
  readonly state: TreeState;
  readonly #options: ResultCacheOptions;
  readonly #records: TreeRecords;
  readonly #store: ResultStore;
  readonly #memo: { readonly files: FileMemo; readonly installed: InstalledRecords };
  readonly #record: TreeRecord | null;
  readonly #folders: FolderLook;
  #touched: readonly string[] = [];
  readonly #hits = new Map<string, KeptResult>();
  #ended: { readonly checks: readonly EndedCheck[]; readonly workspace: Workspace } | null = null;
  readonly #planned = new Map<string, Check>();

  private constructor(parts: { options: ResultCacheOptions; settings: CacheSettings; state: TreeState; records: TreeRecords; store: ResultStore; files: FileMemo; installed: InstalledRecords; record: TreeRecord | null }) {
    this.#options = parts.options;
    this.settings = parts.settings;
    this.state = parts.state;
    this.#records = parts.records;
    this.#store = parts.store;
    this.#memo = { files: parts.files, installed: parts.installed };
    this.#record = parts.record;
    this.#folders = lookAtFolders(parts.state, parts.settings);
  }

  /** Looks at the tree. Null where its state cannot be told: outside git, and before the first commit. */
  static async open(options: ResultCacheOptions): Promise<ResultCache | null> {
    const { folder, root, disk, clock, environment, look = null } = options;
    const records = new TreeRecords(folder, root, { disk });
    const nowMs = (): number => clock.now();
    const record = await records.record();
    const settings = options.settings ?? record?.settings ?? options.fallback;
    const parts = { options, settings, records, store: new ResultStore(path.join(folder, 'results'), disk), record };
    if (look !== null && isWhole(look, root, settings)) return new ResultCache({ ...parts, state: look.state, files: look.files, installed: look.installed });
    const files = new FileMemo(root, await records.files(options.product), nowMs);
    const installed = records.installed();
    // Where this tree was never looked at and nothing is kept, nothing can be found: then its packages are read after the run.
    const isFirst = record === null && ((await orNothing(() => disk.list(path.join(folder, 'results')))) ?? []).length === 0;
    const state = await orNothing(() => readTreeState({ root, settings, environment, files, installed, readInstalled: !isFirst, nowMs }));
    if (state === null) return null;
    return new ResultCache({ ...parts, state, files, installed });
  }

  /** The results that are kept, by check. `workspace` must have been discovered after the cache was opened. */
  async lookUp(checks: readonly Check[], workspace: Workspace): Promise<ReadonlyMap<string, KeptResult>> {
    const context = this.#context(this.state, workspace);
    for (const check of checks) {
      this.#planned.set(check.id, check);
      const result = context.of(check);
      if (!result.ok) continue;
      const kept = await this.#store.get({ fingerprint: result.fingerprint, check: check.id, root: this.state.root }, this.#options.clock.now());
      if (kept !== null) this.#hits.set(check.id, kept);
    }
    return this.#hits;
  }

  /** Why each check that was looked up is not there. */
  async explain(workspace: Workspace): Promise<ReadonlyMap<string, string>> {
    const context = this.#context(this.state, workspace);
    const now = describeState(this.state);
    const reasons = new Map<string, string>();
    for (const check of this.#planned.values()) {
      if (this.#hits.has(check.id)) continue;
      const result = context.of(check);
      const before = this.#record?.checks[check.id] ?? null;
      reasons.set(check.id, result.ok ? explainMiss({ check, parts: result.parts, now, before, then: before === null ? null : await this.#records.state(before.state) }) : result.reason);
    }
    return reasons;
  }

  /** How the checks of the plan ended; those that were found here, too. */
  record(ended: readonly EndedCheck[], workspace: Workspace): void {
    this.#ended = { checks: ended, workspace };
  }

  /** Looks at the tree once more, keeps what can be told to be true of it, and removes what is too much. Where the file system refuses, nothing is kept. */
  async settle(): Promise<Kept> {
    const { clock } = this.#options;
    const { checks: ended, workspace } = this.#ended ?? { checks: [], workspace: null };
    const nowMs = (): number => clock.now();
    const reasons = new Map<string, string>();
    const after = await orNothing(() => readTreeState({ root: this.state.root, settings: this.settings, environment: this.#options.environment, files: this.#memo.files, installed: this.#memo.installed, readInstalled: true, nowMs }));
    if (after === null || workspace === null) return { isComplete: false, key: null, untilMs: null, reasons };
    // Where the project's own code has run, it may have been that; nobody can tell.
    const isQuiet = !ended.some(({ check }) => !this.#hits.has(check.id) && mayWrite(check));
    this.#touched = isQuiet ? touchedFolders(this.#folders, lookAtFolders(after, this.settings)) : [];
    const before = withInstalledOf(this.state, after);
    const [first, second] = [this.#context(before, workspace), this.#context(after, workspace)];
    const records: Record<string, CheckRecord> = {};
    let untilMs: number | null = null;
    const stateDigest = await this.#saveState(after);
    for (const { check, outcome, durationMs } of ended) {
      const hit = this.#hits.get(check.id);
      const result = await this.#keepOne({ check, outcome, durationMs }, { first, second, hit });
      const fingerprint = second.of(check);
      if (fingerprint.ok) records[check.id] = { parts: fingerprint.parts, state: stateDigest, notKept: result.ok ? null : result.reason };
      if (!result.ok) reasons.set(check.id, result.reason);
      else if (result.untilMs !== null) untilMs = Math.min(untilMs ?? Infinity, result.untilMs);
    }
    await unlessRefused(() => this.#records.saveRecord({ settings: this.settings, checks: { ...this.#record?.checks, ...records } }));
    await unlessRefused(() => this.#records.saveFiles(this.#memo.files.rows, this.#options.product));
    await unlessRefused(() => this.#memo.installed.save());
    pruneKept(this.#options.folder, clock.now());
    const key = stateKey(after, this.#options.product);
    const isSame = key !== null && key === stateKey(before, this.#options.product) && this.#memo.files.rewritten.size === 0 && rewrittenUnits(before, after).length === 0;
    return { isComplete: reasons.size === 0 && isSame, key, untilMs, reasons };
  }

  async #keepOne({ check, outcome, durationMs }: EndedCheck, { first, second, hit }: { first: FingerprintContext; second: FingerprintContext; hit: KeptResult | undefined }): Promise<{ ok: true; untilMs: number | null } | { ok: false; reason: string }> {
    if (outcome.status === 'error') return { ok: false, reason: 'it could not run' };
    if (outcome.validity?.kind === 'unrepeatable') return { ok: false, reason: outcome.validity.reason };
    const [before, after] = [first.of(check), second.of(check)];
    if (!before.ok) return before;
    if (!after.ok) return after;
    if (before.fingerprint !== after.fingerprint) return { ok: false, reason: `${whatChanged(check, first.state, second.state)} while it ran` };
    if (hit !== undefined) return { ok: true, untilMs: hit.untilMs };
    const rewritten = firstThatCounts(check, this.#memo.files.rewritten) ?? (after.parts.installed === undefined ? undefined : rewrittenUnits(first.state, second.state)[0]);
    if (rewritten !== undefined) return { ok: false, reason: `${rewritten} was written while it ran` };
    const touched = this.#touched[0];
    if (touched !== undefined) return { ok: false, reason: `something came or went in ${touched === '.' ? 'the root' : touched} while it ran` };
    const unseen = outcome.validity?.kind === 'names' ? firstUnseen(outcome.validity, second.state, this.settings) : undefined;
    if (unseen !== undefined) return { ok: false, reason: `it asked whether there is ${unseen}, which can come and go unseen` };
    const untilMs = outcome.validity?.kind === 'for' ? this.state.takenMs + outcome.validity.ms : null;
    const key = { fingerprint: after.fingerprint, check: check.id, root: this.state.root };
    const isKept = await orNothing(() => this.#store.put(key, { outcome, durationMs, untilMs }));
    if (isKept === null) return { ok: false, reason: `the file system refused to write below ${this.#options.folder}` };
    return isKept ? { ok: true, untilMs } : { ok: false, reason: 'it is too large' };
  }

  async #saveState(state: TreeState): Promise<Digest> {
    let digest = '';
    const known = Object.values(this.#record?.checks ?? {}).map((check) => check.state);
    await unlessRefused(async () => { digest = await this.#records.saveState(state, CACHE_LIMITS.statesMax, [...new Set(known)]); });
    return digest;
  }

  #context(state: TreeState, workspace: Workspace): FingerprintContext {
    return fingerprintContext({ state, workspace, product: this.#options.product, never: this.settings.never });
  }
}

/** Installed packages that were written between two looks. */
function rewrittenUnits(before: TreeState, after: TreeState): string[] {
  return [...after.units].flatMap(([name, { stat }]) => (before.units.get(name)?.stat === stat ? [] : [name]));
}

function whatChanged(check: Check, before: TreeState, after: TreeState): string {
  const [then, now] = [describeState(before), describeState(after)];
  const files = changedFiles(check, now, then);
  return [...files, ...changedPackages(now, then)].join(', ') || 'something outside of the tree changed';
}
