import path from 'node:path';
import { z } from 'zod';
import { LIMITS } from '../../model/limits.ts';
import type { Clock } from '../../system/clock.ts';
import type { Disk } from '../../system/disk.ts';
import { updateFile } from '../../system/guarded-file.ts';
import { parseJson } from '../../system/parse-json.ts';
import { isProcessAlive, type ProcessTree } from '../../system/process-tree.ts';

/** Who executes, and which agents it has started: what the next one must know when this one is killed. */
const registerSchema = z.object({
  executor: z.object({ host: z.string(), pid: z.number().int(), seen_ms: z.number() }).nullable(),
  agents: z.array(z.object({ team: z.string(), pid: z.number().int(), marker: z.string() })),
});

type Register = z.output<typeof registerSchema>;

const EMPTY: Register = { executor: null, agents: [] };
const FILE = 'agents.json';

export interface AgentRegisterOptions {
  /** Absolute. */
  readonly relayFolder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly self: { readonly host: string; readonly pid: number };
}

export type Claim =
  /** The trees that an executor before left behind; they are to be ended. */
  | { readonly ok: true; readonly orphans: readonly ProcessTree[] }
  | { readonly ok: false; readonly executor: { readonly host: string; readonly pid: number } };

/** `agents.json` beside the relay's documents. One executor at a time: two would start every agent twice. */
export class AgentRegister {
  readonly #options: AgentRegisterOptions;

  constructor(options: AgentRegisterOptions) {
    this.#options = options;
  }

  /** Takes the place of an executor that is gone, or says who has it. */
  claim(): Promise<Claim> {
    return this.#update<Claim>((register) => {
      const { executor, agents } = register;
      if (executor !== null && this.#isAtWork(executor)) return { register, value: { ok: false, executor } };
      return { register: { executor: this.#me(), agents: [] }, value: { ok: true, orphans: agents.map(({ pid, marker }) => ({ pid, marker })) } };
    });
  }

  /** A sign of life, with all agents that run now. */
  remember(agents: readonly (ProcessTree & { readonly team: string })[]): Promise<null> {
    return this.#update(() => ({ register: { executor: this.#me(), agents: agents.map(({ team, pid, marker }) => ({ team, pid, marker })) }, value: null }));
  }

  release(): Promise<null> {
    return this.#update(() => ({ register: EMPTY, value: null }));
  }

  #me(): NonNullable<Register['executor']> {
    return { ...this.#options.self, seen_ms: this.#options.clock.now() };
  }

  /** A number of a dead process may have been given again: then there are no more signs of life. On another machine they are all there is. */
  #isAtWork({ host, pid, seen_ms: seenMs }: NonNullable<Register['executor']>): boolean {
    const { self, clock } = this.#options;
    if (host === self.host && (pid === self.pid || !isProcessAlive(pid))) return false;
    return Math.abs(clock.now() - seenMs) < LIMITS.executorSilentMs;
  }

  async #update<T>(work: (register: Register) => { register: Register; value: T }): Promise<T> {
    const { relayFolder, disk } = this.#options;
    const outcome = await updateFile({ file: path.join(relayFolder, FILE), disk, waitMs: LIMITS.relayWaitMs, durable: false }, (content) => {
      // What cannot be read names no process that could be found.
      const before = registerSchema.safeParse(parseJson(content ?? ''));
      const { register, value } = work(before.success ? before.data : EMPTY);
      return { content: `${JSON.stringify(register, null, 2)}\n`, value };
    });
    if (!outcome.ok) throw new Error(`${FILE} of the relay is ${outcome.reason}`);
    return outcome.value;
  }
}
