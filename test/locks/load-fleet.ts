import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { seededRandom } from '../rig/seeded-random.ts';
import { sharedMs, type Invocation, type Return } from './history.ts';
import type { History } from './history-checker.ts';
import type { LoadSettings } from './load-process.ts';

export interface FleetSettings extends Pick<LoadSettings, 'kind' | 'root' | 'threads' | 'files' | 'seed' | 'waitLimitMs' | 'stopShare'> {
  /** Path of the bundled `load-process.ts`. */
  readonly script: string;
  readonly processes: number;
  /** Calls by all threads together. */
  readonly operations: number;
  readonly kills: number;
  readonly stops: number;
  /** Added to every limit: what the machine needs when all want it. */
  readonly slackMs: number;
  onProgress?(text: string): void;
}

interface Member {
  readonly name: string;
  readonly slot: number;
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly stops: [number, number][];
  isKilled: boolean;
  stoppedAt: number | null;
}

/** Longer than a lock of the table lives without a sign of life, than most leases, and than a blink. */
const STOP_MS = [50, 700, 2_600, 3_500];
/** Between two strikes of fate, at the least. */
const STRIKE_PAUSE_MS = 300;
const FORGOTTEN_MS = 250;

/** Runs the load to its end, killing and stopping processes on the way, and collects what they wrote down. */
export async function runFleet(settings: FleetSettings): Promise<History> {
  const fleet = new Fleet(settings);
  return fleet.run();
}

class Fleet {
  readonly #settings: FleetSettings;
  readonly #historyFolder: string;
  readonly #random: () => number;
  readonly #members: Member[] = [];
  #started = 0;

  constructor(settings: FleetSettings) {
    this.#settings = settings;
    this.#historyFolder = path.join(settings.root, 'history');
    this.#random = seededRandom(settings.seed);
  }

  async run(): Promise<History> {
    const { processes, operations, root } = this.#settings;
    await mkdir(this.#historyFolder, { recursive: true });
    await mkdir(path.join(root, 'shared'), { recursive: true });
    const each = Math.ceil(operations / processes);
    const running = new AbortController();
    const watchdog = setInterval(() => { this.#continueForgotten(); }, FORGOTTEN_MS);
    const slots = Array.from({ length: processes }, (_, slot) => this.#keepRunning(slot, each));
    const all = Promise.all(slots).finally(() => {
      running.abort();
      clearInterval(watchdog);
    });
    await Promise.all([all, this.#strikeAround(running.signal)]);
    const endedAt = sharedMs();
    const table = JSON.parse(await readFile(path.join(root, '.claude/workflows/file_locks.json'), 'utf8')) as History['table'];
    const numbers: Record<string, number> = {};
    for (const name of await readdir(path.join(root, 'shared'))) numbers[`shared/${name}`] = Number(await readFile(path.join(root, 'shared', name), 'utf8'));
    const histories = await Promise.all(this.#members.map(async ({ name, isKilled, stops }) => ({ name, isKilled, stops, threads: await this.#threadsOf(name) })));
    return { processes: histories, endedAt, table, numbers, waitLimitMs: this.#settings.waitLimitMs, slackMs: this.#settings.slackMs };
  }

  /** One process after the other, until so many calls were made: a killed one leaves its share to the next. */
  async #keepRunning(slot: number, operations: number): Promise<void> {
    let left = operations;
    while (left > 0) {
      const member = this.#start(slot, Math.ceil(left / this.#settings.threads));
      const exitCode = await member.ended;
      if (exitCode !== 0 && !member.isKilled) throw new Error(`${member.name} ended with ${String(exitCode)}`);
      const made = (await this.#threadsOf(member.name)).reduce((sum, lines) => sum + lines.filter((line) => !('returned' in line)).length, 0);
      left = exitCode === 0 ? 0 : left - made;
      this.#settings.onProgress?.(`${member.name} made ${made} calls${member.isKilled ? ' until it was killed' : ''}`);
    }
  }

  #start(slot: number, operations: number): Member {
    const { script, kind, root, threads, files, seed, waitLimitMs, stopShare } = this.#settings;
    this.#started += 1;
    const name = `p${this.#started}`;
    const settings: LoadSettings = { kind, root, historyFolder: this.#historyFolder, process: name, threads, operations, files, seed: seed + this.#started * 104_729, waitLimitMs, stopShare };
    const child = spawn(process.execPath, [script, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    const member: Member = { name, slot, child, ended, stops: [], isKilled: false, stoppedAt: null };
    createInterface({ input: child.stdout }).on('line', () => { this.#continueLater(member); });
    this.#members.push(member);
    return member;
  }

  /** It stopped itself, or we did it. */
  #continueLater(member: Member): void {
    if (member.stoppedAt !== null) return;
    member.stoppedAt = sharedMs();
    const afterMs = STOP_MS[Math.floor(this.#random() * STOP_MS.length)] ?? 0;
    setTimeout(() => { this.#continue(member); }, afterMs);
  }

  #continue(member: Member): void {
    if (member.stoppedAt !== null) member.stops.push([member.stoppedAt, sharedMs()]);
    member.stoppedAt = null;
    member.child.kill('SIGCONT');
  }

  /** One that said that it would stop may do so after it has been continued; a process that runs takes no notice. */
  #continueForgotten(): void {
    for (const member of this.#members) if (member.stoppedAt === null) member.child.kill('SIGCONT');
  }

  /** Kills and stops, spread over the run by how far it has come. */
  async #strikeAround(over: AbortSignal): Promise<void> {
    const { kills, stops, operations } = this.#settings;
    const strikes = [...Array<'kill'>(kills).fill('kill'), ...Array<'stop'>(stops).fill('stop')].map((kind) => ({ kind, at: this.#random() * operations * 0.9 })).sort((a, b) => a.at - b.at);
    for (const { kind, at } of strikes) {
      while (!over.aborted && (await this.#callsSoFar()) < at) await pause(STRIKE_PAUSE_MS, over);
      const alive = this.#members.filter((member) => member.child.exitCode === null && member.child.signalCode === null);
      const member = alive[Math.floor(this.#random() * alive.length)];
      if (over.aborted || member === undefined) return;
      if (kind === 'kill') {
        member.isKilled = true;
        member.child.kill('SIGKILL');
        await member.ended;
      } else if (member.stoppedAt === null) {
        member.child.kill('SIGSTOP');
        this.#continueLater(member);
      }
    }
  }

  async #callsSoFar(): Promise<number> {
    let lines = 0;
    for (const name of await readdir(this.#historyFolder)) {
      const { size } = await stat(path.join(this.#historyFolder, name));
      lines += size / BYTES_PER_CALL;
    }
    return lines;
  }

  async #threadsOf(name: string): Promise<(Invocation | Return)[][]> {
    const files = (await readdir(this.#historyFolder)).filter((file) => file.startsWith(`${name}.`));
    return Promise.all(files.map(async (file) => {
      const lines = (await readFile(path.join(this.#historyFolder, file), 'utf8')).split('\n');
      // A killed process may have written half of its last line.
      return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as Invocation | Return);
    }));
  }
}

/** Of history: an invocation and a return, about. Only to tell how far the load has come. */
const BYTES_PER_CALL = 250;

async function pause(ms: number, over: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      over.removeEventListener('abort', end);
      resolve();
    }
    over.addEventListener('abort', end, { once: true });
  });
}
