import { setImmediate } from 'node:timers/promises';

/**
 * Whether somebody wants a long program to end, by Ctrl-C, SIGTERM or SIGHUP. To be asked between two pieces of work, so that the
 * program ends by its own way out: with what it has measured so far, and without its daemon and folders.
 */
export function watchStopRequests(): () => Promise<boolean> {
  let isWanted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { isWanted = true; });
  return async () => {
    // A signal that came during a synchronous piece is told in the next turn of the event loop.
    await setImmediate();
    return isWanted;
  };
}
