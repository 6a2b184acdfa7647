import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DAEMON_LIMITS } from '../model/limits.ts';

/** Where a user's daemon is found. Loaded by the thin client: node: built-ins only. */
export interface DaemonAddress {
  /** Absolute; nobody but the user may look inside. */
  readonly folder: string;
  /** What to connect to: a Unix socket in the folder, or a named pipe. */
  readonly socket: string;
  readonly log: string;
}

/** In `$XDG_RUNTIME_DIR`, else beside the cache; null where there is neither. */
export function daemonAddress(environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): DaemonAddress | null {
  const { XDG_RUNTIME_DIR: runtime, XDG_CACHE_HOME: cache } = environment;
  const home = platform === 'win32' ? (environment.LOCALAPPDATA ?? environment.USERPROFILE) : environment.HOME;
  const base = isGiven(runtime) ? runtime : isGiven(cache) ? cache : isGiven(home) ? path.join(home, '.cache') : null;
  if (base === null || !path.isAbsolute(base)) return null;
  const folder = path.join(base, 'spark-gates', 'daemon');
  if (platform === 'win32') return { folder, socket: `\\\\.\\pipe\\spark-gates-${digest(folder)}`, log: path.join(folder, 'daemon.log') };
  const isShort = Buffer.byteLength(path.join(folder, 'daemon.sock')) < DAEMON_LIMITS.socketPathBytesMax;
  const place = isShort ? folder : path.join(tmpdir(), `spark-gates-${digest(folder)}`);
  return { folder: place, socket: path.join(place, 'daemon.sock'), log: path.join(place, 'daemon.log') };
}

export type FolderState = 'ready' | 'missing' | 'foreign';

/**
 * A folder that somebody else owns or may write to could hold somebody else's socket, and would be sent the environment. Checked before every
 * connection; `make` makes a missing one.
 */
export function checkFolder({ folder }: DaemonAddress, make: boolean): FolderState {
  if (make) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      if (hasErrorCode(error)) return 'foreign';
      throw error;
    }
  }
  try {
    const found = lstatSync(folder);
    if (!found.isDirectory()) return 'foreign';
    if (process.getuid === undefined) return 'ready';
    return found.uid === process.getuid() && (found.mode & 0o077) === 0 ? 'ready' : 'foreign';
  } catch (error) {
    if (hasErrorCode(error)) return error.code === 'ENOENT' ? 'missing' : 'foreign';
    throw error;
  }
}

export function hasErrorCode(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

/** Loaded only when it is needed, which is seldom: it takes a tenth of a start. */
function digest(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 16);
}
