import { execFile } from 'node:child_process';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How one git command ended. Nothing that git does is thrown. */
export type GitResult =
  | { readonly kind: 'done'; readonly stdout: string }
  | { readonly kind: 'failed'; readonly exitCode: number; readonly message: string }
  /** There is no git on the PATH. */
  | { readonly kind: 'missing' };

export interface GitOptions {
  /** Absolute; must exist. */
  readonly cwd: string;
  readonly environment: Environment;
  /** What git is to read from its standard input. */
  readonly input?: string;
}

/** More than the file list of the largest repositories there are. */
const OUTPUT_BYTES_MAX = 512 * 1024 * 1024;
/** Only a hung file system is slower; nothing we ask of git touches the network. */
const TIME_LIMIT_MS = 120_000;

/**
 * What a git hook sets for its own repository (`git rev-parse --local-env-vars`); inherited, it would point every
 * question at that repository instead of the one at `cwd`.
 */
export const REPOSITORY_VARIABLES: readonly string[] = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_CONFIG', 'GIT_CONFIG_PARAMETERS', 'GIT_OBJECT_DIRECTORY', 'GIT_DIR', 'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE', 'GIT_GRAFT_FILE', 'GIT_INDEX_FILE', 'GIT_NO_REPLACE_OBJECTS', 'GIT_REPLACE_REF_BASE', 'GIT_PREFIX',
  'GIT_SHALLOW_FILE', 'GIT_COMMON_DIR',
];

/** A git command with nothing left to decide. */
export interface GitCall {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What it reads from its standard input; nothing when absent. */
  readonly input?: string | undefined;
}

/** How processes are started is a fact of this process, and not of what it is asked. */
let startGit: (call: GitCall) => Promise<GitResult> = execGit;

/** Has another process start git from now on: forking one that holds gigabytes takes a hundred times as long as git does. Null: no longer. */
export function startGitBy(other: ((call: GitCall) => Promise<GitResult>) | null): void {
  startGit = other ?? execGit;
}

/** Runs one read-only git command; takes no lock of the repository. Messages are in English whatever the locale. */
export function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const env: Record<string, string | undefined> = { ...options.environment, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
  for (const name of REPOSITORY_VARIABLES) env[name] = undefined;
  return startGit({ args, cwd: options.cwd, env, input: options.input });
}

/** Starts git from this process. */
export function execGit({ args, cwd, env, input }: GitCall): Promise<GitResult> {
  return new Promise((resolve) => {
    const child = execFile('git', [...args], { cwd, env, maxBuffer: OUTPUT_BYTES_MAX, timeout: TIME_LIMIT_MS, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: 'done', stdout });
      else if (error.code === 'ENOENT') resolve({ kind: 'missing' });
      else resolve({ kind: 'failed', exitCode: typeof error.code === 'number' ? error.code : -1, message: stderr.trim() || error.message });
    });
    if (input === undefined) return;
    // One that ends before it has read everything says why by its exit code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Splits what a command with `-z` printed. */
export function splitNul(stdout: string): string[] {
  return stdout.split('\0').filter((part) => part !== '');
}
