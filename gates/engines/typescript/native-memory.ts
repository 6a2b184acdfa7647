import path from 'node:path';
import type { TsConfigJson } from 'get-tsconfig';
import { z } from 'zod';
import type { KeptLane, RunContext } from '../../../src/model/run-context.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { digestOf, type Digest } from '../../../src/system/file-states.ts';
import { latestChangeMs, statIfReadable } from '../../../src/system/file-times.ts';
import { parseJson } from '../../../src/system/parse-json.ts';
import { readTextIfThere } from '../../../src/system/read-text.ts';
import { isInstalled } from '../workspace-path.ts';
import type { TypeCheckParams } from './check-project.ts';
import { compilerOptions, DECLARATION } from './native-files.ts';

/** What a lane knows of a project since it was last checked. */
interface Known extends StartingPoint {
  /** Absolute paths of all files of the program. */
  readonly files: readonly string[];
  readonly common: Digest;
}

/** What is seen without being imported: augmentations, ambient modules, globals of modules. */
const FOR_ALL = /\bdeclare\b[^;{]*\b(?:module|global|namespace)\b|\bexport\s+as\s+namespace\b/;
/** A file without a word of these is a script, seen by all. */
const OF_MODULE = /\b(?:import|export|require)\b/;
/** In a lane's memory: whether a file of this content is for all. */
const KINDS = 'native kinds';

/**
 * What a kept lane remembers of one project: the build information that the compiler itself writes. Started from it, the compiler
 * checks what has changed, and what imports that, at whatever distance.
 */
export class NativeMemory {
  readonly #key: string;
  readonly #config: string;
  readonly #kept: KeptLane;
  readonly #lane: Map<string, unknown>;
  readonly #startedMs = systemClock.now();
  readonly #options: string;

  constructor({ config, typescript }: TypeCheckParams, { lane, workspace }: Pick<RunContext, 'lane' | 'workspace'>, kept: KeptLane) {
    this.#key = `native build information: ${config}, ${typescript.version} in ${typescript.folder}`;
    this.#config = path.join(workspace.root, config);
    this.#kept = kept;
    this.#lane = lane;
    this.#options = this.#readOptions();
  }

  /** To be started from; null where everything must be checked. */
  get buildInfo(): string | null {
    const known = this.#known;
    return known !== undefined && this.#commonOf(known.files, known) === known.common ? known.buildInfo : null;
  }

  /** `file` has what the compiler wrote when it had checked all of `files`. Null where that is not what we know. */
  read(file: string, files: readonly string[]): Known | null {
    const start = startingPoint(readTextIfThere(file) ?? '', path.dirname(file));
    return start === null ? null : { ...start, files, common: this.#commonOf(files, start) };
  }

  /** Whether a check that was started from `buildInfo`, and wrote this, was one of all that may have changed. */
  isEnough(written: Known | null): boolean {
    return written !== null && written.common === this.#known?.common;
  }

  /** Null forgets what was known, and so does what changed meanwhile: it may have been read before or after that. */
  keep(written: Known | null): void {
    if (written !== null && this.#isSteady(written.files) && !hasHiddenImports(compilerOptions(this.#config), written.files)) this.#lane.set(this.#key, written);
    else this.#lane.delete(this.#key);
  }

  #isSteady(files: readonly string[]): boolean {
    return this.#readOptions() === this.#options && files.every((file) => latestChangeMs(statIfReadable(file)) < this.#startedMs);
  }

  get #known(): Known | undefined {
    return this.#lane.get(this.#key) as Known | undefined;
  }

  #readOptions(): string {
    return JSON.stringify(compilerOptions(this.#config));
  }

  /** Of all that any file may depend on without importing it. */
  #commonOf(files: readonly string[], { globals, manifests }: StartingPoint): Digest {
    const known = this.#lane.get(KINDS) as ReadonlyMap<Digest, boolean> | undefined;
    const kinds = new Map<Digest, boolean>();
    const facts = [this.#options, ...manifests.map((file) => `${file} ${String(this.#kept.files.digestOf(file))}`)];
    for (const file of [...files].sort()) {
      const digest = this.#kept.files.digestOf(file);
      if (digest === null) continue;
      const isForAll = DECLARATION.test(file) || isInstalled(file) || (known?.get(digest) ?? isSeenByAll(readTextIfThere(file) ?? ''));
      kinds.set(digest, isForAll);
      if (isForAll || globals.has(file)) facts.push(file, digest);
    }
    this.#lane.set(KINDS, kinds);
    return digestOf(facts.join('\n'));
  }
}

function isSeenByAll(text: string): boolean {
  return FOR_ALL.test(text) || !OF_MODULE.test(text);
}

/** The compiler adds imports of its own, of which its build information knows nothing; what is installed counts without. */
function hasHiddenImports({ jsx, importHelpers }: TsConfigJson.CompilerOptions, files: readonly string[]): boolean {
  const installed = files.filter((file) => isInstalled(file));
  if (importHelpers === true && !installed.some((file) => file.includes('/node_modules/tslib/'))) return true;
  if (jsx === undefined || !/^react-jsx/i.test(jsx)) return false;
  return !installed.some((file) => /\/jsx(?:-dev)?-runtime\b/.test(file)) || files.some((file) => !isInstalled(file) && /@jsxImportSource\b/.test(readTextIfThere(file) ?? ''));
}

/** Of one check, what the next can start from. */
export interface StartingPoint {
  readonly buildInfo: string;
  /** Absolute paths of files that declare something for all, as the compiler sees it. */
  readonly globals: ReadonlySet<string>;
  /** Absolute paths of all package.json that were looked at. */
  readonly manifests: readonly string[];
}

/** The compiler's own format, as far as it matters; written by 7.0. What is absent says that everything was checked. */
const format = z.looseObject({
  fileNames: z.array(z.string()),
  /** A digest alone: of a file of the format 1. Without a signature it is the same as the version. */
  fileInfos: z.array(z.union([z.string(), z.looseObject({ version: z.string(), affectsGlobalScope: z.boolean().optional() })])),
  packageJsons: z.array(z.string()).optional(),
  fileIdsList: z.array(z.array(z.number())).optional(),
  /** [file, list of files in `fileIdsList`]; both count from one. */
  referencedMap: z.array(z.tuple([z.number(), z.number()])).optional(),
  semanticDiagnosticsPerFile: z.array(z.tuple([z.number(), z.array(z.unknown())])).optional(),
  emitDiagnosticsPerFile: z.undefined().optional(),
  changeFileSet: z.undefined().optional(),
  checkPending: z.undefined().optional(),
  errors: z.undefined().optional(),
});

/** No declarations have it. */
const NO_SIGNATURE = '0';

/**
 * Build information without two short cuts that lose errors. The compiler stops at files whose declarations have stayed as they were,
 * but those say nothing of the types of private members, which `object['member']` sees, and nothing of what a file that only passes
 * names on passes on: with a signature that is never true it goes on. And it says again what it found before, but what is wrong with an
 * import may have become something else by a file that is no part of the program: files with errors are checked again. Null where it
 * is not what we know, or where a declaration file names a source: what comes through it is not seen to change.
 */
export function startingPoint(text: string, folder: string): StartingPoint | null {
  const { data } = format.safeParse(parseJson(text));
  if (data === undefined || hasDeclarationOfSource(data)) return null;
  const { fileNames, fileInfos, packageJsons = [], semanticDiagnosticsPerFile = [] } = data;
  const buildInfo = JSON.stringify({
    ...data,
    fileInfos: fileInfos.map((info) => (typeof info === 'string' ? { version: info, signature: NO_SIGNATURE, impliedNodeFormat: 1 } : { ...info, signature: NO_SIGNATURE })),
    // A number alone: not checked.
    semanticDiagnosticsPerFile: semanticDiagnosticsPerFile.map(([number]) => number),
  });
  const globals = fileNames.filter((_, index) => typeof fileInfos[index] === 'object' && fileInfos[index].affectsGlobalScope === true);
  return { buildInfo, globals: new Set(globals.map((name) => path.resolve(folder, name))), manifests: packageJsons.map((name) => path.resolve(folder, name)) };
}

function hasDeclarationOfSource({ fileNames, fileIdsList = [], referencedMap = [] }: z.infer<typeof format>): boolean {
  const nameOf = (number: number): string => fileNames[number - 1] ?? '';
  return referencedMap.some(([file, list]) => DECLARATION.test(nameOf(file)) && (fileIdsList[list - 1] ?? []).map(nameOf).some((name) => !DECLARATION.test(name) && !isInstalled(name)));
}
