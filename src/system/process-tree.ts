import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A started program and everything it started. */
export interface ProcessTree {
  /** Of the first process, which leads its own process group. */
  readonly pid: number;
  /** Value of `TREE_VARIABLE` in the environment of every process of the tree: finds those that left the group. */
  readonly marker: string;
}

/** Environment variable that every program we start, and so everything it starts, inherits. */
export const TREE_VARIABLE = 'SPARK_GATES_PROCESS_TREE';

/** And this one everything that an executor starts, agents and tools of the gates alike, at whatever remove. */
export const EXECUTOR_VARIABLE = 'SPARK_GATES_EXECUTOR';

/** A value that nobody else has, for a variable that finds processes by their environment. It names the process that makes it, too, so that whoever sees that one die can end what it leaves. */
export function newMarker(): string {
  return `${String(process.pid)}.${randomUUID()}`;
}

const POLL_MS = 25;

/**
 * Ends the whole tree: asks first, kills what is left after the grace. Resolves when nothing of it is left that we can see.
 * Safe to call for a tree that has ended by itself.
 */
export async function endProcessTree(tree: ProcessTree, graceMs: number): Promise<void> {
  if (process.platform === 'win32') {
    await promisify(execFile)('taskkill', ['/pid', String(tree.pid), '/T', '/F']).catch(ignoreMissing);
    return;
  }
  signalGroup(tree.pid, 'SIGTERM');
  await signalMarked(tree.marker, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs += POLL_MS) {
    if (!isGroupAlive(tree.pid) && (await findMarked(tree.marker)).length === 0) return;
    await delay(POLL_MS);
  }
  await killProcessTree(tree);
}

/** Kills what is left of the tree at once: for children that outlived their parent. */
export async function killProcessTree(tree: ProcessTree): Promise<void> {
  if (process.platform === 'win32') return;
  signalGroup(tree.pid, 'SIGKILL');
  await signalMarked(tree.marker, 'SIGKILL');
}

/**
 * Ends everything that another process of ours started with this value of `EXECUTOR_VARIABLE` and did not live to end. Numbers
 * of processes may belong to somebody else by now, so only what carries the marker is touched. Resolves to false where that
 * cannot be seen, and nothing was done.
 */
export async function endOrphans(marker: string, graceMs: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  await signalMarked(marker, 'SIGTERM', EXECUTOR_VARIABLE);
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs += POLL_MS) {
    if ((await findMarked(marker, EXECUTOR_VARIABLE)).length === 0) return true;
    await delay(POLL_MS);
  }
  await signalMarked(marker, 'SIGKILL', EXECUTOR_VARIABLE);
  return true;
}

/** Kills all trees that a process of this number started: call it when that process has just died. Linux only, elsewhere nothing is done. */
export async function killTreesOf(pid: number): Promise<void> {
  for (const orphan of await findEnvironments((text) => text.includes(`\0${TREE_VARIABLE}=${String(pid)}.`))) {
    try {
      process.kill(orphan, 'SIGKILL');
    } catch (error) {
      if (!isErrno(error, 'ESRCH') && !isErrno(error, 'EPERM')) throw error;
    }
  }
}

/** True when a process of this number is there and may be signalled or belongs to another user. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false;
    if (isErrno(error, 'EPERM')) return true;
    throw error;
  }
}

/** The synchronous part of `killProcessTree`, for a process that is about to exit. */
export function killProcessGroupNow(tree: ProcessTree): void {
  if (process.platform !== 'win32') signalGroup(tree.pid, 'SIGKILL');
}

/**
 * What tells a process from a later one of the same number: when it was started, in the system's own words. Null when it is not
 * there, or where that cannot be asked.
 */
export async function processStart(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    // Field 22 of stat(5). The program's name before it may hold blanks and brackets.
    const stat = await readProcess(pid, 'stat');
    const [state = '', ...others] = stat.slice(stat.lastIndexOf(')') + 1).trim().split(' ');
    // One that has ended and waits for its parent to notice is not there any more.
    return state === 'Z' || state === 'X' ? null : others[18] ?? null;
  }
  return process.platform === 'win32' ? null : processStartByPs(pid);
}

/** In the same words for whoever asks: ps has them from its time zone and its language. */
export async function processStartByPs(pid: number): Promise<string | null> {
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' };
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env });
    return stdout.trim() === '' ? null : stdout.trim();
  } catch (error) {
    // ps exits with 1 when there is no such process.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (isErrno(error, 'ESRCH') || isErrno(error, 'EPERM')) return false;
    throw error;
  }
}

function isGroupAlive(pid: number): boolean {
  return signalGroup(pid, 0);
}

async function signalMarked(marker: string, signal: NodeJS.Signals, variable = TREE_VARIABLE): Promise<void> {
  for (const pid of await findMarked(marker, variable)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!isErrno(error, 'ESRCH') && !isErrno(error, 'EPERM')) throw error;
    }
  }
}

/** Processes whose environment carries the marker. Linux only: elsewhere the process group is all we can see. */
function findMarked(marker: string, variable = TREE_VARIABLE): Promise<number[]> {
  return findEnvironments((text) => text.includes(`\0${variable}=${marker}\0`));
}

async function findEnvironments(isMeant: (text: string) => boolean): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => (isMeant(`\0${await readProcess(pid, 'environ')}\0`) ? pid : 0)));
  return found.filter((pid) => pid !== 0 && pid !== process.pid);
}

async function readProcess(pid: number, what: 'environ' | 'stat'): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${what}`, 'latin1');
  } catch (error) {
    // It ended meanwhile, or belongs to another user: not of our tree either way.
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EACCES') || isErrno(error, 'ESRCH') || isErrno(error, 'EPERM')) return '';
    throw error;
  }
}

function ignoreMissing(error: unknown): void {
  // taskkill exits 128 when the process has already ended.
  if (!(error instanceof Error && 'code' in error)) throw error;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
