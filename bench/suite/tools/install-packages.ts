import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../../src/system/atomic-file.ts';
import { runSubprocess } from '../../../src/system/subprocess.ts';
import { BenchTrouble } from '../bench-trouble.ts';

export interface InstallOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told what takes time. */
  readonly onProgress: (sentence: string) => void;
}

/** Written when npm was done: a folder without it, or with another, is installed anew. Among the packages, so that it goes with them. */
const STAMP = path.join('node_modules', '.spark-gates-installed.json');
const OUTPUT_BYTES_MAX = 1024 * 1024;
const GRACE_MS = 3_000;

/** Makes a folder with these packages by npm, once. Throws one sentence when npm cannot: mostly because there is no network. */
export async function installPackages(folder: string, manifest: Readonly<Record<string, unknown>>, { environment, signal, onProgress }: InstallOptions): Promise<void> {
  const wanted = `${JSON.stringify(manifest, null, 2)}\n`;
  const stamp = path.join(folder, STAMP);
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return;
  onProgress(`npm install in ${folder}`);
  await rm(path.join(folder, 'node_modules'), { recursive: true, force: true });
  await rm(path.join(folder, 'package-lock.json'), { force: true });
  await writeFileAtomic(path.join(folder, 'package.json'), wanted);
  const { outcome, stderr } = await runSubprocess(
    { file: 'npm', args: ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error'], cwd: folder },
    { environment, signal, graceMs: GRACE_MS, outputBytesMax: OUTPUT_BYTES_MAX },
  );
  signal.throwIfAborted();
  if (outcome.kind !== 'exited' || outcome.exitCode !== 0) throw new BenchTrouble(`npm cannot install what is needed into ${folder}; connect to its registry and try again (${reasonOf(stderr, outcome)})`);
  await writeFileAtomic(stamp, wanted);
}

function reasonOf(stderr: string, outcome: { readonly kind: string; readonly message?: string }): string {
  const line = stderr.split('\n').map((one) => one.replace(/^npm (?:error|ERR!) ?/, '').trim()).find((one) => one !== '' && !one.startsWith('code '));
  return line ?? outcome.message ?? outcome.kind;
}
