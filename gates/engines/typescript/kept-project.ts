import type TypeScript from 'typescript';
import type { FileStates } from '../../../src/system/file-states.ts';
import { affectedFiles, linkImports, type Linked } from './affected.ts';
import type { TypeScriptModule } from './load.ts';
import { parseProject } from './parse-project.ts';
import { ProjectHost } from './project-host.ts';
import type { ProgramRequest } from './program.ts';
import { readAllUses } from './requests.ts';
import type { Shape } from './shape.ts';

/** What a program's files were found to hold, as far as that is still true of them. */
export interface CheckedFiles {
  /** Rises with every change that may matter to the types in that file. */
  stampOf(file: string): number;
  semantic: Map<string, readonly TypeScript.Diagnostic[]>;
  declarations: Map<string, readonly TypeScript.Diagnostic[]>;
  /** Something was checked that has not been checked with all else. */
  isPieced: boolean;
  /** The same program with nothing in it checked yet. */
  startOver(): TypeScript.Program;
}

/**
 * A project's program that follows its files from run to run: a changed file is parsed again, what it affects is checked again,
 * and all else is taken as it was. Whatever may change how imports resolve builds the program anew from the files parsed already.
 */
export class KeptProject implements CheckedFiles {
  readonly ts: TypeScriptModule;
  semantic = new Map<string, readonly TypeScript.Diagnostic[]>();
  declarations = new Map<string, readonly TypeScript.Diagnostic[]>();
  isPieced = false;
  readonly #host: ProjectHost;
  readonly #shapes = new Map<string, Shape>();
  readonly #stamps = new Map<string, number>();
  #parsed: TypeScript.ParsedCommandLine;
  #linked: Linked;
  #common = nextStamp();

  constructor(ts: TypeScriptModule, request: ProgramRequest, states: FileStates) {
    this.ts = ts;
    this.#parsed = parseProject(ts, request.config, request.root);
    this.#host = new ProjectHost(ts, this.#parsed.options, { root: request.root, states });
    this.#linked = linkImports(ts, this.#build(request, undefined), null);
    readAllUses(ts, this.program);
  }

  get parsed(): TypeScript.ParsedCommandLine {
    return this.#parsed;
  }

  get program(): TypeScript.Program {
    return this.#linked.program;
  }

  stampOf(file: string): number {
    return this.#stamps.get(file) ?? this.#common;
  }

  /** Brings it up to date; false when it can't be, because options or manifests are others. */
  update(request: ProgramRequest): boolean {
    const parsed = parseProject(this.ts, request.config, request.root);
    if (!hasSameOptions(this.#parsed, parsed) || !this.#host.hasSameManifests()) return false;
    const isSettled = hasSameFiles(this.#parsed, parsed) && this.#host.hasSameAnswers();
    const changed = this.#host.changedSources();
    // The old options object stays: it is compared by identity in places, and says the same.
    this.#parsed = { ...parsed, options: this.#parsed.options };
    // The files of references are listed while a program is made.
    if (isSettled && changed === 'none' && parsed.projectReferences === undefined) return true;
    const isSameStructure = isSettled && changed !== 'names';
    if (!isSameStructure) this.#host.forgetAnswers();
    const before = this.#linked;
    const after = linkImports(this.ts, this.#build(request, isSameStructure ? before.program : undefined), isSameStructure ? before : null);
    const isNoisy = (file: string): boolean => [this.semantic, this.declarations].some((known) => (known.get(file)?.length ?? 0) > 0);
    this.#mark(affectedFiles(this.ts, { before, after, shapes: this.#shapes, isNoisy }));
    this.#linked = after;
    return true;
  }

  startOver(): TypeScript.Program {
    const program = this.#build({ isCancelled: () => false }, this.#linked.program);
    this.#linked = { ...this.#linked, program };
    this.semantic = new Map();
    this.declarations = new Map();
    this.isPieced = false;
    return program;
  }

  #mark(affected: ReadonlySet<string> | null): void {
    const stamp = nextStamp();
    if (affected === null) {
      this.#common = stamp;
      this.#stamps.clear();
      this.#shapes.clear();
      this.semantic = new Map();
      this.declarations = new Map();
      this.isPieced = false;
      return;
    }
    this.isPieced = true;
    for (const file of affected) {
      this.#stamps.set(file, stamp);
      this.semantic.delete(file);
      this.declarations.delete(file);
    }
  }

  #build({ isCancelled }: Pick<ProgramRequest, 'isCancelled'>, oldProgram: TypeScript.Program | undefined): TypeScript.Program {
    const { ts } = this;
    const program = ts.createProgram({
      rootNames: this.#parsed.fileNames,
      options: this.#parsed.options,
      projectReferences: this.#parsed.projectReferences,
      host: this.#host.forBuild(isCancelled),
      configFileParsingDiagnostics: ts.getConfigFileParsingDiagnostics(this.#parsed),
      oldProgram,
    });
    this.#host.keepOnly(program);
    return program;
  }
}

let stamps = 0;

/** No two of a thread are the same, so that a project made anew is never taken for the one before. */
function nextStamp(): number {
  return (stamps += 1);
}

function hasSameOptions(a: TypeScript.ParsedCommandLine, b: TypeScript.ParsedCommandLine): boolean {
  const textOf = ({ options, projectReferences, raw, errors }: TypeScript.ParsedCommandLine): string =>
    JSON.stringify([{ ...options, configFile: undefined }, projectReferences, raw, errors.map(({ code, messageText }) => [code, messageText])]);
  return textOf(a) === textOf(b) && configTextOf(a) === configTextOf(b);
}

/** Faults of options are shown at their place in this text. */
function configTextOf({ options }: TypeScript.ParsedCommandLine): string | undefined {
  return (options.configFile as TypeScript.SourceFile | undefined)?.text;
}

function hasSameFiles(a: TypeScript.ParsedCommandLine, b: TypeScript.ParsedCommandLine): boolean {
  return a.fileNames.length === b.fileNames.length && a.fileNames.every((name, index) => name === b.fileNames[index]);
}
