import path from 'node:path';
import { FileMemo } from '../../src/cache/file-memo.ts';
import { SealedMemory } from '../../src/cache/sealed-file.ts';
import { InstalledRecords } from '../../src/cache/tree-records.ts';
import { digestOfAll, readTreeState, type TreeState } from '../../src/cache/tree-state.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { makeProject } from '../../test/rig/project.ts';
import { systemTestEnvironment } from '../../test/rig/environment.ts';
import type { MicroCase } from './micro-case.ts';

const FILES = 300;
const SETTINGS = { inputs: [], outputs: [], env: [], never: [], relay: '.claude/workflows' };

/** Everything that results depend on, looked at and digested, the contents of files known; git is asked in it. */
export const fingerprint: MicroCase = {
  name: `fingerprint of ${FILES} unchanged files`,
  open: async () => {
    const files = Object.fromEntries(Array.from({ length: FILES }, (_, index) => [`src/part-${index % 10}/module-${index}.ts`, `export const value${index} = ${index};\n`.repeat(50)]));
    const project = await makeProject({ 'package.json': '{}\n', ...files }, { git: true });
    const nowMs = (): number => systemClock.now();
    const options = { root: project.root, settings: SETTINGS, environment: systemTestEnvironment(), installed: new InstalledRecords(path.join(path.dirname(project.root), 'installed'), systemDisk, new SealedMemory()), readInstalled: true, nowMs };
    const look = async (memo: FileMemo): Promise<TreeState> => {
      const state = await readTreeState({ ...options, files: memo });
      if (state === null) throw new Error('the tree could not be looked at');
      return state;
    };
    const first = new FileMemo(project.root, [], nowMs);
    const digest = digestOfAll(await look(first));
    return {
      missing: null,
      run: async () => { if (digestOfAll(await look(new FileMemo(project.root, first.rows, nowMs))) !== digest) throw new Error('an unchanged tree has another fingerprint'); },
      close: async () => { await project[Symbol.asyncDispose](); },
    };
  },
};
