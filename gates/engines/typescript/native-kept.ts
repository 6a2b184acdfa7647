import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { killProcessTree, newMarker, TREE_VARIABLE, type ProcessTree } from '../../../src/system/process-tree.ts';

export interface SessionRequest {
  /** Absolute, of the program that keeps the session. */
  readonly script: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * A native compiler's session that outlives the run, in a process of its own. It ends when its input does, so that nothing is left
 * of it when this thread ends in whatever way.
 */
export class NativeSession implements Disposable {
  readonly #child: ChildProcess;
  readonly #tree: ProcessTree;
  readonly #lines: AsyncIterator<string, undefined>;
  #isBroken = false;

  private constructor(child: ChildProcess, tree: ProcessTree) {
    this.#child = child;
    this.#tree = tree;
    this.#lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
    const fail = (): void => { this.#isBroken = true; };
    child.on('exit', fail);
    child.on('error', fail);
    child.stdin?.on('error', fail);
  }

  /** Null where it cannot be started. */
  static async start({ script, args, cwd, environment }: SessionRequest): Promise<NativeSession | null> {
    const marker = newMarker();
    const child = spawn(process.execPath, [script, ...args, '--keep'], { cwd, env: { ...environment, [TREE_VARIABLE]: marker }, stdio: ['pipe', 'pipe', 'ignore'], detached: process.platform !== 'win32', windowsHide: true });
    try {
      await once(child, 'spawn');
    } catch (error) {
      if (error instanceof Error && 'code' in error) return null;
      throw error;
    }
    return new NativeSession(child, { pid: child.pid ?? 0, marker });
  }

  /** What it answers to one question. Null: it has ended, or the signal aborted; it is of no use any more then. */
  async ask(signal: AbortSignal): Promise<string | null> {
    if (this.#isBroken || signal.aborted) return this.#end();
    const end = (): void => { this.#end(); };
    signal.addEventListener('abort', end, { once: true });
    try {
      this.#child.stdin?.write('look\n');
      const line = await this.#lines.next();
      return line.done === true ? this.#end() : line.value;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #end(): null {
    this.#isBroken = true;
    this.#child.stdin?.destroy();
    void killProcessTree(this.#tree);
    return null;
  }
}
