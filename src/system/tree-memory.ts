import { readdir, readFile } from 'node:fs/promises';
import type { ProcessTree } from './process-tree.ts';

/** When to look: the first pause, the longest, and how many times the last look's own time a pause is at least, up to that. */
export interface SamplePace {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly costFactor: number;
}

/**
 * The most memory that the processes of a tree were seen to use together: what each has for itself, and shared pages once. Linux
 * only; elsewhere, and for a tree that ends before the first look, nothing is known.
 */
export class TreeMemory {
  readonly #group: number;
  readonly #pace: SamplePace;
  #timer: NodeJS.Timeout | undefined;
  #peakKilobytes = 0;
  #isStopped = process.platform !== 'linux';

  constructor(tree: ProcessTree, pace: SamplePace) {
    this.#group = tree.pid;
    this.#pace = pace;
    this.#schedule(pace.firstMs);
  }

  /** The most seen until now, in MB; null where nothing was seen. */
  get peakMegabytes(): number | null {
    return this.#peakKilobytes === 0 ? null : this.#peakKilobytes / 1024;
  }

  /** Looks no more, and gives the most that was seen. */
  stop(): number | null {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    return this.peakMegabytes;
  }

  #schedule(pauseMs: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => { void this.#look(pauseMs); }, pauseMs);
    this.#timer.unref();
  }

  async #look(pauseMs: number): Promise<void> {
    const startedMs = performance.now();
    this.#peakKilobytes = Math.max(this.#peakKilobytes, await groupKilobytes(this.#group));
    const tookMs = performance.now() - startedMs;
    // On a busy machine a look takes long and costs no more: it must not be the last one for that.
    this.#schedule(Math.min(Math.max(pauseMs * 2, tookMs * this.#pace.costFactor), this.#pace.mostMs));
  }
}

/** What the processes of a group use at this moment: what each has for itself, and shared pages once. Linux only. */
export async function groupKilobytes(group: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const used = await Promise.all(pids.map(async (pid) => (groupOf(await readProcess(pid, 'stat')) === group ? readProcess(pid, 'status') : '')));
  let own = 0;
  let files = 0;
  for (const status of used) {
    own += kilobytes(status, 'RssAnon') + kilobytes(status, 'RssShmem');
    files = Math.max(files, kilobytes(status, 'RssFile'));
  }
  return own + files;
}

/** Field 5 of stat(5), the third after the program's name, which may hold blanks and brackets. */
function groupOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 1).trim().split(' ')[2]);
}

function kilobytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
}

async function readProcess(pid: string, what: 'stat' | 'status'): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${what}`, 'latin1');
  } catch (error) {
    // It ended meanwhile, or is not ours to look at.
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
