import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;
/** These build and start the product itself, as its users do; they take minutes and cover nothing of this process. */
const e2e = ['test/cli/**/*.test.ts', 'test/docs/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/daemon/daemon*.test.ts', 'test/bench/bench-command.test.ts'];
/** Hundreds of processes that are killed and stopped at every step of a write, and a load of locks: a minute or two. */
const crash = ['test/{locks,relay}/crash.test.ts', 'test/locks/budget-crash.test.ts', 'test/locks/load.test.ts', 'test/system/guarded-file.test.ts'];
const shared = { exclude: ['test/fixtures/**', '**/node_modules/**'], testTimeout: 300_000, hookTimeout: 60_000 };

export default defineConfig({
  root,
  test: {
    coverage: { provider: 'v8', include: ['src/**', 'workers/**', 'gates/**'] },
    // Vitest leaves one core alone, but a third of the tests' time is waiting for processes, and for locks to go stale.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { root, test: { ...shared, name: 'unit', include: ['test/**/*.test.ts'], exclude: [...shared.exclude, ...e2e, ...crash] } },
      { root, test: { ...shared, name: 'crash', include: crash } },
      { root, test: { ...shared, name: 'e2e', include: e2e } },
    ],
  },
});
