import path from 'node:path';
import type { RunContext } from '../../src/model/run-context.ts';
import type { Digest } from '../../src/system/file-states.ts';

interface Kept<T> {
  /** What else the results depend on. */
  readonly key: string;
  readonly files: Map<string, { readonly digest: Digest; readonly value: T }>;
}

/**
 * Results that depend on one file's name and content alone, and on `key`, kept from run to run in a kept lane. In any other lane it
 * knows nothing and keeps nothing. Values are shared: nobody may change them.
 */
export class KeptResults<T> {
  readonly #context: RunContext;
  readonly #kept: Kept<T> | null;
  /** What each file held when it was asked for. */
  readonly #asked = new Map<string, Digest | null>();

  /** `name` tells the owner from others of its lane. */
  constructor(context: RunContext, name: string, key: string) {
    this.#context = context;
    const { kept, lane } = context;
    if (kept === null) {
      this.#kept = null;
      return;
    }
    const found = lane.get(name) as Kept<T> | undefined;
    this.#kept = found?.key === key ? found : { key, files: new Map() };
    // A run that looks at a few files says nothing about the others.
    const there = namesOf(context.workspace.files);
    for (const file of this.#kept.files.keys()) if (!there.has(file)) this.#kept.files.delete(file);
    lane.set(name, this.#kept);
  }

  /** Undefined when the file has to be looked at. `file` is workspace-relative. */
  get(file: string): T | undefined {
    if (this.#kept === null) return undefined;
    const digest = this.#digestOf(file);
    this.#asked.set(file, digest);
    const known = this.#kept.files.get(file);
    return known?.digest === digest ? known.value : undefined;
  }

  /** Keeps what a look at the file gave, unless the file has changed since it was asked for. */
  set(file: string, value: T): void {
    if (this.#kept === null) return;
    const digest = this.#digestOf(file);
    if (digest === null || digest !== this.#asked.get(file)) this.#kept.files.delete(file);
    else this.#kept.files.set(file, { digest, value });
  }

  /** The kept result, or what `look` says now, which is then kept. */
  of(file: string, look: () => T): T {
    const known = this.get(file);
    if (known !== undefined) return known;
    const value = look();
    this.set(file, value);
    return value;
  }

  #digestOf(file: string): Digest | null {
    return this.#context.kept?.files.digestOf(path.join(this.#context.workspace.root, file)) ?? null;
  }
}

/** Of a workspace, which many checks of one lane ask about. */
const namesByList = new WeakMap<readonly string[], ReadonlySet<string>>();

function namesOf(files: readonly string[]): ReadonlySet<string> {
  const names = namesByList.get(files) ?? new Set(files);
  namesByList.set(files, names);
  return names;
}
