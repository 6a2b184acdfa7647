import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** Environment variable that everything a benchmark starts inherits; its value is one benchmark's. */
export const BENCH_VARIABLE = 'SPARK_GATES_BENCH';

/** One process of the benchmark at one moment. */
export interface ProcessRow {
  readonly pid: number;
  /** Number and start: the system gives numbers away again. */
  readonly key: string;
  /** CPU time of its own, and of those children that have ended. */
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly threads: number;
}

/** Linux counts CPU time for user space in hundredths of a second on all its platforms. */
const TICK_MS = 10;
const PAGE_BYTES_DEFAULT = 4_096;

/** The processes that carry a benchmark's marker, also those that have left their group and their parent. Linux only. */
export class ProcessTable {
  readonly #needle: string;
  readonly #known = new Map<string, boolean>();
  readonly #pageBytes = pageBytes();

  constructor(marker: string) {
    this.#needle = `${BENCH_VARIABLE}=${marker}`;
  }

  members(): ProcessRow[] {
    const rows: ProcessRow[] = [];
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
      const row = this.#read(name);
      if (row !== null) rows.push(row);
    }
    return rows;
  }

  #read(pid: string): ProcessRow | null {
    const stat = readProc(`/proc/${pid}/stat`);
    // The second field is the program's name in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [, parent, started] = [fields[0], fields[1], fields[19]];
    if (started === undefined) return null;
    const key = `${pid}:${started}`;
    if (!this.#isMember(pid, key, Number(parent))) return null;
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
    return { pid: Number(pid), key, cpuMs: ticks * TICK_MS, residentBytes: Number(fields[21] ?? 0) * this.#pageBytes, threads: Number(fields[17] ?? 0) };
  }

  #isMember(pid: string, key: string, parent: number): boolean {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const isMember = readProc(`/proc/${pid}/environ`).split('\0').includes(this.#needle);
    // A child of ours that has not become its program yet still has our own environment: it is asked again.
    if (isMember || parent !== process.pid) this.#known.set(key, isMember);
    return isMember;
  }
}

/** Read into again and again: a buffer for each of hundreds of files, ten times a second, keeps a core busy with collecting them. Longer than any environment that Linux takes by default. */
const scratch = Buffer.allocUnsafe(2 * 1024 * 1024);

/** Empty for a process that has ended meanwhile, or is another user's. */
function readProc(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    let length = 0;
    for (let read = -1; read !== 0 && length < scratch.length; length += read) read = readSync(descriptor, scratch, length, scratch.length - length, null);
    return scratch.toString('latin1', 0, length);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function pageBytes(): number {
  const match = /^KernelPageSize:\s+(\d+) kB/m.exec(readProc('/proc/self/smaps'));
  return match?.[1] === undefined ? PAGE_BYTES_DEFAULT : Number(match[1]) * 1024;
}
