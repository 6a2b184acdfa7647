import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import type TypeScript from 'typescript';
import type { KeptLane } from '../../../src/model/run-context.ts';
import { loadTypeScript } from '../typescript/load.ts';
import { parseProject } from '../typescript/parse-project.ts';
import { programOf, type ProjectProgram } from '../typescript/program.ts';
import type { ParserOptions, SelectedFile } from './select-files.ts';

/** Where shared programs come from, and what they must agree with. */
export interface ProgramSource {
  readonly lane: Map<string, unknown>;
  readonly kept: KeptLane | null;
  readonly root: string;
  /** The folder that ESLint runs in; relative tsconfig paths start there unless the configuration says otherwise. */
  readonly folder: string;
  /** Real folder of the TypeScript that the parser uses. */
  readonly typescriptFolder: string;
  isCancelled(): boolean;
}

/**
 * The program that typescript-eslint would build for a typed file, but the lane's: the type gate has built it already. Null where
 * theirs could differ from ours, or where we can't tell which one they would take; then they build their own.
 */
export function sharedProgramOf(file: SelectedFile, source: ProgramSource): ProjectProgram | null {
  const { parserOptions } = file;
  if (!isTyped(parserOptions) || Array.isArray(parserOptions.programs) || isFilledArray(parserOptions.extraFileExtensions)) return null;
  const request = (config: string): ProjectProgram =>
    programOf(source.lane, { typescriptFolder: source.typescriptFolder, config: realpathSync(config), root: source.root, kept: source.kept, isCancelled: () => source.isCancelled() });
  const rootDir = typeof parserOptions.tsconfigRootDir === 'string' ? parserOptions.tsconfigRootDir : source.folder;
  if (parserOptions.projectService) return viaProjectService(file.path, source, request);
  for (const config of configsOf(parserOptions.project, file.path, rootDir)) {
    if (!existsSync(config)) return null;
    const { projectReferences, errors } = parsedOf(config, source);
    // Without the project service, references are read from built declarations: not what we have. A faulty tsconfig is
    // theirs to complain about.
    if (projectReferences !== undefined || errors.length > 0) return null;
    const project = request(config);
    if (project.program.getSourceFile(file.path) !== undefined) return project;
  }
  return null;
}

/** True of a computed configuration that asks for type information. */
export function isTyped(options: ParserOptions): boolean {
  return Boolean(options.projectService) || Boolean(options.project);
}

/** The nearest tsconfig, or the project that it references and that has the file, as an editor decides. */
function viaProjectService(file: string, source: ProgramSource, request: (config: string) => ProjectProgram): ProjectProgram | null {
  const nearest = nearestConfig(file, path.parse(file).root, ['tsconfig.json', 'jsconfig.json']);
  const owner = nearest === null ? null : projectWith(nearest, file, source, new Set());
  if (owner === null) return null;
  const project = request(owner);
  return project.program.getSourceFile(file) === undefined ? null : project;
}

function projectWith(config: string, file: string, source: ProgramSource, seen: Set<string>): string | null {
  if (seen.has(config) || !existsSync(config)) return null;
  seen.add(config);
  const parsed = parsedOf(config, source);
  if (parsed.errors.length > 0) return null;
  if (parsed.fileNames.includes(file)) return config;
  const { resolveProjectReferencePath } = loadTypeScript(source.typescriptFolder);
  for (const reference of parsed.projectReferences ?? []) {
    const found = projectWith(resolveProjectReferencePath(reference), file, source, seen);
    if (found !== null) return found;
  }
  return null;
}

function parsedOf(config: string, { lane, kept, root, typescriptFolder }: ProgramSource): TypeScript.ParsedCommandLine {
  const key = `typescript-parsed:${typescriptFolder}:${config}`;
  const run = kept?.run ?? 0;
  const known = lane.get(key) as { run: number; parsed: TypeScript.ParsedCommandLine } | undefined;
  if (known?.run === run) return known.parsed;
  const parsed = parseProject(loadTypeScript(typescriptFolder), config, root);
  lane.set(key, { run, parsed });
  return parsed;
}

/** As typescript-eslint reads `parserOptions.project`, in its order: plain paths first, then globs. */
function configsOf(project: unknown, file: string, rootDir: string): string[] {
  if (project === true) {
    const nearest = nearestConfig(file, rootDir, ['tsconfig.json']);
    return nearest === null ? [] : [nearest];
  }
  const named = (Array.isArray(project) ? project : [project]).filter((each) => typeof each === 'string');
  const plain = named.filter((each) => !isDynamicPattern(each));
  const globbed = named.filter((each) => isDynamicPattern(each)).flatMap((pattern) => globSync(pattern, { cwd: rootDir, expandDirectories: false, ignore: ['**/node_modules/**'] }));
  return [...new Set([...plain, ...globbed].map((each) => path.resolve(rootDir, each)))];
}

function nearestConfig(file: string, top: string, names: readonly string[]): string | null {
  for (let folder = path.dirname(file); folder.length >= top.length; folder = path.dirname(folder)) {
    const found = names.map((name) => path.join(folder, name)).find((candidate) => existsSync(candidate));
    if (found !== undefined) return found;
    if (folder === path.dirname(folder)) break;
  }
  return null;
}

function isFilledArray(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
