import type { FileMemo } from './file-memo.ts';
import type { InstalledRecords } from './tree-records.ts';
import type { CacheSettings, TreeState } from './tree-state.ts';

/** What one look at a tree saw, and what is remembered of its files since. */
export interface TreeLook {
  readonly settings: CacheSettings;
  readonly state: TreeState;
  readonly files: FileMemo;
  readonly installed: InstalledRecords;
}

/** Whether it is a look at this tree by these settings that has read everything. */
export function isWhole(look: TreeLook, root: string, settings: CacheSettings): boolean {
  return look.state.root === root && JSON.stringify(look.settings) === JSON.stringify(settings) && [...look.state.units.values()].every((unit) => unit.content !== null);
}
