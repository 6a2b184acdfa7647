import type TypeScript from 'typescript';
import type { Digest, FileStates } from '../../../src/system/file-states.ts';
import type { TypeScriptModule } from './load.ts';
import { Probes } from './probes.ts';
import { ProgramCancelled } from './program-cancelled.ts';

/** What editors' hosts have; internal to the compiler, but there in every version since 3.7. */
export interface EditorHost {
  useSourceOfProjectReferenceRedirect?: () => boolean;
}

interface ParsedSource {
  readonly digest: Digest;
  /** How it was to be parsed. */
  readonly mode: string;
  readonly file: TypeScript.SourceFile;
}

/** The compiler's host as `tsc` has it, but for what `programOf` says, with a memory: what was parsed, and what else it asked the file system. */
export class ProjectHost {
  readonly #states: FileStates;
  readonly #probes = new Probes();
  readonly #sources = new Map<string, ParsedSource>();
  /** Files that the compiler reads for what they say about modules: package.json, tsconfig of references. */
  readonly #read = new Map<string, Digest | null>();
  readonly #host: TypeScript.CompilerHost & EditorHost;
  #isCancelled = (): boolean => false;

  constructor(ts: TypeScriptModule, options: TypeScript.CompilerOptions, { root, states }: { root: string; states: FileStates }) {
    this.#states = states;
    const plain = ts.createCompilerHost(options, true);
    const probes = this.#probes;
    this.#host = {
      ...plain,
      getCurrentDirectory: () => root,
      useSourceOfProjectReferenceRedirect: () => true,
      getSourceFile: (name, mode, onError, isForced) => this.#sourceOf(name, mode, () => plain.getSourceFile(name, mode, onError, isForced)),
      fileExists: (name) => probes.ask('file', name, () => plain.fileExists(name)),
      readFile: (name) => {
        this.#read.set(name, states.digestOf(name));
        return plain.readFile(name);
      },
      directoryExists: (name) => probes.ask('folder', name, () => ts.sys.directoryExists(name)),
      realpath: (name) => probes.ask('link', name, () => ts.sys.realpath?.(name) ?? name),
      getDirectories: (name) => {
        probes.ask('folders', name, () => ts.sys.getDirectories(name).join('\n'), name);
        return ts.sys.getDirectories(name);
      },
    };
  }

  forBuild(isCancelled: () => boolean): TypeScript.CompilerHost {
    this.#isCancelled = isCancelled;
    // With sources of references the compiler wraps what it is given, each time anew.
    return { ...this.#host };
  }

  /** Parsed files that the program no longer has are dropped; the tsconfig of a reference is never among its files. */
  keepOnly(program: TypeScript.Program): void {
    const names = new Set(program.getSourceFiles().map(({ fileName }) => fileName));
    for (const name of this.#sources.keys()) if (!names.has(name) && !name.endsWith('.json')) this.#sources.delete(name);
  }

  /** True when each package.json and the like says what it said. */
  hasSameManifests(): boolean {
    return [...this.#read].every(([name, digest]) => this.#states.digestOf(name) === digest);
  }

  /** True when nothing has appeared or gone by which an import could lead elsewhere. */
  hasSameAnswers(): boolean {
    return this.#probes.hold();
  }

  forgetAnswers(): void {
    this.#probes.forget();
  }

  changedSources(): 'none' | 'texts' | 'names' {
    let changed: 'none' | 'texts' = 'none';
    for (const [name, { digest }] of this.#sources) {
      const now = this.#states.digestOf(name);
      if (now === null) return 'names';
      if (now !== digest) changed = 'texts';
    }
    return changed;
  }

  #sourceOf(name: string, mode: TypeScript.ScriptTarget | TypeScript.CreateSourceFileOptions, parse: () => TypeScript.SourceFile | undefined): TypeScript.SourceFile | undefined {
    if (this.#isCancelled()) throw new ProgramCancelled();
    const digest = this.#states.digestOf(name);
    const known = this.#sources.get(name);
    const way = describeMode(mode);
    if (known !== undefined && known.digest === digest && known.mode === way) return known.file;
    const file = parse();
    if (file === undefined) {
      this.#sources.delete(name);
      return undefined;
    }
    // Changed while it was read: what was parsed is neither of both for sure, and is parsed again the next time.
    const isSteady = digest !== null && this.#states.digestOf(name) === digest;
    this.#sources.set(name, { digest: isSteady ? digest : '', mode: way, file });
    return file;
  }
}

function describeMode(mode: TypeScript.ScriptTarget | TypeScript.CreateSourceFileOptions): string {
  if (typeof mode !== 'object') return String(mode);
  // What else it holds comes from the options, which stay the same, and from manifests, which are compared.
  return [mode.languageVersion, mode.impliedNodeFormat, mode.jsDocParsingMode].join();
}
