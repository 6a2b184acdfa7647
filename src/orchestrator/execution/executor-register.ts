import path from 'node:path';
import { z } from 'zod';
import { LIMITS } from '../../model/limits.ts';
import type { Clock } from '../../system/clock.ts';
import type { Disk } from '../../system/disk.ts';
import { updateFile } from '../../system/guarded-file.ts';
import type { ProcessIdentity } from '../../system/machine.ts';
import { parseJson } from '../../system/parse-json.ts';
import { isProcessAlive, processStart } from '../../system/process-tree.ts';
import { OrchestratorTrouble } from '../orchestrator-trouble.ts';

/** Who executes, and what everything that it starts carries in its environment: what the next one must know when this one is killed. */
const registerSchema = z.object({
  executor: z.object({ host: z.string(), pid: z.number().int(), started: z.string().nullable(), marker: z.string(), seen_ms: z.number() }).nullable(),
});

type Executor = NonNullable<z.output<typeof registerSchema>['executor']>;

const FILE = 'executor.json';

export interface ExecutorRegisterOptions {
  /** Absolute. */
  readonly relayFolder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly self: ProcessIdentity;
  /** The value of `EXECUTOR_VARIABLE` in the environment of everything that this executor starts. */
  readonly marker: string;
}

export type Claim =
  /** `orphans`: the marker of an executor before, of which something may still run. */
  | { readonly ok: true; readonly orphans: string | null }
  | { readonly ok: false; readonly executor: { readonly host: string; readonly pid: number } };

/** `executor.json` beside the relay's documents. One executor at a time: two would start every agent twice. */
export class ExecutorRegister {
  readonly #options: ExecutorRegisterOptions;

  constructor(options: ExecutorRegisterOptions) {
    this.#options = options;
  }

  /** Takes the place of an executor that is gone, or says who has it. */
  claim(): Promise<Claim> {
    return this.#update<Claim>(async (executor) => {
      if (executor !== null && await this.#isAtWork(executor)) return { executor, value: { ok: false, executor } };
      return { executor: this.#me(), value: { ok: true, orphans: executor?.marker ?? null } };
    });
  }

  /** A sign of life. Throws `OrchestratorTrouble` when another has taken the place: this one was taken for gone. */
  async renew(): Promise<void> {
    const other = await this.#update((executor) => (this.#isMe(executor) ? { executor: this.#me(), value: null } : { executor, value: executor }));
    if (other !== null) throw new OrchestratorTrouble(`process ${other.pid} on ${other.host} has taken over this session: this one stops, let that one go on`);
  }

  /** Gives the place back; one that another has taken meanwhile stays theirs. */
  async release(): Promise<void> {
    await this.#update((executor) => ({ executor: this.#isMe(executor) ? null : executor, value: null }));
  }

  #me(): Executor {
    const { self, marker, clock } = this.#options;
    return { ...self, marker, seen_ms: clock.now() };
  }

  #isMe(executor: Executor | null): boolean {
    return executor === null || executor.marker === this.#options.marker;
  }

  /** Here its number and its start tell, whatever the clock says. Only from another machine signs of life are all there is. */
  async #isAtWork({ host, pid, started, seen_ms: seenMs }: Executor): Promise<boolean> {
    const { self, clock } = this.#options;
    if (host !== self.host) return Math.abs(clock.now() - seenMs) < LIMITS.executorSilentMs;
    if (pid === self.pid || !isProcessAlive(pid)) return false;
    return started === null || started === await processStart(pid);
  }

  async #update<T>(work: (executor: Executor | null) => { executor: Executor | null; value: T } | Promise<{ executor: Executor | null; value: T }>): Promise<T> {
    const { relayFolder, disk } = this.#options;
    const file = path.join(relayFolder, FILE);
    const outcome = await updateFile({ file, disk, waitMs: LIMITS.relayWaitMs, durable: false }, async (content) => {
      // What cannot be read names no process that could be found.
      const before = registerSchema.safeParse(parseJson(content ?? ''));
      const { executor, value } = await work(before.success ? before.data.executor : null);
      return { content: `${JSON.stringify({ executor }, null, 2)}\n`, value };
    }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error)) throw error;
      throw new OrchestratorTrouble(`${file} cannot be written (${error.message}): make room or give write access, then execute again`);
    });
    if (!outcome.ok) throw new OrchestratorTrouble(`${file} is in use by others for too long: try again, and remove ${FILE}.lock if nothing uses it`);
    return outcome.value;
  }
}
