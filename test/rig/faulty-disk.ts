import type { Disk, OpenFile } from '../../src/system/disk.ts';

/** One call of a disk: what, and of which file. Steps count from 1, in the order in which they begin. */
export interface DiskStep {
  readonly number: number;
  readonly name: keyof Disk | keyof OpenFile;
  readonly file: string;
}

/**
 * `kill`, `stop`: the process gets SIGKILL or SIGSTOP before the step, after it, or (a write only) when half of the bytes are
 * written. A stopped process goes on with the step when somebody sends SIGCONT.
 * `error`: the step fails with this code instead; a write leaves half of its bytes, as a full disk does.
 */
export type Fault =
  | { readonly kind: 'kill' | 'stop'; readonly when: 'before' | 'within' | 'after' }
  | { readonly kind: 'error'; readonly code: 'ENOSPC' | 'EROFS' | 'EACCES' | 'EIO' };

/** Passes everything on to `disk`, with whatever fault `choose` gives a step. Real signals: for child processes. */
export function faultyDisk(disk: Disk, choose: (step: DiskStep) => Fault | null): Disk {
  let steps = 0;
  const run = async <T>(name: DiskStep['name'], file: string, work: () => Promise<T>, half?: () => Promise<void>): Promise<T> => {
    const fault = choose({ number: ++steps, name, file });
    if (fault === null) return work();
    if (fault.kind === 'error') {
      await half?.();
      throw Object.assign(new Error(`${fault.code}: made to fail, ${name} '${file}'`), { code: fault.code });
    }
    if (fault.when === 'before') await strike(fault.kind);
    if (fault.when === 'within' && half !== undefined) {
      await half();
      await strike(fault.kind);
    }
    const value = await work();
    if (fault.when === 'after') await strike(fault.kind);
    return value;
  };
  const wrap = (file: string, open: OpenFile): OpenFile => ({
    // The first half has been written by then where the step goes on, so the rest must not start anew.
    write: (text) => {
      const middle = Math.floor(text.length / 2);
      let written = 0;
      const half = async (): Promise<void> => {
        await open.write(text.slice(0, middle));
        written = middle;
      };
      return run('write', file, () => open.write(text.slice(written)), half);
    },
    sync: () => run('sync', file, () => open.sync()),
    // A close that fails has closed all the same.
    close: () => run('close', file, () => open.close(), () => open.close()),
  });
  return {
    makeFolder: (folder) => run('makeFolder', folder, () => disk.makeFolder(folder)),
    list: (folder) => run('list', folder, () => disk.list(folder)),
    read: (file) => run('read', file, () => disk.read(file)),
    mode: (file) => run('mode', file, () => disk.mode(file)),
    create: (file, mode) => run('create', file, async () => wrap(file, await disk.create(file, mode))),
    append: (file) => run('append', file, async () => wrap(file, await disk.append(file))),
    rename: (from, to) => run('rename', to, () => disk.rename(from, to)),
    remove: (file) => run('remove', file, () => disk.remove(file)),
    syncFolder: (folder) => run('syncFolder', folder, () => disk.syncFolder(folder)),
  };
}

/** A killed process never comes back from here; a stopped one does when it is continued. */
async function strike(kind: 'kill' | 'stop'): Promise<void> {
  process.kill(process.pid, kind === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  if (kind === 'kill') await new Promise(() => undefined);
}
