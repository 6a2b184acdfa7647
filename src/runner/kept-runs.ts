import { SealedMemory } from '../cache/sealed-file.ts';
import { describeMachine } from '../system/machine.ts';
import { KnownSources } from '../workspace/known-sources.ts';
import type { KnownConfigs } from '../workspace/config-file.ts';
import { makeLanePool } from './make-pool.ts';
import type { LanePool } from './pool.ts';
import { prepareRun, type PrepareResult, type RunRequest } from './prepare.ts';

/**
 * What a process that outlives its runs keeps between them: threads with their engines, and what costs more to find than to verify. The
 * workspace itself is discovered anew every time, which takes a few milliseconds and cannot be out of date.
 */
export class KeptRuns {
  readonly #sources = new KnownSources();
  readonly #configs: KnownConfigs = new Map();
  /** Of what earlier runs kept on the disk. */
  readonly memory = new SealedMemory();
  #pool: LanePool | null = null;
  readonly #left: (() => Promise<void>)[] = [];
  #settling: Promise<void> = Promise.resolve();

  /** Made at the first run: a process that only shows reports again needs no threads. */
  get pool(): LanePool {
    const machine = describeMachine();
    return (this.#pool ??= makeLanePool({ machine, threads: machine.cores, kept: true }));
  }

  readonly prepare = (request: RunRequest): Promise<PrepareResult> => prepareRun(request, { sources: this.#sources, configs: this.#configs });

  /** What a run leaves to be written down once whoever asked has the answer. */
  afterAnswer(work: () => Promise<void>): void {
    this.#left.push(work);
  }

  /** Does what is left to be done; call it when the answer is out, and before the next run. */
  settle(): Promise<void> {
    const left = this.#left.splice(0);
    if (left.length > 0) this.#settling = this.#settling.then(async () => { for (const work of left) await work(); });
    return this.#settling;
  }

  async close(): Promise<void> {
    await this.settle();
    await this.#pool?.close();
  }
}
