import { fork, type ChildProcess } from 'node:child_process';
import { execGit, type GitCall, type GitResult } from '../system/git.ts';
import { GIT_WORD } from './words.ts';

/** Host → helper and back; both are this very build. */
interface Question {
  readonly id: number;
  readonly call: GitCall;
}
interface Reply {
  readonly id: number;
  readonly result: GitResult;
}

/**
 * A small process that starts git for a host, whose own memory grows to gigabytes: a fork copies the page tables of all of it, for 90 ms a
 * gigabyte. One that is gone is done without.
 */
export class GitHelper {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { readonly call: GitCall; readonly resolve: (result: GitResult) => void }>();
  #count = 0;
  #isGone = false;

  constructor(program: string) {
    this.#child = fork(program, [GIT_WORD], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced', windowsHide: true } as Parameters<typeof fork>[2]);
    this.#child.on('message', (message) => {
      const { id, result } = message as Reply;
      this.#waiting.get(id)?.resolve(result);
      this.#waiting.delete(id);
    });
    this.#child.on('error', () => { this.#giveUp(); });
    this.#child.on('exit', () => { this.#giveUp(); });
  }

  readonly run = (call: GitCall): Promise<GitResult> => {
    if (this.#isGone || !this.#child.connected) return execGit(call);
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      this.#waiting.set(id, { call, resolve });
      this.#child.send({ id, call } satisfies Question, (error) => { if (error !== null) this.#giveUp(); });
    });
  };

  close(): void {
    this.#isGone = true;
    if (this.#child.connected) this.#child.disconnect();
  }

  #giveUp(): void {
    this.#isGone = true;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { call, resolve } of waiting) void execGit(call).then(resolve);
  }
}

/** The helper's side: answers until the host is gone. */
export function helpWithGit(channel: { send(message: unknown): void; onMessage(listener: (message: unknown) => void): void; onDisconnect(listener: () => void): void }): Promise<void> {
  channel.onMessage((message) => {
    const { id, call } = message as Question;
    void execGit(call).then((result) => { channel.send({ id, result } satisfies Reply); });
  });
  return new Promise((resolve) => { channel.onDisconnect(resolve); });
}
