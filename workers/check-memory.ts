import { getHeapStatistics } from 'node:v8';
import { BUDGET_LIMITS } from '../src/model/limits.ts';
import type { ProcessTree } from '../src/system/process-tree.ts';
import { TreeMemory } from '../src/system/tree-memory.ts';

const MEGABYTE = 1024 * 1024;

/**
 * The most memory that one check uses: this thread's heap, and the largest of the process trees it starts. V8 gives a heap back
 * slowly, so its size at the end is near what it was at most; code that blocks the thread could not be watched anyway.
 */
export class CheckMemory {
  readonly #trees = new Map<string, TreeMemory>();
  #treePeak = 0;
  #isWhole = true;

  onTree(tree: ProcessTree, state: 'started' | 'ended'): void {
    if (state === 'started') {
      this.#trees.set(tree.marker, new TreeMemory(tree, { firstMs: BUDGET_LIMITS.sampleMs.first, mostMs: BUDGET_LIMITS.sampleMs.most, costFactor: BUDGET_LIMITS.sampleCostFactor }));
      return;
    }
    const peak = this.#trees.get(tree.marker)?.stop() ?? null;
    this.#trees.delete(tree.marker);
    this.#treePeak = Math.max(this.#treePeak, peak ?? 0);
    // On Linux it ended before anybody looked, and was small; elsewhere nobody can look.
    if (peak === null && process.platform !== 'linux') this.#isWhole = false;
  }

  /** Call it once, when the check has ended. Null where it started what could not be watched. */
  peakMegabytes(): number | null {
    for (const tree of this.#trees.values()) tree.stop();
    if (!this.#isWhole) return null;
    const { total_heap_size: heap, malloced_memory: malloced, external_memory: external } = getHeapStatistics();
    return Math.round((heap + malloced + external) / MEGABYTE + this.#treePeak);
  }
}
