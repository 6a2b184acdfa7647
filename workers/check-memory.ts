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

  onTree(tree: ProcessTree, state: 'started' | 'ended'): void {
    if (state === 'started') {
      this.#trees.set(tree.marker, new TreeMemory(tree, { firstMs: BUDGET_LIMITS.sampleMs.first, mostMs: BUDGET_LIMITS.sampleMs.most, costFactor: BUDGET_LIMITS.sampleCostFactor }));
      return;
    }
    const peak = this.#trees.get(tree.marker)?.stop() ?? 0;
    this.#trees.delete(tree.marker);
    this.#treePeak = Math.max(this.#treePeak, peak);
  }

  /** Call it once, when the check has ended. */
  peakMegabytes(): number {
    for (const tree of this.#trees.values()) tree.stop();
    const { total_heap_size: heap, malloced_memory: malloced, external_memory: external } = getHeapStatistics();
    return Math.round((heap + malloced + external) / MEGABYTE + this.#treePeak);
  }
}
