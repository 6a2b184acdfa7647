import path from 'node:path';
import type { Guard, KeptLane } from '../../../src/model/run-context.ts';
import type { Workspace } from '../../../src/model/workspace.ts';
import { digestOf, type FileStates } from '../../../src/system/file-states.ts';
import { loadedModules } from '../loaded-modules.ts';

const SCRIPT = /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro)$/;
/** Text and pictures that no linter of scripts takes for configuration. */
const HARMLESS = /\.(?:md|markdown|mdx|txt|rst|adoc|html?|s?css|sass|less|styl|svg|png|jpe?g|gif|webp|avif|ico|pdf|woff2?|ttf|snap|csv|map|log|sh|py|rb|go|rs|sql)$/i;
/** Scripts by whose names some tool or other knows its configuration. */
const CONFIGURATION = /(?:^|\/)(?:\.[^/]+|[^/]*[.-](?:config|conf|rc|setup|preset)|[^/]*rc)\.(?:[cm]?[jt]s)$/;

/** What the tree tells ESLint's configuration, plugins and parsers when they are loaded, in three strings. */
export class EslintInputs {
  readonly #name: string;
  readonly #kept: KeptLane;
  readonly #values: Readonly<Record<'settings' | 'names' | 'sources', string>>;
  readonly #guards: Readonly<Record<'settings' | 'names' | 'sources', Guard>>;

  /** To be made before anything is loaded. */
  constructor(name: string, kept: KeptLane, workspace: Workspace) {
    this.#name = name;
    this.#kept = kept;
    const { files } = kept;
    this.#guards = {
      settings: (now) => contentsOf(now, files, (file) => (SCRIPT.test(file) ? CONFIGURATION.test(file) : !HARMLESS.test(file))),
      names: (now) => digestOf(now.files.join('\n')),
      sources: (now) => contentsOf(now, files, (file) => SCRIPT.test(file)),
    };
    this.#values = { settings: this.#guards.settings(workspace), names: this.#guards.names(workspace), sources: this.#guards.sources(workspace) };
  }

  /** The thread ends before the next run if what the configuration was made from has changed. */
  watch(configs: readonly string[]): void {
    this.#guard('settings');
    for (const config of configs) {
      const { files, looksAround, isOpen } = loadedModules(config);
      this.#kept.thread.watch(files);
      if (looksAround) this.#guard('names');
      if (isOpen) this.watchSources();
    }
  }

  /** And if any source has changed: code that was loaded may remember what it found in them. */
  watchSources(): void {
    this.#guard('names');
    this.#guard('sources');
  }

  #guard(what: 'settings' | 'names' | 'sources'): void {
    this.#kept.thread.guard(`${what} of ${this.#name}`, this.#values[what], this.#guards[what]);
  }
}

function contentsOf({ root, files }: Workspace, states: FileStates, isMeant: (file: string) => boolean): string {
  return digestOf(files.filter(isMeant).map((file) => `${file} ${String(states.digestOf(path.join(root, file)))}`).join('\n'));
}
