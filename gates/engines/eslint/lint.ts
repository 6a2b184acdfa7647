import { statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ESLint, Linter } from 'eslint';
import type TypeScript from 'typescript';
import type { CheckOutcome } from '../../../src/model/check.ts';
import { compareFindings, type Finding } from '../../../src/model/finding.ts';
import { LIMITS } from '../../../src/model/limits.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { cancelledOutcome } from '../cancelled.ts';
import { ProgramCancelled } from '../typescript/program-cancelled.ts';
import type { ProjectProgram } from '../typescript/program.ts';
import { workspacePath } from '../workspace-path.ts';
import { bundledConfig, isUnknownRule } from './bundled-config.ts';
import { crashFindings, lintWithCrashes, type LintedFiles } from './crashes.ts';
import { dayOf, dependsOnDay, msLeftOfDay } from './dated-rules.ts';
import { toFindings } from './findings.ts';
import { loadEslint, type EslintClass } from './load.ts';
import { typeScriptParserOf, type TypeScriptParser } from './parser.ts';
import { watchInputs } from './inputs.ts';
import { keptLint, type LintedFile } from './kept-lint.ts';
import { countRules, selectFiles, type SelectedFile } from './select-files.ts';
import { applySuppressions } from './suppressions.ts';
import { isTyped, sharedProgramOf } from './typed-programs.ts';
import { inWorkingFolder } from './working-folder.ts';

/** Files that one ESLint lints; travels to the worker. */
export interface EslintParams {
  readonly linter: 'eslint';
  readonly eslint: { readonly folder: string; readonly version: string };
  /** Workspace-relative path of the configuration, or null for the bundled one. */
  readonly config: string | null;
  /** Workspace-relative folder that ESLint runs in. */
  readonly folder: string;
  readonly isFlat: boolean;
  /** ESLint would not find `config` by itself from `folder`. */
  readonly isNamed: boolean;
  /** Configurations further out, innermost first: ESLint looks into no folder that one of them ignores. */
  readonly outer: readonly { readonly config: string; readonly folder: string }[];
  /** Workspace-relative candidates; ESLint chooses among them. */
  readonly files: readonly string[];
}

/** Files given to ESLint at once: after each slice a cancel is noticed. */
const SLICE = 10;

const FOLDER_PROBE = 'spark-gates.folder';

/** Lints with the project's ESLint as its command line would, run in the folder of the configuration. */
export async function lintWithEslint(params: EslintParams, context: RunContext): Promise<CheckOutcome> {
  const folder = await realpath(path.join(context.workspace.root, params.folder));
  return inWorkingFolder(folder, async () => {
    const parsers = new Map<unknown, TypeScriptParser | null>();
    const findings: Finding[] = [];
    try {
      return await lint({ params, context, folder, parsers, findings });
    } catch (error) {
      if (error instanceof ProgramCancelled) return cancelledOutcome(context, findings);
      return { status: 'error', failure: { reason: 'project-config', file: params.config ?? 'ESLint', detail: describe(error) }, findings };
    } finally {
      for (const parser of parsers.values()) parser?.clearCaches();
      for (const parser of parsers.values()) parser?.forgetParsed();
    }
  });
}

interface Lint {
  readonly params: EslintParams;
  readonly context: RunContext;
  readonly folder: string;
  /** typescript-eslint's by the parser object that a configuration names. */
  readonly parsers: Map<unknown, TypeScriptParser | null>;
  /** Filled while it runs, so that a crash keeps them. */
  readonly findings: Finding[];
}

