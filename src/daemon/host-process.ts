import { fork, type ChildProcess } from 'node:child_process';
import { DAEMON_LIMITS } from '../model/limits.ts';
import type { FromHost, RunRequestMessage, ToHost } from './messages.ts';
import { killTreesOf } from '../system/process-tree.ts';
import { fromHostSchema } from './schema.ts';
import { HOST_WORD } from './words.ts';

export interface HostListener {
  onMessage(message: FromHost): void;
  /** Once, when the process is gone or has been given up. */
  onExit(detail: string): void;
  /** What native code and crashes print. */
  onNoise(text: string): void;
}

/** The daemon's side of one host: a process that keeps one workspace warm. What a project's plugins do to it costs this workspace and no other. */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly #listener: HostListener;
  #isGone = false;
  #silence: NodeJS.Timeout | undefined;

  constructor({ program, folder, request, listener }: { program: string; folder: string; request: RunRequestMessage; listener: HostListener }) {
    this.#listener = listener;
    this.#child = fork(program, [HOST_WORD], { cwd: folder, env: request.environment, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'], windowsHide: true } as Parameters<typeof fork>[2]);
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { listener.onNoise(text); });
    this.#child.on('message', (raw) => {
      const message = fromHostSchema.safeParse(raw);
      if (!message.success) {
        this.#giveUp('it said what no host says');
        return;
      }
      if (this.#silence !== undefined) this.watch();
      listener.onMessage(message.data);
    });
    this.#child.on('error', (error) => { this.#giveUp(error.message); });
    this.#child.on('exit', (code, signal) => { this.#giveUp(signal === null ? `it ended with exit code ${String(code)}` : `it was ended by ${signal}`); });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  send(message: ToHost): void {
    // A host that is gone says so by itself.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** From now on it must give signs of life, until `unwatch`. */
  watch(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => { this.#giveUp('it fell silent'); }, DAEMON_LIMITS.hostSilenceMs);
  }

  unwatch(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Asks it to end, and makes it. Resolves when it is gone. */
  async close(): Promise<void> {
    if (this.#isGone) return;
    const exit = new Promise<void>((resolve) => { this.#child.once('exit', () => { resolve(); }); });
    this.send({ type: 'close' });
    const limit = setTimeout(() => { this.kill(); }, DAEMON_LIMITS.hostGraceMs);
    await exit;
    clearTimeout(limit);
  }

  #giveUp(detail: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.unwatch();
    this.kill();
    // What it had started, and can no longer end itself.
    if (this.#child.pid !== undefined) void killTreesOf(this.#child.pid);
    this.#listener.onExit(detail);
  }
}
