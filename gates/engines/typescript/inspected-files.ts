import { workspacePath, isInstalled } from '../workspace-path.ts';
import type { ProjectProgram } from './program.ts';

/**
 * Files of the workspace whose types the program checks: its own and those they import. Not among them, because the compiler
 * looks past their types: JavaScript without checkJs, `@ts-nocheck`, declarations under skipLibCheck, and sources of
 * referenced projects, which are checked as part of those.
 */
export function inspectedFiles({ program }: ProjectProgram, root: string): string[] {
  const options = program.getCompilerOptions();
  if (options.noCheck === true) return [];
  const files: string[] = [];
  for (const file of program.getSourceFiles()) {
    const relative = workspacePath(root, file.fileName);
    if (relative === null || isInstalled(relative) || program.isSourceFileFromExternalLibrary(file)) continue;
    if (file.isDeclarationFile && (options.skipLibCheck === true || options.skipDefaultLibCheck === true && program.isSourceFileDefaultLibrary(file))) continue;
    if (isReferenced(program, file.fileName)) continue;
    // Internal, but there in all versions: the result of an @ts-check or @ts-nocheck comment.
    const { checkJsDirective } = file as { checkJsDirective?: { enabled: boolean } };
    const isScript = /\.[cm]?jsx?$/.test(file.fileName);
    if (checkJsDirective?.enabled ?? (!isScript || options.checkJs === true)) files.push(relative);
  }
  return files.sort();
}

function isReferenced(program: ProjectProgram['program'], fileName: string): boolean {
  // Internal as well; absent, the file counts for both projects.
  const { isSourceOfProjectReferenceRedirect } = program as { isSourceOfProjectReferenceRedirect?: (file: string) => boolean };
  return isSourceOfProjectReferenceRedirect?.(fileName) ?? false;
}
