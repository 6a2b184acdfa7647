import { createRequire, syncBuiltinESMExports } from 'node:module';

/**
 * Lets what is loaded from now on take this worker for a main thread, which ESLint's own command line would give it. Some
 * packages below plugins (web-worker is one) think that a thread which is not the main one must be theirs, and break.
 * Threads that they start have a `node:worker_threads` of their own.
 */
export function passForMainThread(): void {
  const threads = createRequire(import.meta.url)('node:worker_threads') as { isMainThread: boolean };
  threads.isMainThread = true;
  syncBuiltinESMExports();
}
