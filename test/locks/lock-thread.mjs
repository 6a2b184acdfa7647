// A thread of the lock tests. Runs the built product, because Node 20 cannot load TypeScript into a worker.
import { parentPort, workerData } from 'node:worker_threads';
import { ThreadLocks } from '../../dist/src/locks/thread-locks.js';

const { table, holder, scenario, rounds, shared } = workerData;
const locks = new ThreadLocks(table, holder);
const words = new Int32Array(shared);
const INSIDE = 0;
const MOST_INSIDE = 1;
const PLAIN_COUNTER = 2;
const options = { isCancelled: () => false, timeoutMs: 60_000 };

const scenarios = {
  /** Enters and leaves; counts who is inside, and bumps a plain, unprotected counter that loses updates if two are. */
  count() {
    for (let round = 0; round < rounds; round++) {
      const got = locks.acquire('file', options);
      const inside = Atomics.add(words, INSIDE, 1) + 1;
      if (inside > Atomics.load(words, MOST_INSIDE)) Atomics.store(words, MOST_INSIDE, inside);
      const before = words[PLAIN_COUNTER];
      for (let spin = 0; spin < 50; spin++) Math.sqrt(spin);
      words[PLAIN_COUNTER] = before + 1;
      Atomics.sub(words, INSIDE, 1);
      got.release();
    }
    parentPort.postMessage('done');
  },
  /** Takes the lock, says so, and never gives it back. */
  hold() {
    locks.acquire('file', options);
    parentPort.postMessage('holding');
    Atomics.wait(words, INSIDE, 0);
  },
  /** Says that it is about to wait, waits, and tells its turn. */
  queue() {
    parentPort.postMessage('waiting');
    const got = locks.acquire('file', options);
    const turn = Atomics.add(words, PLAIN_COUNTER, 1);
    got.release();
    parentPort.postMessage({ turn });
  },
  /** Gives up as soon as it is told to, by the word at INSIDE. */
  cancel() {
    parentPort.postMessage('waiting');
    const got = locks.acquire('file', { isCancelled: () => Atomics.load(words, INSIDE) === 1, timeoutMs: 60_000 });
    parentPort.postMessage({ ok: got.ok, reason: got.reason });
  },
};

scenarios[scenario]();
