import path from 'node:path';
import type { RunContext } from '../../../src/model/run-context.ts';
import { loadedModules } from '../loaded-modules.ts';
import { guardSettings, guardTree } from '../tree-guards.ts';
import type { EslintParams } from './lint.ts';
import { readsSettingsAlone } from './single-file-rules.ts';

/**
 * To be called before ESLint's configurations are loaded in a kept thread: it ends before the next run if anything has changed that they
 * can have been made from. Of the old kind nobody can tell what they look at.
 */
export function watchInputs({ config, outer, folder, isFlat }: EslintParams, { kept, lane, workspace }: RunContext): void {
  const name = `eslint-inputs:${config ?? ''}:${folder}`;
  if (kept === null || lane.has(name)) return;
  lane.set(name, true);
  guardSettings(kept);
  if (!isFlat) guardTree(kept);
  for (const one of [...(config === null ? [] : [config]), ...outer.map((each) => each.config)]) {
    const { files, packages, isOpen } = loadedModules(path.join(workspace.root, one));
    kept.thread.watch(files);
    if (isOpen || !packages.every(readsSettingsAlone)) guardTree(kept);
  }
}
