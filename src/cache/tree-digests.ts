import type { TreeDigests } from '../model/run-context.ts';
import { mayHoldSettings } from '../model/settings-files.ts';
import { hasSettled } from '../system/file-times.ts';
import { digestOfEntries, digestOfValue } from './digest.ts';
import type { TreeState } from './tree-state.ts';

/**
 * What threads that outlive a run hold what they have loaded against. Null where not all of the tree can be told. Installed packages
 * count by what lookers see of their files, since the first run of all does not read them; but what was written a moment ago by its content.
 */
export function treeDigests({ files, units, links, gitOfCode, problem, takenMs }: TreeState): TreeDigests | null {
  if (problem !== null) return null;
  const installed = digestOfEntries([...units].map(([name, { stat, newestMs, content }]) => [name, hasSettled(newestMs, takenMs) ? stat : `${stat} ${String(content)}`] as const));
  const shared = [installed, digestOfEntries(links), gitOfCode];
  return {
    settings: digestOfValue([...shared, digestOfEntries([...files].filter(([file]) => mayHoldSettings(file)))]),
    all: digestOfValue([...shared, digestOfEntries(files)]),
  };
}
