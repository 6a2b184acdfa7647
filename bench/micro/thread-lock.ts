import { createLockTable, ThreadLocks } from '../../src/locks/thread-locks.ts';
import type { MicroCase } from './micro-case.ts';

/** Nobody else wants it: the price that every check pays. */
export const threadLock: MicroCase = {
  name: 'thread lock, taken and given back',
  open: () => {
    const locks = new ThreadLocks(createLockTable({ only: 1 }), 1);
    const options = { isCancelled: () => false, timeoutMs: 1_000 };
    return Promise.resolve({
      missing: null,
      run: () => {
        const got = locks.acquire('only', options);
        if (!got.ok) throw new Error(got.reason);
        got.release();
      },
      close: () => Promise.resolve(),
    });
  },
};
