import path from 'node:path';
import type { CheckOutcome } from '../../../src/model/check.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import { cancelledOutcome } from '../cancelled.ts';
import { collectDiagnostics, type CollectedDiagnostics } from './diagnostics.ts';
import { describeDiagnostics, toFindings, type TypeDiagnostic } from './findings.ts';
import { inspectedFiles } from './inspected-files.ts';
import { isNative } from './load.ts';
import { missingPackages } from './missing-packages.ts';
import { checkNatively } from './native.ts';
import { ProgramCancelled } from './program-cancelled.ts';
import { programOf, type ProjectProgram } from './program.ts';

/** One tsconfig project to check; travels to the worker. */
export interface TypeCheckParams {
  /** Workspace-relative path of the tsconfig. */
  readonly config: string;
  readonly typescript: { readonly folder: string; readonly version: string };
  readonly hasReferences: boolean;
}

/** What either kind of compiler found out. */
export interface ProjectDiagnostics {
  readonly diagnostics: readonly TypeDiagnostic[];
  /** Files whose types were checked, workspace-relative. */
  readonly files: readonly string[];
}

/** Checks the types of one project with its own compiler. */
export async function checkProject(params: TypeCheckParams, context: RunContext): Promise<CheckOutcome> {
  if (isNative(params.typescript.version)) {
    const result = await checkNatively(params, context);
    return 'status' in result ? result : judge(result, params, context);
  }
  try {
    return judge(checkWithApi(params, context), params, context);
  } catch (error) {
    if (error instanceof ProgramCancelled) return cancelledOutcome(context);
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { status: 'error', failure: { reason: 'engine-crashed', engine: `TypeScript ${params.typescript.version}`, detail } };
  }
}

function checkWithApi(params: TypeCheckParams, context: RunContext): ProjectDiagnostics {
  const isCancelled = (): boolean => context.isCancelled();
  const { root } = context.workspace;
  const project: ProjectProgram = programOf(context.lane, {
    typescriptFolder: params.typescript.folder,
    config: path.join(root, params.config),
    root,
    kept: context.kept,
    isCancelled,
  });
  const collected: CollectedDiagnostics = collectDiagnostics(project, isCancelled);
  return { diagnostics: describeDiagnostics(project.ts, collected), files: inspectedFiles(project, root) };
}

function judge({ diagnostics, files }: ProjectDiagnostics, params: TypeCheckParams, context: RunContext): CheckOutcome {
  const findings = toFindings(diagnostics, { root: context.workspace.root, config: params.config });
  const missing = missingPackages(findings, context.workspace);
  if (missing.length > 0) {
    const detail = `${params.config}: ${missing.length === 1 ? 'a declared package is' : `${String(missing.length)} declared packages are`} not installed (${missing.join(', ')}): install the dependencies first`;
    return { status: 'error', failure: { reason: 'setup', detail }, findings };
  }
  if (files.length === 0 && findings.length === 0) {
    return { status: 'skipped', reason: `${params.config} has the compiler check no file of the workspace (JavaScript without checkJs, @ts-nocheck, noCheck)` };
  }
  return { status: 'done', findings, inspected: { files } };
}
