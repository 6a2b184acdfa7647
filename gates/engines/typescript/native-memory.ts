import path from 'node:path';
import { z } from 'zod';
import type { KeptLane, RunContext } from '../../../src/model/run-context.ts';
import { digestOf, latestChangeMs, statIfReadable, type Digest } from '../../../src/system/file-states.ts';
import { parseJson } from '../../../src/system/parse-json.ts';
import { readTextIfThere } from '../../../src/system/read-text.ts';
import { isInstalled } from '../workspace-path.ts';
import type { TypeCheckParams } from './check-project.ts';
import { compilerOptions } from './native-files.ts';

/** What a lane knows of a project since it was last checked. */
interface Known {
  /** See `startingPoint`. */
  readonly buildInfo: string;
  /** Absolute paths of all files of the program. */
  readonly files: readonly string[];
  readonly common: Digest;
}

/** What is seen without being imported: augmentations, ambient modules, globals of modules. */
const FOR_ALL = /\bdeclare\s+(?:module|global|namespace)\b|\bexport\s+as\s+namespace\b/;
const DECLARATION = /\.d\.(?:[^./]+\.)?[cm]?ts$/;
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
  readonly #startedMs = Date.now();
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
    return known !== undefined && this.#commonOf(known.files) === known.common ? known.buildInfo : null;
  }

  /** Whether a check that was started from there, of a program of these files, was one of all that may have changed. */
  isEnough(file: string, files: readonly string[]): boolean {
    return this.#commonOf(files) === this.#known?.common && startingPoint(readTextIfThere(file) ?? '') !== null;
  }

  /** `file` has what the compiler wrote when it had checked all of `files`. What changed meanwhile may have been read before or after that. */
  keep(file: string, files: readonly string[]): void {
    const buildInfo = startingPoint(readTextIfThere(file) ?? '');
    const isSteady = this.#readOptions() === this.#options && files.every((one) => latestChangeMs(statIfReadable(one)) < this.#startedMs);
    if (buildInfo === null || !isSteady) this.#lane.delete(this.#key);
    else this.#lane.set(this.#key, { buildInfo, files, common: this.#commonOf(files) } satisfies Known);
  }

  get #known(): Known | undefined {
    return this.#lane.get(this.#key) as Known | undefined;
  }

  #readOptions(): string {
    return JSON.stringify(compilerOptions(this.#config));
  }

  /** Of all that any file may depend on without importing it. */
  #commonOf(files: readonly string[]): Digest {
    const known = this.#lane.get(KINDS) as ReadonlyMap<Digest, boolean> | undefined;
    const kinds = new Map<Digest, boolean>();
    const facts = [this.#options];
    for (const file of [...files].sort()) {
      const digest = this.#kept.files.digestOf(file) ?? 'nothing';
      const isForAll = DECLARATION.test(file) || isInstalled(file) || (known?.get(digest) ?? FOR_ALL.test(readTextIfThere(file) ?? ''));
      kinds.set(digest, isForAll);
      if (isForAll) facts.push(file, digest);
    }
    this.#lane.set(KINDS, kinds);
    return digestOf(facts.join('\n'));
  }
}

/** The compiler's own format, as far as it matters; written by 7.0. What is absent says that everything was checked. */
const format = z.looseObject({
  fileNames: z.array(z.string()),
  fileInfos: z.array(z.union([z.string(), z.looseObject({ version: z.string() })])),
  fileIdsList: z.array(z.array(z.number())).optional(),
  /** [file, list of files in `fileIdsList`]; both count from one. */
  referencedMap: z.array(z.tuple([z.number(), z.number()])).optional(),
  semanticDiagnosticsPerFile: z.array(z.tuple([z.number(), z.array(z.unknown())])).optional(),
  emitDiagnosticsPerFile: z.undefined().optional(),
  changeFileSet: z.undefined().optional(),
  checkPending: z.undefined().optional(),
  errors: z.undefined().optional(),
});

/**
 * Build information without two short cuts that lose errors. The compiler stops at files whose declarations have stayed as they were,
 * but those say nothing of the types of private members, which `object['member']` sees: without signatures it goes on. And it says
 * again what it found before, but what is wrong with an import may have become something else by a file that is no part of the
 * program: files with errors are checked again. Null where it is not what we know, or where a third one cannot be helped: a declaration
 * file that names a source is never seen to change, and nobody who imports it is checked when that source does.
 */
export function startingPoint(text: string): string | null {
  const { data } = format.safeParse(parseJson(text));
  if (data === undefined || hasDeclarationOfSource(data)) return null;
  const { fileInfos, semanticDiagnosticsPerFile = [] } = data;
  return JSON.stringify({
    ...data,
    fileInfos: fileInfos.map((info) => (typeof info === 'string' ? info : { ...info, signature: undefined })),
    // A number alone: not checked.
    semanticDiagnosticsPerFile: semanticDiagnosticsPerFile.map(([number]) => number),
  });
}

function hasDeclarationOfSource({ fileNames, fileIdsList = [], referencedMap = [] }: z.infer<typeof format>): boolean {
  const nameOf = (number: number): string => fileNames[number - 1] ?? '';
  return referencedMap.some(([file, list]) => DECLARATION.test(nameOf(file)) && (fileIdsList[list - 1] ?? []).map(nameOf).some((name) => !DECLARATION.test(name) && !isInstalled(name)));
}
