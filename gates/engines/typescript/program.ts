import { realpathSync } from 'node:fs';
import type TypeScript from 'typescript';
import { loadTypeScript, type TypeScriptModule } from './load.ts';

/** A built program of one tsconfig, with the compiler that built it. */
export interface ProjectProgram {
  readonly ts: TypeScriptModule;
  readonly program: TypeScript.Program;
  readonly parsed: TypeScript.ParsedCommandLine;
}

export interface ProgramRequest {
  /** Absolute folder of the TypeScript package. */
  readonly typescriptFolder: string;
  /** Absolute path of the tsconfig. */
  readonly config: string;
  /** Absolute root of the workspace, which is where the command line would be used. */
  readonly root: string;
  isCancelled(): boolean;
}

/** What editors' hosts have; internal to the compiler, but there in every version since 3.7. */
interface EditorHost {
  useSourceOfProjectReferenceRedirect?: () => boolean;
}

/** Thrown while a program is built or checked once `isCancelled` says so. */
export class ProgramCancelled extends Error {
  override readonly name = 'ProgramCancelled';
}

/**
 * The program of a tsconfig, built on first use and then kept in the lane: the types and the typed lint of a project share
 * it. As `tsc --noEmit -p` builds it, with two differences: projects that it references are read from their sources, as an
 * editor does, so that nothing must be built before; and all doc comments are parsed, which lint rules need.
 */
export function programOf(lane: Map<string, unknown>, request: ProgramRequest): ProjectProgram {
  // A package manager's link and what it leads to are one compiler.
  const key = `typescript-program:${realpathSync(request.typescriptFolder)}:${request.config}`;
  const kept = lane.get(key);
  if (kept !== undefined) return kept as ProjectProgram;
  const built = buildProgram(request);
  lane.set(key, built);
  return built;
}

function buildProgram(request: ProgramRequest): ProjectProgram {
  const ts = loadTypeScript(request.typescriptFolder);
  const parsed = parseProject(ts, request.config, request.root);
  const host: TypeScript.CompilerHost & EditorHost = ts.createCompilerHost(parsed.options, true);
  host.getCurrentDirectory = () => request.root;
  host.useSourceOfProjectReferenceRedirect = () => true;
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (...args) => {
    if (request.isCancelled()) throw new ProgramCancelled();
    return getSourceFile(...args);
  };
  const program = ts.createProgram({
    rootNames: parsed.fileNames,
    options: parsed.options,
    projectReferences: parsed.projectReferences,
    host,
    configFileParsingDiagnostics: ts.getConfigFileParsingDiagnostics(parsed),
  });
  return { ts, program, parsed };
}

/** Reads a tsconfig with everything it extends. Faults are among `errors` of the result. */
export function parseProject(ts: TypeScriptModule, config: string, root: string): TypeScript.ParsedCommandLine {
  const unrecoverable: TypeScript.Diagnostic[] = [];
  const parsed = ts.getParsedCommandLineOfConfigFile(config, { noEmit: true }, {
    ...ts.sys,
    getCurrentDirectory: () => root,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => unrecoverable.push(diagnostic),
  });
  if (parsed === undefined) return { options: {}, fileNames: [], errors: unrecoverable };
  parsed.errors.push(...unrecoverable);
  return parsed;
}
