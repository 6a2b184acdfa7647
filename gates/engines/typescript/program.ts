import { realpathSync } from 'node:fs';
import type TypeScript from 'typescript';
import type { KeptLane } from '../../../src/model/run-context.ts';
import { KeptProject, type CheckedFiles } from './kept-project.ts';
import { loadTypeScript, type TypeScriptModule } from './load.ts';
import { parseProject } from './parse-project.ts';
import { ProgramCancelled } from './program-cancelled.ts';
import type { EditorHost } from './project-host.ts';

/** A built program of one tsconfig, with the compiler that built it. */
export interface ProjectProgram {
  readonly ts: TypeScriptModule;
  readonly program: TypeScript.Program;
  readonly parsed: TypeScript.ParsedCommandLine;
  /** What is known of its files from earlier runs; null where nothing outlives the run. */
  readonly checked: CheckedFiles | null;
}

export interface ProgramRequest {
  /** Absolute folder of the TypeScript package. */
  readonly typescriptFolder: string;
  /** Absolute path of the tsconfig. */
  readonly config: string;
  /** Absolute root of the workspace, which is where the command line would be used. */
  readonly root: string;
  /** Null: the program is for this run alone. */
  readonly kept: KeptLane | null;
  isCancelled(): boolean;
}

/** In the lane, by compiler and tsconfig. */
interface LaneProgram {
  /** The run in which it was built or brought up to date. */
  readonly run: number;
  readonly project: ProjectProgram | KeptProject;
}

/**
 * The program of a tsconfig, built on first use and then kept in the lane: the types and the typed lint of a project share
 * it. As `tsc --noEmit -p` builds it, with two differences: projects that it references are read from their sources, as an
 * editor does, so that nothing must be built before; and all doc comments are parsed, which lint rules need.
 */
export function programOf(lane: Map<string, unknown>, request: ProgramRequest): ProjectProgram {
  // A package manager's link and what it leads to are one compiler.
  const key = `typescript-program:${realpathSync(request.typescriptFolder)}:${request.config}`;
  const found = lane.get(key) as LaneProgram | undefined;
  const run = request.kept?.run ?? 0;
  if (found?.run === run) return viewOf(found.project);
  // Whatever breaks it off leaves nothing half done behind.
  lane.delete(key);
  const project = request.kept === null ? buildProgram(request) : updated(found?.project, request, request.kept);
  lane.set(key, { run, project } satisfies LaneProgram);
  return viewOf(project);
}

function updated(project: LaneProgram['project'] | undefined, request: ProgramRequest, kept: KeptLane): KeptProject {
  if (project instanceof KeptProject && project.update(request)) return project;
  return new KeptProject(loadTypeScript(request.typescriptFolder), request, kept.files);
}

function viewOf(project: LaneProgram['project']): ProjectProgram {
  if (!(project instanceof KeptProject)) return project;
  const { ts, program, parsed } = project;
  return { ts, program, parsed, checked: project };
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
  return { ts, program, parsed, checked: null };
}
