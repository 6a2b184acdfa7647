import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { REPOSITORY } from '../rig/project.ts';

export const CLI = path.join(REPOSITORY, 'dist', 'src', 'cli.js');

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built product as a user would. `onLine` sees each line of stdout as it comes. */
export function start(cwd: string, args: readonly string[], onLine?: (line: string, child: ChildProcess) => void): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CI: '1', FORCE_COLOR: undefined, NO_COLOR: undefined } });
  let stdout = '';
  let stderr = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    for (let end = stdout.indexOf('\n', seen); end !== -1; end = stdout.indexOf('\n', seen)) {
      onLine?.(stdout.slice(seen, end), child);
      seen = end + 1;
    }
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => { stderr += chunk; });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => { resolve({ exitCode, signal, stdout, stderr }); });
  });
  return { child, ended };
}
