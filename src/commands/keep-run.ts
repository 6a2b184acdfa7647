import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { baseCommit, requestKey, saveReplay, teamsDigest } from '../cache/replay.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import { unlessRefused } from '../cache/tree-records.ts';
import type { RunEvent } from '../model/event.ts';
import type { PreparedRun } from '../runner/index.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import { systemDisk } from '../system/disk.ts';
import type { CommandContext } from './command-context.ts';
import { replayWords } from './replay.ts';

export interface RunToKeep {
  readonly prepared: PreparedRun;
  readonly events: readonly RunEvent[];
  /** Absolute; the folder that the words meant. */
  readonly cwd: string;
  /** The words named another repository than the one that they were said in. */
  readonly isRelocated: boolean;
}

/** Keeps the results of a run, and the run as a whole where that can be shown again. */
export async function keepRun(cache: ResultCache, { prepared, events, cwd: meant, isRelocated }: RunToKeep, context: CommandContext): Promise<void> {
  const { environment, args = [] } = context;
  const folder = cacheFolder(environment);
  const kept = await cache.settle();
  const asked = replayWords(args);
  const last = events.at(-1);
  if (folder === null || asked === null || !kept.isComplete || kept.key === null || isRelocated || last?.type !== 'run-finished' || last.report.cancelled) return;
  const { root, mainRoot } = cache.state;
  const { configFile, settings } = prepared;
  // One from elsewhere, or from among what tools write, is none of the files that were looked at.
  if (configFile !== null && !cache.state.files.has(path.relative(root, configFile).split(path.sep).join('/'))) return;
  const ref = settings.base === 'HEAD' ? null : { ref: settings.base };
  const commit = await baseCommit({ root, base: ref }, environment);
  if (ref !== null && commit === null) return;
  const cwd = await realpath(meant);
  const record = {
    root,
    cwd,
    settings: cache.settings,
    base: ref === null || commit === null ? null : { ...ref, commit },
    teams: teamsDigest(mainRoot, cache.settings.relay),
    key: kept.key,
    untilMs: kept.untilMs,
    events,
  };
  const key = requestKey(await realpath(context.cwd), asked.words);
  await unlessRefused(() => saveReplay(key, record, { folder, disk: systemDisk }));
}
