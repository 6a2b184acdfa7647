import type TypeScript from 'typescript';
import { ProgramCancelled, type ProjectProgram } from './program.ts';
import { majorOf } from './load.ts';

export interface CollectedDiagnostics {
  /** Of the tsconfig and the options. */
  readonly project: readonly TypeScript.Diagnostic[];
  readonly syntactic: readonly TypeScript.Diagnostic[];
  /** Of types, and of the declarations that would be emitted. */
  readonly semantic: readonly TypeScript.Diagnostic[];
}

/**
 * What `tsc --noEmit -p` reports (`emitFilesAndReportErrors` of the compiler), except that a file which does not parse does not hide
 * the type errors of the others.
 */
export function collectDiagnostics({ ts, program }: ProjectProgram, isCancelled: () => boolean): CollectedDiagnostics {
  const token: TypeScript.CancellationToken = {
    isCancellationRequested: isCancelled,
    throwIfCancellationRequested: () => {
      // The compiler knows its own exception only, which is no Error.
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      if (isCancelled()) throw new ts.OperationCanceledException();
    },
  };
  try {
    return collect(ts, program, token);
  } catch (error) {
    if (error instanceof ts.OperationCanceledException) throw new ProgramCancelled();
    throw error;
  }
}

function collect(ts: ProjectProgram['ts'], program: TypeScript.Program, token: TypeScript.CancellationToken): CollectedDiagnostics {
  const configuration = program.getConfigFileParsingDiagnostics();
  const syntactic = program.getSyntacticDiagnostics(undefined, token);
  const project = [...configuration, ...program.getOptionsDiagnostics(token), ...program.getGlobalDiagnostics(token)];
  // The compiler looks no further when its options are wrong.
  if (project.length > configuration.length) return { project, syntactic, semantic: [] };

  const broken = new Set(syntactic.map((diagnostic) => diagnostic.file.fileName));
  const semantic =
    broken.size === 0
      ? [...program.getSemanticDiagnostics(undefined, token)]
      : program.getSourceFiles().filter((file) => !broken.has(file.fileName)).flatMap((file) => program.getSemanticDiagnostics(file, token));
  if (broken.size === 0 && semantic.length === 0 && checksDeclarations(ts, program)) {
    semantic.push(...program.getDeclarationDiagnostics(undefined, token));
  }
  return { project, syntactic, semantic };
}

/** Since 5.6 the compiler reports declarations that could not be emitted although it emits none. */
function checksDeclarations(ts: ProjectProgram['ts'], program: TypeScript.Program): boolean {
  const options = program.getCompilerOptions();
  const [, minor = '0'] = ts.version.split('.');
  const supported = majorOf(ts.version) > 5 || (majorOf(ts.version) === 5 && Number.parseInt(minor, 10) >= 6);
  return supported && (options.declaration === true || options.composite === true);
}