async function lint({ params, context, folder, parsers, findings }: Lint): Promise<CheckOutcome> {
  const { root } = context.workspace;
  const startedMs = systemClock.now();
  const kept = context.kept === null || !params.isFlat ? null : keptLint(params, context, { kept: context.kept, day: dayOf(startedMs) });
  watchInputs(params, context);
  const Eslint = await loadEslint({ ...params.eslint, isFlat: params.isFlat });
  if (typeof Eslint === 'string') return { status: 'error', failure: { reason: 'project-config', file: params.config ?? 'ESLint', detail: Eslint } };
  const ignoring = await outerThatIgnores(Eslint, params, root);
  if (ignoring !== null) return { status: 'skipped', reason: `${ignoring} ignores ${params.folder}` };
  const candidates = params.files.map((file) => path.join(root, file));
  // The project's own configuration says what it lints; ours leaves out what is generated, for it would take minutes.
  const readable = params.config === null ? candidates.filter((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= LIMITS.fileBytesMax) : candidates;
  const options = optionsOf(params, root, folder);
  const selected = await (kept === null ? selectFiles(new Eslint(options), readable, params.isFlat) : kept.select(new Eslint(options), readable));
  if (selected.length === 0) {
    return { status: 'skipped', reason: `${params.config ?? 'the bundled ESLint configuration'} covers none of ${String(candidates.length)} files` };
  }
  const rules = countRules(selected);
  if (rules === 0) return { status: 'skipped', reason: `${params.config ?? 'the bundled ESLint configuration'} switches on no rule` };
  const { eslint, projects } = params.isFlat ? withPrograms({ Eslint, options, files: selected, parsers, folder, context }) : { eslint: new Eslint(options), projects: new Map<string, ProjectProgram | null>() };
  const inspected: string[] = [];
  const crashes: LintedFiles['crashes'][number][] = [];
  const fresh: SelectedFile[] = [];
  const all: LintedFile[] = [];
  const add = (linted: LintedFile): void => {
    all.push(linted);
    findings.push(...linted.findings);
    inspected.push(...linted.inspected);
  };
  for (const file of selected) {
    const known = kept?.get(file.path, projects.get(file.path));
    if (known === undefined) fresh.push(file);
    else add(known);
  }
  const dated = new Set(fresh.filter(dependsOnDay).map(({ path: file }) => file));
  for (let at = 0; at < fresh.length; at += SLICE) {
    if (context.isCancelled()) return cancelledOutcome(context, findings);
    const linted = await lintWithCrashes(eslint, fresh.slice(at, at + SLICE).map(({ path: file }) => file), () => { for (const parser of parsers.values()) parser?.forgetParsed(); });
    const results = await applySuppressions(linted.results, params.eslint.folder, folder);
    crashes.push(...linted.crashes);
    if (params.config === null) for (const result of results) result.messages = result.messages.filter((message) => !isUnknownRule(message));
    for (const result of results) {
      const found = { findings: toFindings(result, root), inspected: [workspacePath(root, result.filePath)].filter((file) => file !== null), isDated: dated.has(path.normalize(result.filePath)) };
      add(found);
      kept?.set(result.filePath, projects.get(result.filePath), found);
    }
    await setImmediate();
  }
  const [crash] = crashes;
  // Not one file was linted: that is nobody's file, but the configuration.
  if (crash !== undefined && inspected.length === 0) throw crash.error;
  findings.push(...crashFindings(crashes, root));
  const ignored = candidates.length - inspected.length - crashes.length;
  return {
    status: 'done',
    findings: findings.sort(compareFindings),
    inspected: { files: inspected.sort(), rules },
    ...(all.some(({ isDated }) => isDated) ? { validity: { kind: 'for' as const, ms: msLeftOfDay(startedMs) } } : {}),
    ...(ignored > 0 ? { notes: [`${params.config ?? 'the bundled ESLint configuration'} ignores or does not cover ${String(ignored)} of ${String(candidates.length)} files`] } : {}),
  };
}

/** Asked about a name that no pattern for files of the project means, so that it answers for the folder. */
async function outerThatIgnores(Eslint: EslintClass, { outer, folder }: EslintParams, root: string): Promise<string | null> {
  let inner = folder;
  for (const { config, folder: own } of outer) {
    const eslint = new Eslint({ cwd: path.join(root, own), overrideConfigFile: path.join(root, config), overrideConfig: [{ files: [`**/${FOLDER_PROBE}`] }] });
    if (await eslint.isPathIgnored(path.join(root, inner, FOLDER_PROBE))) return config;
    inner = own;
  }
  return null;
}

function optionsOf(params: EslintParams, root: string, folder: string): ESLint.Options {
  if (params.config === null) return { cwd: folder, overrideConfigFile: true, overrideConfig: bundledConfig() };
  return params.isNamed ? { cwd: folder, overrideConfigFile: path.join(root, params.config) } : { cwd: folder };
}

interface ProgramSharing {
  readonly Eslint: EslintClass;
  readonly options: ESLint.Options;
  readonly files: readonly SelectedFile[];
  readonly parsers: Lint['parsers'];
  readonly folder: string;
  readonly context: RunContext;
}

/** The same ESLint, but typed files get the lane's programs instead of building their own. `projects`: by typed file, null where it builds its own. */
function withPrograms({ Eslint, options, files, parsers, folder, context }: ProgramSharing): { eslint: ESLint; projects: ReadonlyMap<string, ProjectProgram | null> } {
  const rootless = new Set<string>();
  const byProgram = new Map<TypeScript.Program, Set<string>>();
  const projects = new Map<string, ProjectProgram | null>();
  for (const file of files) {
    if (!parsers.has(file.parser)) parsers.set(file.parser, typeScriptParserOf(file.parser));
    const parser = parsers.get(file.parser) ?? null;
    if (isTyped(file.parserOptions)) projects.set(file.path, null);
    if (parser === null) continue;
    if (typeof file.parserOptions.tsconfigRootDir !== 'string') rootless.add(file.path);
    if (parser.typescriptFolder === null) continue;
    const project = sharedProgramOf(file, {
      lane: context.lane,
      kept: context.kept,
      root: context.workspace.root,
      folder,
      typescriptFolder: parser.typescriptFolder,
      isCancelled: () => context.isCancelled(),
    });
    if (project === null) continue;
    projects.set(file.path, project);
    byProgram.set(project.program, (byProgram.get(project.program) ?? new Set()).add(file.path));
  }
  // Others may parse with typescript-eslint as well, where nobody can have it forget what it has parsed.
  const isForgetful = files.every((file) => projects.get(file.path) !== null || parsers.get(file.parser)?.forgetParsed() === true);
  if (!isForgetful) context.kept?.thread.guard('typed files that are parsed for one run', 'first', () => 'again');
  const overrides: Linter.Config[] = [...byProgram].map(([program, paths]) =>
    forFiles(paths, { programs: [program], project: null, projectService: false }));
  // Left to itself typescript-eslint guesses it from the process, whose worker serves more than one configuration.
  if (rootless.size > 0) overrides.unshift(forFiles(rootless, { tsconfigRootDir: folder }));
  const given = options.overrideConfig;
  return { eslint: new Eslint({ ...options, overrideConfig: [...(Array.isArray(given) ? given : []), ...overrides] }), projects };
}

/** A pattern would have to escape whatever a file name holds; ESLint also takes a function, which its types don't say. */
function forFiles(paths: ReadonlySet<string>, parserOptions: Record<string, unknown>): Linter.Config {
  const matches: unknown = (file: string) => paths.has(file);
  return { files: [matches as string], languageOptions: { parserOptions } };
}

/** ESLint's messages start with the sentence that matters; a rule that throws adds where. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = error.message.split('\n');
  const place = lines.filter((line) => line.startsWith('Occurred while linting') || line.startsWith('Rule: '));
  return [lines[0] ?? error.name, ...place].join('; ');
}
