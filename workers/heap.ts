import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MEGABYTE = 1024 * 1024;
/** Less than this is not worth the time to collect it. */
const RUBBISH_MEGABYTES_MAX = 128;

/** Clears away what a lane has left in this thread's heap: the next lane's memory must not be counted with it. */
export function collectRubbish(): void {
  fitsHeap(RUBBISH_MEGABYTES_MAX);
}

/** Whether what this thread holds on to stays below the bound. Rubbish does not count, but is only cleared away when it matters. */
export function fitsHeap(megabytesMax: number): boolean {
  if (usedMegabytes() <= megabytesMax) return true;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return usedMegabytes() <= megabytesMax;
}

function usedMegabytes(): number {
  return getHeapStatistics().used_heap_size / MEGABYTE;
}
