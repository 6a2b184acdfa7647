import { execa } from 'execa';
import { BoundedText } from './bounded-text.ts';
import { endProcessTree, killProcessTree, newMarker, TREE_VARIABLE, type ProcessTree } from './process-tree.ts';

const DRAIN_MS = 1_000;

export interface SubprocessRequest {
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Added to the caller's environment; undefined removes. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Written to its stdin, which is empty otherwise. */
  readonly input?: string;
  /** `file` is a command line for the system's shell, `args` are ignored. Only for what a user wrote as a command. */
  readonly shell?: boolean;
}

/** Output is bounded: past the limit its middle is dropped, and `truncated` says so. */
export interface SubprocessResult {
  readonly outcome:
    | { readonly kind: 'exited'; readonly exitCode: number }
    | { readonly kind: 'killed'; readonly signal: string }
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'not-started'; readonly message: string };
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly durationMs: number;
}

export interface SubprocessSurroundings {
  /** The complete environment to start from; nothing else is inherited. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends the whole tree when it aborts. */
  readonly signal: AbortSignal;
  /** From asked to stop until killed, in ms. */
  readonly graceMs: number;
  /** Kept of stdout and stderr each. */
  readonly outputBytesMax: number;
  /** Told as soon as the tree exists and again when nothing is left of it, so that others can end it if we die. */
  onTree?(tree: ProcessTree, state: 'started' | 'ended'): void;
  /** Told whenever the program says something. */
  onOutput?(): void;
}

/**
 * Runs one program to its end in a process group of its own, and ends with it everything it started: on cancel, but also
 * after a normal exit that left children behind. Never throws for what the program does.
 */
export async function runSubprocess(request: SubprocessRequest, surroundings: SubprocessSurroundings): Promise<SubprocessResult> {
  const startedMs = performance.now();
  const stdout = new BoundedText(surroundings.outputBytesMax);
  const stderr = new BoundedText(surroundings.outputBytesMax);
  const finish = (outcome: SubprocessResult['outcome']): SubprocessResult => ({
    outcome,
    stdout: stdout.toString(),
    stderr: stderr.toString(),
    truncated: stdout.truncated || stderr.truncated,
    durationMs: performance.now() - startedMs,
  });
  if (surroundings.signal.aborted) return finish({ kind: 'cancelled' });

  const marker = newMarker();
  const child = start(request, { ...surroundings.environment, ...request.environment, [TREE_VARIABLE]: marker });
  const collect = (into: BoundedText) => (chunk: Buffer): void => {
    into.push(chunk);
    surroundings.onOutput?.();
  };
  child.stdout.on('data', collect(stdout));
  child.stderr.on('data', collect(stderr));
  const { pid } = child;
  if (pid === undefined) {
    const { originalMessage, shortMessage } = await child;
    return finish({ kind: 'not-started', message: originalMessage ?? shortMessage ?? `${request.file} could not be started` });
  }

  const tree: ProcessTree = { pid, marker };
  surroundings.onTree?.(tree, 'started');
  let ending: Promise<void> | undefined;
  const cancel = (): void => { ending = endProcessTree(tree, surroundings.graceMs); };
  surroundings.signal.addEventListener('abort', cancel, { once: true });
  try {
    // The pipes stay open while any child of the program holds them, so its own exit is what to wait for.
    const { exitCode, signal } = await exitOf(child);
    const cancelled = isAborted(surroundings.signal);
    await ending;
    await killProcessTree(tree);
    await drain(child);
    if (cancelled) return finish({ kind: 'cancelled' });
    return finish(exitCode === null ? { kind: 'killed', signal: signal ?? 'unknown' } : { kind: 'exited', exitCode });
  } finally {
    surroundings.signal.removeEventListener('abort', cancel);
    surroundings.onTree?.(tree, 'ended');
  }
}

function start(request: SubprocessRequest, environment: Readonly<Record<string, string | undefined>>) {
  const common = {
    cwd: request.cwd,
    env: environment,
    extendEnv: false,
    detached: process.platform !== 'win32',
    // We end the tree ourselves; execa's own clean-up cannot reach a detached group.
    cleanup: false,
    reject: false,
    buffer: false,
    windowsHide: true,
    shell: request.shell === true,
    ...(request.input === undefined ? { stdin: 'ignore' as const } : { input: request.input }),
  } as const;
  return execa(request.file, request.shell === true ? [] : [...request.args], common);
}

/** A child that escaped us may hold the pipes open for ever; what was written before the exit arrives well within the wait. */
async function drain(child: ReturnType<typeof start>): Promise<void> {
  const timer = setTimeout(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  }, DRAIN_MS);
  await child;
  clearTimeout(timer);
}

/** A function, because the type checker takes a property it has seen for settled, and this one changes behind its back. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function exitOf(child: ReturnType<typeof start>): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => { resolve({ exitCode, signal }); });
  });
}
