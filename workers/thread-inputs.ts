import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Guard, GuardedTree, KeptThread } from '../src/model/run-context.ts';
import type { Workspace } from '../src/model/workspace.ts';
import { digestOf, FileStates, type Digest } from '../src/system/file-states.ts';
import { isSettled, latestChangeMs, statIfReadable, statLine } from '../src/system/file-times.ts';
import { isMissing } from '../src/system/read-text.ts';

/** Where package managers write what they have installed. */
const RECORDS = ['.package-lock.json', '.modules.yaml', '.pnpm/lock.yaml', '.yarn-state.yml', '.yarn-integrity'];
const PLUG_AND_PLAY = ['.pnp.cjs', '.pnp.data.json'];

interface LoadedModule {
  readonly signature: string | null;
  /** Of a file that was changed so shortly before that its times may stay the same if it is changed again. */
  readonly digest: Digest | null;
}

/**
 * What the code in this thread was made from. Modules cannot be unloaded, and remember what they have read: a thread in which
 * one of them is out of date must end.
 */
export class ThreadInputs implements KeptThread {
  readonly files = new FileStates();
  readonly #startedMs: number;
  readonly #modules = new Map<string, LoadedModule>();
  readonly #guards = new Map<string, { readonly guard: Guard; readonly value: string | null }>();
  #outdated: string | null = null;

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  /** The first value counts: what was loaded stays, whoever loads it again. */
  guard(name: string, value: string | null, guard: Guard): void {
    if (!this.#guards.has(name)) this.#guards.set(name, { guard, value });
  }

  /** A file that has changed since the thread began may have been loaded before or after that. */
  watch(files: Iterable<string>): void {
    for (const file of files) {
      if (this.#modules.has(file)) continue;
      const stats = statIfReadable(file);
      this.#modules.set(file, { signature: stats === null ? null : statLine(stats), digest: stats === null || isSettled(stats) ? null : this.files.digestOf(file) });
      if (stats !== null && latestChangeMs(stats) >= this.#startedMs) this.#outdated ??= file;
    }
  }

  /** What Node itself remembers as loaded; modules of the other kind it does not tell, and `watch` must be. */
  watchRequired(): void {
    this.watch(Object.keys(createRequire(import.meta.url).cache).filter((file) => path.isAbsolute(file)));
  }

  /** What is out of date, or null. */
  outdated(now: GuardedTree): string | null {
    if (!this.#guards.has('installation')) this.guard('installation', installationOf(now.workspace, this.files), ({ workspace }) => installationOf(workspace, this.files));
    if (this.#outdated !== null) return this.#outdated;
    for (const [file, { signature, digest }] of this.#modules) {
      const stats = statIfReadable(file);
      if ((stats === null ? null : statLine(stats)) !== signature || (digest !== null && this.files.digestOf(file) !== digest)) return file;
    }
    for (const [name, { guard, value }] of this.#guards) if (value === null || guard(now) !== value) return name;
    return null;
  }
}

/** Names of all installed packages, and what the package managers say about them. */
function installationOf({ root, packages }: Workspace, files: FileStates): string {
  const folders = [...new Set(['', ...packages.map(({ folder }) => folder)])].map((folder) => path.join(root, folder, 'node_modules'));
  const facts = folders.flatMap((folder) => {
    const names = namesIn(folder);
    const scoped = names.filter((name) => name.startsWith('@')).flatMap((scope) => namesIn(path.join(folder, scope)).map((name) => `${scope}/${name}`));
    return [...names, ...scoped, ...RECORDS.map((record) => String(files.digestOf(path.join(folder, record))))];
  });
  return digestOf([...facts, ...PLUG_AND_PLAY.map((file) => String(files.digestOf(path.join(root, file))))].join('\n'));
}

/** Sorted; without those by which tools keep their own things in node_modules. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
