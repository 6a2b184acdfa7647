import { DAEMON_LIMITS } from '../model/limits.ts';
import { checkFolder, type DaemonAddress } from './address.ts';
import { open } from './client.ts';
import { frame, FrameReader } from './frames.ts';
import type { ClientMessage, ServerMessage } from './messages.ts';

export type Probe =
  | { readonly kind: 'answer'; readonly message: ServerMessage; /** Resolves when the daemon has hung up, or after `waitMs`: true when it has. */ closed(waitMs: number): Promise<boolean> }
  /** Somebody listens and says nothing. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'nobody' }
  /** The folder is not this user's alone. */
  | { readonly kind: 'foreign' };

/** Asks the daemon one thing and takes its first answer. */
export async function probe(address: DaemonAddress, message: Extract<ClientMessage, { type: 'status' | 'stop' }>): Promise<Probe> {
  const folder = checkFolder(address, false);
  if (folder !== 'ready') return { kind: folder === 'missing' ? 'nobody' : 'foreign' };
  const socket = await open(address.socket);
  if (typeof socket === 'string') return { kind: socket === 'ETIMEDOUT' ? 'silent' : 'nobody' };
  const hungUp = new Promise<true>((resolve) => { socket.on('close', () => { resolve(true); }); });
  const closed = async (waitMs: number): Promise<boolean> => {
    const isClosed = await before(waitMs, hungUp);
    socket.destroy();
    return isClosed === true;
  };
  const reader = new FrameReader(DAEMON_LIMITS.messageBytesMax);
  const first = new Promise<ServerMessage | null>((resolve) => {
    socket.on('data', (chunk) => {
      const [answer] = reader.push(chunk) ?? [];
      if (answer !== undefined) resolve(answer as ServerMessage);
    });
    socket.on('error', () => { resolve(null); });
    socket.on('close', () => { resolve(null); });
  });
  socket.write(frame(message));
  const answer = await before(DAEMON_LIMITS.acceptMs, first);
  if (answer === undefined) socket.destroy();
  if (answer === null) return { kind: 'nobody' };
  if (message.type === 'status') socket.destroy();
  return answer === undefined ? { kind: 'silent' } : { kind: 'answer', message: answer, closed };
}

/** Undefined when the time is up. */
async function before<T>(waitMs: number, work: Promise<T>): Promise<T | undefined> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => { limit = setTimeout(() => { resolve(undefined); }, waitMs); });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(limit);
  }
}
