import path from 'node:path';
import type { Check } from '../model/check.ts';
import { compareText } from '../model/finding.ts';
import { isRelayFile } from '../model/relay-files.ts';
import { statIfReadable, statLine } from '../system/file-times.ts';
import type { CacheSettings, TreeState } from './tree-state.ts';

/** Folders of the tree by name, `.` the root, with what no file can come and go in them without changing. */
export type FolderLook = ReadonlyMap<string, string>;

/** To be called after the state was read: what comes between is there in the next state, or gone before any check has begun. */
export function lookAtFolders({ root, mainRoot, files }: TreeState, { relay }: Pick<CacheSettings, 'relay'>): FolderLook {
  const folders = new Set<string>();
  for (const file of files.keys()) {
    if (path.isAbsolute(file) || file.startsWith('../')) continue;
    for (let folder = path.posix.dirname(file); !folders.has(folder); folder = path.posix.dirname(folder)) folders.add(folder);
  }
  // Leases come and go there all the time, and no check reads them.
  const own = path.relative(root, path.resolve(mainRoot, relay)).split(path.sep).join('/');
  const isRelay = (folder: string): boolean => [relay, own].some((one) => isRelayFile(`${folder}/events.ndjson`, one));
  return new Map([...folders].filter((folder) => !isRelay(folder)).map((folder) => {
    const stats = statIfReadable(path.join(root, folder));
    return [folder, stats === null ? '' : statLine(stats)] as const;
  }));
}

/** Those of both looks in which something came or went, and be it for a moment. */
export function touchedFolders(before: FolderLook, after: FolderLook): string[] {
  return [...after].filter(([folder, line]) => before.has(folder) && before.get(folder) !== line).map(([folder]) => folder).sort(compareText);
}

/** Tests, benchmarks and commands of the project write where they like; other checks nothing. */
export function mayWrite({ gates, inputs = 'workspace' }: Check): boolean {
  return gates[0] !== 'documentation_check' && (inputs === 'workspace' || inputs === 'commit' || inputs === 'never');
}
