import type { Lease } from '../model/lease.ts';
import { LEASE_LIMITS } from '../model/limits.ts';
import type { LockResult, TableFault } from '../model/lock-refusal.ts';
import type { Clock } from '../system/clock.ts';
import { FileWatch } from '../system/watch-file.ts';
import { isWorthALook, leave, wait, type Request } from './decide.ts';
import { fileLockOf } from './lease-state.ts';
import type { LeaseStore } from './lease-store.ts';

interface LineOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

type LineRequest = Request & { readonly file: string };

/**
 * Looks, and looks again after 100 ms, 200 ms and so on up to 5 s, or as soon as the table changes in the waiter's favour. A look
 * writes, so that the others see the waiter alive; what a change wakes is a reading only, or the waiters would wake each other for ever.
 */
export async function waitInLine(store: LeaseStore, request: LineRequest, options: LineOptions): Promise<LockResult<Lease>> {
  const { timeoutMs, clock, signal } = options;
  const startedMs = clock.monotonicMs();
  const faults: TableFault[] = [];
  let watch: FileWatch | null = null;
  try {
    for (let pauseMs: number = LEASE_LIMITS.pollMs.first; ; pauseMs = Math.min(pauseMs * 2, LEASE_LIMITS.pollMs.most)) {
      const looked = await store.update((table, nowMs) => wait(table, request, nowMs), signal);
      faults.push(...looked.faults);
      if (looked.ok && looked.value !== null) return { ok: true, value: looked.value, faults };
      if (!looked.ok && looked.refusal.reason === 'cancelled') return await goAway(store, request, { timedOut: false, faults });
      // A table that was in use for long may be free at the next look.
      if (!looked.ok && looked.refusal.reason !== 'busy') return { ...looked, faults };
      const waitedMs = clock.monotonicMs() - startedMs;
      if (waitedMs >= timeoutMs) return await goAway(store, request, { timedOut: true, waitedMs, faults });
      // After the first look, which makes the folder.
      watch ??= new FileWatch(store.file);
      await untilWorthALook(store, request, watch, { waitMs: Math.min(pauseMs, timeoutMs - waitedMs), clock, ...(signal === undefined ? {} : { signal }) });
    }
  } finally {
    watch?.close();
  }
}

async function untilWorthALook(store: LeaseStore, request: LineRequest, watch: FileWatch, options: { readonly waitMs: number; readonly clock: Clock; readonly signal?: AbortSignal }): Promise<void> {
  const endMs = options.clock.monotonicMs() + options.waitMs;
  for (;;) {
    const wake = await watch.next(Math.max(0, endMs - options.clock.monotonicMs()), options.signal);
    if (wake !== 'changed') return;
    const startedMs = options.clock.monotonicMs();
    const read = await store.read();
    if (!read.ok || isWorthALook(read.value, request, options.clock.now())) return;
    const nowMs = options.clock.monotonicMs();
    if (nowMs >= endMs) return;
    // A table that takes long to read is read less often: waiters must not take the machine from those who work.
    await new Promise((resume) => setTimeout(resume, Math.min(endMs - nowMs, Math.max(LEASE_LIMITS.pollAfterChangeMs, nowMs - startedMs))));
  }
}

/** Whatever the table says: the waiter gives up, and is told who was in the way. If it cannot even leave, it will be dropped as absent. */
async function goAway(store: LeaseStore, { file, team }: LineRequest, why: { readonly timedOut: boolean; readonly waitedMs?: number; readonly faults: readonly TableFault[] }): Promise<LockResult<Lease>> {
  const left = await store.update((table, nowMs) => {
    const decision = leave(table, { file, team, timedOut: why.timedOut });
    return { ...decision, answer: { ok: true, value: fileLockOf(file, decision.table.rows.get(file), nowMs).holder } };
  });
  const holder = left.ok ? left.value : null;
  return {
    ok: false,
    refusal: why.timedOut ? { reason: 'timeout', file, waitedMs: why.waitedMs ?? 0, holder } : { reason: 'cancelled' },
    faults: [...why.faults, ...left.faults],
  };
}
