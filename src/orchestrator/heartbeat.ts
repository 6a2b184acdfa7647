export interface Heartbeat {
  /** A sign of life; one at a time. */
  readonly beat: () => Promise<unknown>;
  /** From the end of one to the next, in ms. */
  readonly everyMs: number;
  /** No more after this, in ms: what hangs must not look alive for ever. */
  readonly limitMs: number;
}

/** Does the work, and gives a sign of life at once and again and again until it has ended. None is under way when it settles. */
export async function withHeartbeat<T>({ beat, everyMs, limitMs }: Heartbeat, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const beatOn = async (): Promise<void> => {
    for (let waitedMs = 0; waitedMs < limitMs && !stop.signal.aborted; waitedMs += everyMs) {
      await beat();
      await pause(everyMs, stop.signal);
    }
  };
  const [worked, beaten] = await Promise.allSettled([work().finally(() => { stop.abort(); }), beatOn()]);
  if (worked.status === 'rejected') throw worked.reason;
  if (beaten.status === 'rejected') throw beaten.reason;
  return worked.value;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
