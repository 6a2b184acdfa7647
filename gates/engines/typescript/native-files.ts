import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTsconfig, type TsConfigJson } from 'get-tsconfig';
import type { Workspace } from '../../../src/model/workspace.ts';
import { isInstalled, workspacePath } from '../workspace-path.ts';

/** The name of a declaration file, also of one for another kind of file (`.d.json.ts`). */
export const DECLARATION = /\.d\.(?:[^./]+\.)?[cm]?ts$/;
/** A comment before any code that turns checking of its file on or off; the last one counts. */
const LEADING_COMMENTS = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/;
const DIRECTIVE = /\/\/\/?\s*@ts-(no)?check\b/g;

/** Of a native program's files those whose types it checks: what `inspectedFiles` says where there is a compiler API. */
export function checkedFiles(files: readonly string[], config: string, workspace: Workspace): string[] {
  const options = compilerOptions(path.join(workspace.root, config));
  if (options.noCheck === true) return [];
  const referenced = filesOfOtherProjects(config, workspace);
  return files
    .map((file) => workspacePath(workspace.root, file))
    .filter((file) => file !== null)
    .filter((file) => !isInstalled(file) && !referenced.has(file) && !(options.skipLibCheck === true && DECLARATION.test(file)))
    .filter((file) => directiveOf(path.join(workspace.root, file)) ?? (options.checkJs === true || !/\.[cm]?jsx?$/.test(file)))
    .sort();
}

/** `config` is absolute. Empty when it cannot be read: the compiler has said so, then. */
export function compilerOptions(config: string): TsConfigJson.CompilerOptions {
  try {
    return parseTsconfig(config).compilerOptions ?? {};
  } catch (error) {
    if (error instanceof Error) return {};
    throw error;
  }
}

/** Sources of referenced projects, direct or not, which are checked as part of those. */
function filesOfOtherProjects(config: string, { typescriptProjects }: Workspace): ReadonlySet<string> {
  const byConfig = new Map(typescriptProjects.map((project) => [project.config, project]));
  const others = new Set<string>();
  const pending = [...(byConfig.get(config)?.references ?? [])];
  const seen = new Set(pending);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const project = byConfig.get(next);
    for (const file of project?.files ?? []) others.add(file);
    const unseen = (project?.references ?? []).filter((reference) => !seen.has(reference));
    pending.push(...unseen);
    for (const reference of unseen) seen.add(reference);
  }
  for (const own of byConfig.get(config)?.files ?? []) others.delete(own);
  return others;
}

function directiveOf(file: string): boolean | null {
  const [comments = ''] = LEADING_COMMENTS.exec(readFileSync(file, 'utf8')) ?? [];
  const last = [...comments.matchAll(DIRECTIVE)].at(-1);
  return last === undefined ? null : last[1] === undefined;
}
