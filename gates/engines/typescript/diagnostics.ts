import type TypeScript from 'typescript';
import { ProgramCancelled } from './program-cancelled.ts';
import type { ProjectProgram } from './program.ts';
import { majorOf } from './load.ts';

export interface CollectedDiagnostics {
  /** Of the tsconfig and the options. */
  readonly project: readonly TypeScript.Diagnostic[];
  readonly syntactic: readonly TypeScript.Diagnostic[];
  /** Of types, and of the declarations that would be emitted. */
  readonly semantic: readonly TypeScript.Diagnostic[];
}

/**
 * Errors that depend on where the compiler begins: what is too deep, too complex, or runs in a circle is so only if nothing of it
 * was worked out before.
 */
const ORDER_SENSITIVE = new Set([2303, 2321, 2456, 2502, 2506, 2589, 2590, 2615, 2799, 7022, 7023, 7024]);

/**
 * What `tsc --noEmit -p` reports (`emitFilesAndReportErrors` of the compiler), except that a file which does not parse does not hide
 * the type errors of the others.
 */
export function collectDiagnostics({ ts, program, checked }: ProjectProgram, isCancelled: () => boolean): CollectedDiagnostics {
  const token: TypeScript.CancellationToken = {
    isCancellationRequested: isCancelled,
    throwIfCancellationRequested: () => {
      // The compiler knows its own exception only, which is no Error.
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      if (isCancelled()) throw new ts.OperationCanceledException();
    },
  };
  try {
    const collected = collect({ ts, program, checked }, token);
    // In pieces, these are found at other places, or not at all.
    if (checked?.isPieced !== true || !collected.semantic.some(({ code }) => ORDER_SENSITIVE.has(code))) return collected;
    return collect({ ts, program: checked.startOver(), checked }, token);
  } catch (error) {
    if (error instanceof ts.OperationCanceledException) throw new ProgramCancelled();
    throw error;
  }
}

type Collected = Pick<ProjectProgram, 'ts' | 'program' | 'checked'>;

function collect({ ts, program, checked }: Collected, token: TypeScript.CancellationToken): CollectedDiagnostics {
  const configuration = program.getConfigFileParsingDiagnostics();
  const syntactic = program.getSyntacticDiagnostics(undefined, token);
  const project = [...configuration, ...program.getOptionsDiagnostics(token), ...program.getGlobalDiagnostics(token)];
  // The compiler looks no further when its options are wrong.
  if (project.length > configuration.length) return { project, syntactic, semantic: [] };

  const broken = new Set(syntactic.map((diagnostic) => diagnostic.file.fileName));
  const files = program.getSourceFiles().filter((file) => !broken.has(file.fileName));
  const semantic = eachOnce(files, checked?.semantic, (file) => program.getSemanticDiagnostics(file, token));
  if (broken.size === 0 && semantic.length === 0 && checksDeclarations(ts, program)) {
    semantic.push(...eachOnce(files, checked?.declarations, (file) => program.getDeclarationDiagnostics(file, token)));
  }
  return { project, syntactic, semantic };
}

/** What is known of a file is not asked again; what is asked becomes known. */
function eachOnce(
  files: readonly TypeScript.SourceFile[], known: Map<string, readonly TypeScript.Diagnostic[]> | undefined, ask: (file: TypeScript.SourceFile) => readonly TypeScript.Diagnostic[],
): TypeScript.Diagnostic[] {
  return files.flatMap((file) => {
    const diagnostics = known?.get(file.fileName) ?? ask(file);
    known?.set(file.fileName, diagnostics);
    return [...diagnostics];
  });
}

/** Since 5.6 the compiler reports declarations that could not be emitted although it emits none. */
function checksDeclarations(ts: ProjectProgram['ts'], program: TypeScript.Program): boolean {
  const options = program.getCompilerOptions();
  const [, minor = '0'] = ts.version.split('.');
  const supported = majorOf(ts.version) > 5 || (majorOf(ts.version) === 5 && Number.parseInt(minor, 10) >= 6);
  return supported && (options.declaration === true || options.composite === true);
}
