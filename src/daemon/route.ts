import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RunRequestMessage } from './messages.ts';

/** What Node and the C library read when a process starts, and never again: hosts that differ in it are different hosts. */
const AT_START = /^(?:NODE_.*|UV_.*|LD_.*|DYLD_.*|MALLOC_.*|SSL_CERT_.*|OPENSSL_.*|LANG|LANGUAGE|LC_.*|TZ|ICU_.*|TMPDIR|TMP|TEMP|HOME)$/;

export interface Route {
  /** Equal for requests that one host can serve. */
  readonly key: string;
  /** The tree, as far as can be told without git: for people, and to keep what is warm together. */
  readonly root: string;
}

/**
 * Which host a request goes to. Nothing hangs on it but what is warm there: a host asks git itself what the tree is, and two hosts at work on
 * one tree are no worse than two processes.
 */
export function routeOf({ args, cwd, environment }: Pick<RunRequestMessage, 'args' | 'cwd' | 'environment'>): Route {
  const root = rootOf(path.resolve(cwd, elsewhere(args) ?? '.'));
  const start = Object.entries(environment).filter(([name]) => AT_START.test(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  return { root, key: `${root}\0${createHash('sha256').update(JSON.stringify(start)).digest('hex')}` };
}

function elsewhere(args: readonly string[]): string | undefined {
  const at = args.findIndex((word) => word === '--cwd' || word.startsWith('--cwd='));
  const word = args[at];
  return word === '--cwd' ? args[at + 1] : word?.slice('--cwd='.length);
}

function rootOf(folder: string): string {
  const marked = (mark: string): string | null => {
    for (let current = folder; ; current = path.dirname(current)) {
      if (existsSync(path.join(current, mark))) return current;
      if (path.dirname(current) === current) return null;
    }
  };
  return marked('.git') ?? marked('package.json') ?? folder;
}
