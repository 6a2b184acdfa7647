import { tmpdir } from 'node:os';
import path from 'node:path';
import { NO_CACHE_SETTINGS, ResultCache } from '../../src/cache/result-cache.ts';
import { RELAY_FOLDER } from '../../src/model/relay-files.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';

/** Looks at a tree for a run of it, as before every run by the daemon. Nothing was kept there, and nothing will be. */
export async function lookFor(root: string, environment: Readonly<Record<string, string | undefined>>): Promise<ResultCache> {
  const settings = { ...NO_CACHE_SETTINGS, relay: RELAY_FOLDER };
  const folder = path.join(tmpdir(), 'spark-gates-test-no-cache');
  const cache = await ResultCache.open({ folder, root, settings, fallback: settings, environment, clock: systemClock, disk: systemDisk, product: '' });
  if (cache === null) throw new Error(`${root} is no repository of git with a commit`);
  return cache;
}
