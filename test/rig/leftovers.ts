import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TREE_VARIABLE } from '../../src/system/process-tree.ts';
import type { Project } from './project.ts';

export interface Leftovers {
  /** Temporary files and caches of a run go beside the project, and with it. */
  readonly environment: Readonly<Record<'TMPDIR' | 'XDG_CACHE_HOME', string>>;
  /** Temporary files, and processes that carry our marker, which are still there. Linux only for the processes. */
  find(): Promise<{ readonly files: readonly string[]; readonly processes: readonly number[] }>;
}

export const NOTHING = { files: [], processes: [] };

/** Gives a project's runs a temporary folder of their own, so that what they leave behind is seen. */
export async function watchLeftovers(project: Project): Promise<Leftovers> {
  const temp = path.join(path.dirname(project.root), 'temp');
  await mkdir(temp);
  return {
    environment: { TMPDIR: temp, XDG_CACHE_HOME: path.join(path.dirname(project.root), 'cache') },
    // Vitest's own processes of this very test carry the marker when we are checked by ourselves; they have another TMPDIR.
    find: async () => ({ files: await readdir(temp), processes: await processesWith(`TMPDIR=${temp}`) }),
  };
}

async function processesWith(variable: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')));
  return pids.filter((_, index) => {
    const words = environments[index]?.split('\0') ?? [];
    return words.includes(variable) && words.some((word) => word.startsWith(`${TREE_VARIABLE}=`));
  }).map(Number);
}
