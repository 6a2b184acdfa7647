import { realpath } from 'node:fs/promises';
import { gitRoot } from '../cache/list-tree.ts';
import { productDigest } from '../cache/product.ts';
import { NO_CACHE_SETTINGS, ResultCache } from '../cache/result-cache.ts';
import type { TreeLook } from '../cache/tree-look.ts';
import type { CacheSettings } from '../cache/tree-state.ts';
import { RELAY_FOLDER } from '../model/relay-files.ts';
import type { Settings } from '../model/config.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import type { Clock } from '../system/clock.ts';
import { systemDisk } from '../system/disk.ts';
import { prepareRun, type PreparedRun, type PrepareResult, type RunRequest } from './prepare.ts';

export type CachedPrepareResult =
  | { readonly ok: true; readonly prepared: PreparedRun; readonly cache: ResultCache | null }
  | { readonly ok: false; readonly problem: string };

export interface CachedPrepareOptions {
  readonly prepare?: (request: RunRequest) => Promise<PrepareResult>;
  /** One that was taken already for this very run. */
  readonly look?: TreeLook | null;
}

/**
 * Looks at the tree, then prepares the run, so that nothing that was planned is older than what was looked at. Which files to look
 * at the configuration may say, which is only known afterwards: where it says something else than the last time, both are
 * done again. `cache` is null where there is nowhere to keep results, or no git.
 */
export async function prepareCached(request: RunRequest, clock: Clock, { prepare = prepareRun, look = null }: CachedPrepareOptions = {}): Promise<CachedPrepareResult> {
  const first = await open(request, { settings: null, clock, look });
  const prepared = await prepare(request);
  if (!prepared.ok || first === null) return prepared.ok ? { ...prepared, cache: null } : prepared;
  const settings = cacheSettings(prepared.prepared.settings);
  if (settings === null || first.state.root !== prepared.prepared.workspace.root) return { ...prepared, cache: null };
  if (JSON.stringify(settings) === JSON.stringify(first.settings)) return { ...prepared, cache: first };
  const cache = await open(request, { settings, clock, look: null });
  const again = await prepare(request);
  if (!again.ok) return again;
  const isSame = JSON.stringify(cacheSettings(again.prepared.settings)) === JSON.stringify(settings);
  return { ...again, cache: isSame && cache?.state.root === again.prepared.workspace.root ? cache : null };
}

async function open({ cwd, environment }: RunRequest, { settings, clock, look }: { settings: CacheSettings | null; clock: Clock; look: TreeLook | null }): Promise<ResultCache | null> {
  const folder = cacheFolder(environment);
  if (folder === null) return null;
  const root = gitRoot(await realpath(cwd).catch(() => cwd));
  if (root === null) return null;
  return ResultCache.open({ folder, root, settings, fallback: { ...NO_CACHE_SETTINGS, relay: RELAY_FOLDER }, environment, clock, disk: systemDisk, product: productDigest(), look });
}

function cacheSettings({ cache, relay }: Settings): CacheSettings | null {
  return cache === null ? null : { inputs: cache.inputs, outputs: cache.outputs, env: cache.env, never: cache.never, relay };
}
