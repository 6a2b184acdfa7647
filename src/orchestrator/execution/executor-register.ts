import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { LIMITS } from '../../model/limits.ts';
import type { Clock } from '../../system/clock.ts';
import type { Disk } from '../../system/disk.ts';
import { updateFile } from '../../system/guarded-file.ts';
import type { ProcessIdentity } from '../../system/machine.ts';
import { parseJson } from '../../system/parse-json.ts';
import { isProcessAlive, processStart } from '../../system/process-tree.ts';
import { OrchestratorTrouble, orTrouble } from '../orchestrator-trouble.ts';

/** Who executes, and what everything that it starts carries in its environment: what the next one must know when this one is killed. */
const registerSchema = z.object({
  /** `seen_ms`, of its last sign of life, is told apart from the one before, and compared with no other clock. */
  executor: z.object({ host: z.string(), pid: z.number().int(), started: z.string().nullable(), marker: z.string().min(1), seen_ms: z.number() }).nullable(),
  /** Markers of executors that were killed: of each, something may still run. */
  orphans: z.array(z.string().min(1)),
});

type Register = z.output<typeof registerSchema>;
export type Executor = NonNullable<Register['executor']>;

const EMPTY: Register = { executor: null, orphans: [] };
const FILE = 'executor.json';
/** How often an executor on another machine is looked at while signs of life of it are waited for. */
const WATCH_STEP_MS = 1_000;

export interface ExecutorRegisterOptions {
  /** Absolute. */
  readonly relayFolder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly self: ProcessIdentity;
  /** The value of `EXECUTOR_VARIABLE` in the environment of everything that this executor starts. */
  readonly marker: string;
  /** An executor on another machine is watched for so long, in ms, before it is taken for gone. */
  readonly watchMs?: number;
  readonly signal: AbortSignal;
}

export type Claim =
  /** `orphans`: the markers of executors before, of which something may still run, and is to be ended. */
  | { readonly ok: true; readonly orphans: readonly string[] }
  | { readonly ok: false; readonly executor: Executor };

/** `executor.json` beside the relay's documents. One executor at a time: two would start every agent twice. */
export class ExecutorRegister {
  readonly #options: ExecutorRegisterOptions;

  constructor(options: ExecutorRegisterOptions) {
    this.#options = options;
  }

  /**
   * Takes the place of an executor that is gone, or says who has it. Here its number and its start tell. Of one on another machine only
   * signs of life can be seen: they are waited for, which takes minutes, and not dated, for its clock is not ours. `onWatching` is
   * told before.
   */
  async claim(onWatching: (executor: Executor) => void): Promise<Claim> {
    const first = await this.#tryClaim(null);
    if (first.ok || first.executor.host === this.#options.self.host) return first;
    onWatching(first.executor);
    return (await this.#givesSigns(first.executor)) ? first : this.#tryClaim(first.executor);
  }

  /** A sign of life; what executors before left is ended by now. Throws `OrchestratorTrouble` when another has taken the place: this one was taken for gone. */
  async renew(): Promise<void> {
    const other = await this.#update((register) => (this.#isMe(register.executor) ? { register: { executor: this.#me(), orphans: [] }, value: null } : { register, value: register.executor }));
    if (other !== null) throw new OrchestratorTrouble(`process ${other.pid} on ${other.host} has taken over this session: this one stops, let that one go on`);
  }

  /** Gives the place back; one that another has taken meanwhile stays theirs. Where the disk is against it: the process that is named is gone soon. */
  async release(): Promise<void> {
    try {
      await this.#update((register) => ({ register: this.#isMe(register.executor) ? { ...register, executor: null } : register, value: null }));
    } catch (error) {
      if (!(error instanceof OrchestratorTrouble)) throw error;
    }
  }

  /** `gone`: what an executor was last seen as that is known to be gone. */
  #tryClaim(gone: Executor | null): Promise<Claim> {
    return this.#update<Claim>(async (register) => {
      const { executor, orphans } = register;
      if (executor !== null && !isSame(executor, gone) && (await this.#isAtWork(executor))) return { register, value: { ok: false, executor } };
      const all = executor === null ? orphans : [...orphans, executor.marker];
      return { register: { executor: this.#me(), orphans: all }, value: { ok: true, orphans: all } };
    });
  }

  /** True also when the wait was cancelled: then nothing is known. */
  async #givesSigns(executor: Executor): Promise<boolean> {
    const { relayFolder, disk, signal, watchMs = LIMITS.executorSilentMs } = this.#options;
    const file = path.join(relayFolder, FILE);
    for (let watchedMs = 0; watchedMs < watchMs; watchedMs += WATCH_STEP_MS) {
      if (signal.aborted) return true;
      await delay(Math.min(WATCH_STEP_MS, watchMs));
      if (!isSame(toRegister(await disk.read(file)).executor, executor)) return true;
    }
    return signal.aborted;
  }

  #me(): Executor {
    const { self, marker, clock } = this.#options;
    return { ...self, marker, seen_ms: clock.now() };
  }

  #isMe(executor: Executor | null): boolean {
    return executor === null || executor.marker === this.#options.marker;
  }

  async #isAtWork({ host, pid, started }: Executor): Promise<boolean> {
    const { self } = this.#options;
    if (host !== self.host) return true;
    if (pid === self.pid || !isProcessAlive(pid)) return false;
    return started === null || started === await processStart(pid);
  }

  async #update<T>(work: (register: Register) => { register: Register; value: T } | Promise<{ register: Register; value: T }>): Promise<T> {
    const { relayFolder, disk } = this.#options;
    const file = path.join(relayFolder, FILE);
    const outcome = await orTrouble(relayFolder, () => updateFile({ file, disk, waitMs: LIMITS.relayWaitMs, durable: false }, async (content) => {
      const before = toRegister(content);
      const { register, value } = await work(before);
      return { content: register === before ? null : `${JSON.stringify(register, null, 2)}\n`, value };
    }));
    if (!outcome.ok) throw new OrchestratorTrouble(`${file} is in use by others for too long: try again, and remove ${FILE}.lock if nothing uses it`);
    return outcome.value;
  }
}

/** What cannot be read names no process that could be found. */
function toRegister(content: string | null): Register {
  const parsed = registerSchema.safeParse(parseJson(content ?? ''));
  return parsed.success ? parsed.data : EMPTY;
}

function isSame(one: Executor | null, other: Executor | null): boolean {
  return one?.marker === other?.marker && one?.seen_ms === other?.seen_ms;
}
