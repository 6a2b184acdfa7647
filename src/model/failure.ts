/**
 * Why something could not be done, as data. `describeFailure` is the only place that turns one into prose; a new reason
 * breaks the build there until it has words.
 */
export type Failure =
  /** The project needs an engine that is not installed. `install` is the command that mends it. */
  | { readonly reason: 'engine-missing'; readonly engine: string; readonly install: string }
  /** The engine is there but could not start or broke off: a configuration that throws, an internal error. */
  | { readonly reason: 'engine-crashed'; readonly engine: string; readonly detail: string }
  /** A configuration file of the project cannot be used. */
  | { readonly reason: 'project-config'; readonly file: string; readonly detail: string }
  /** Nothing of the project can run before this is mended (no node_modules). */
  | { readonly reason: 'setup'; readonly detail: string }
  | { readonly reason: 'time-limit'; readonly limitMs: number }
  | { readonly reason: 'cancelled'; readonly by: 'user' | 'bail' }
  /** The worker thread died: a native crash, `process.exit` in a plugin. */
  | { readonly reason: 'worker-died'; readonly detail: string }
  /** `isAlone`: nothing else of ours ran beside it, and it had more memory than others get. */
  | { readonly reason: 'out-of-memory'; readonly detail: string; readonly isAlone: boolean }
  /** A gate's own code threw: our bug. */
  | { readonly reason: 'internal'; readonly detail: string }
  /** Files that the check had to read do not parse. */
  | { readonly reason: 'unparsable'; readonly files: readonly string[] }
  /** The engine broke off in a file, and went on with the others. */
  | { readonly reason: 'crashed-in'; readonly file: string; readonly detail: string };

/** One sentence: what, where, what to do. */
export function describeFailure(failure: Failure): string {
  switch (failure.reason) {
    case 'engine-missing':
      return `${failure.engine} is not installed: run ${failure.install}`;
    case 'engine-crashed':
      return `${failure.engine} could not run: ${failure.detail}`;
    case 'project-config':
      return `${failure.file}: ${failure.detail}`;
    case 'setup':
      return failure.detail;
    case 'time-limit':
      return `stopped after its time limit of ${describeMs(failure.limitMs)}; raise timeLimitMs of this gate if it needs longer`;
    case 'cancelled':
      return failure.by === 'user' ? 'cancelled' : 'stopped: an earlier gate failed and --bail was given';
    case 'worker-died':
      return `the thread it ran in died: ${failure.detail}`;
    case 'out-of-memory':
      return `${failure.detail}${failure.isAlone ? ', even alone' : ''}; look for what grows without end in the code, the configuration and the plugins`;
    case 'internal':
      return `spark-gates itself failed, please report it: ${failure.detail}`;
    case 'unparsable':
      return `cannot run on what does not parse: ${failure.files.join(', ')}`;
    case 'crashed-in':
      return `${failure.file}: ${failure.detail}`;
  }
}

function describeMs(ms: number): string {
  return ms % 1000 === 0 ? `${String(ms / 1000)} s` : `${String(ms)} ms`;
}
