import { spawn } from 'node:child_process';
import { close, openSync, renameSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { DAEMON_LIMITS } from '../model/limits.ts';
import { checkFolder, hasErrorCode, type DaemonAddress } from './address.ts';
import { DAEMON_WORD } from './words.ts';

export interface StartOptions {
  readonly address: DaemonAddress;
  /** Absolute path of `cli.js`. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** False: does not wait for it. */
  readonly wait: boolean;
}

/**
 * Starts a daemon in a session of its own. Resolves when one listens, be it that one or another that was quicker; false when none
 * does in time.
 */
export async function startDaemon({ address, program, environment, wait }: StartOptions): Promise<boolean> {
  if (checkFolder(address, true) !== 'ready') return false;
  const log = openLog(address.log);
  if (log === null) return false;
  try {
    // Its folder is no project's: nobody is kept from removing theirs.
    const child = spawn(process.execPath, [program, DAEMON_WORD], { cwd: address.folder, env: environment, detached: true, windowsHide: true, stdio: ['ignore', log, log, 'pipe'] });
    child.unref();
    const started = new Promise<boolean>((resolve) => { child.once('error', () => { resolve(false); }).once('spawn', () => { resolve(true); }); });
    if (!(await started)) return false;
    const ready = child.stdio[3] as Readable;
    if (wait) return await untilClosed(ready);
    ready.destroy();
    return true;
  } finally {
    close(log, () => undefined);
  }
}

/** The daemon closes its end as soon as somebody listens. */
async function untilClosed(ready: Readable): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => { finish(false); }, DAEMON_LIMITS.startMs);
    const finish = (isUp: boolean): void => {
      clearTimeout(limit);
      ready.destroy();
      resolve(isUp);
    };
    ready.once('end', () => { finish(true); }).once('error', () => { finish(false); });
    ready.resume();
  });
}

/** Null where it cannot be written. */
function openLog(file: string): number | null {
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > DAEMON_LIMITS.logBytesMax) renameSync(file, `${file}.1`);
    return openSync(file, 'a', 0o600);
  } catch (error) {
    if (hasErrorCode(error)) return null;
    throw error;
  }
}
