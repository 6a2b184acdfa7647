import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The real client's binary. It is not ours, and never fetched from here; without it there is nothing to try. */
export const CLIENT = process.env.SPARK_GATES_CLIENT;

export interface ClientOptions {
  /** Absolute; the repository. */
  readonly cwd: string;
  /** Absolute; an existing folder that is its home and its temporary folder. */
  readonly home: string;
  /** Where its model is served. */
  readonly url: string;
  /** Words of its command line besides. */
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const QUIET = ['CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC', 'DISABLE_TELEMETRY', 'DISABLE_AUTOUPDATER', 'DISABLE_ERROR_REPORTING', 'IS_SANDBOX'];

/** The client at work on one prompt, with an environment of its own, talking to nobody but our model. Its exit code. */
export function runClient({ words = [], prompt = 'Implement all', ...options }: ClientOptions & { readonly prompt?: string }): Promise<number | null> {
  return callClient({ ...options, words: ['-p', prompt, '--output-format', 'stream-json', '--verbose', '--permission-mode', 'bypassPermissions', ...words] });
}

/** One of the client's own commands. Its exit code. */
export async function callClient({ cwd, home, url, words = [], environment = {} }: ClientOptions): Promise<number | null> {
  const child = spawn(CLIENT ?? '', words, {
    cwd,
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, LANG: 'C.UTF-8', ...Object.fromEntries(QUIET.map((name) => [name, '1'])), ...environment, ANTHROPIC_API_KEY: 'none', ANTHROPIC_BASE_URL: url },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return exitCode;
}
