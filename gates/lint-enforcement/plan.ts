import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { CheckRequest } from '../../src/model/check.ts';
import type { GatePlan, PlanContext, PlanNote } from '../../src/model/gate.ts';
import type { LintConfig } from '../../src/model/workspace.ts';
import type { EslintParams } from '../engines/eslint/lint.ts';
import { unreadableBy } from '../engines/eslint/versions.ts';
import { installLine } from '../engines/install-line.ts';
import { noteOf } from '../engines/text/listing.ts';
import type { NativeLinterParams } from '../engines/native-linter.ts';
import { typeScriptLane } from '../engines/typescript/lane.ts';
import { byTypeScriptProject } from './projects.ts';

type Context = PlanContext<'lint_enforcement'>;

/** What a check of this gate is given. */
export type LintParams = EslintParams | NativeLinterParams;

const PACKAGES = { eslint: 'eslint', eslintrc: 'eslint', biome: '@biomejs/biome', oxlint: 'oxlint' } as const;
const SCRIPT = /\.(?:[cm]?[jt]s|[jt]sx)$/;
/** What Biome and oxlint can read. */
const NATIVE_FILES = { biome: /\.(?:[cm]?[jt]s|[jt]sx|jsonc?|css|graphql|gql|html|vue|svelte|astro)$/, oxlint: /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro)$/ };
/** Signs of typed rules in a configuration. A wrong guess costs time, never a finding. */
const TYPED = /projectService|parserOptions|[tT]ype-?[cC]hecked/;

/** A configuration and the files of teams that it governs. */
interface Group {
  readonly config: LintConfig;
  readonly files: string[];
}

/** One check for each configuration; with typed rules, one for each TypeScript project under it, which shares its program. */
export async function planLint(context: Context): Promise<GatePlan> {
  const { workspace, settings } = context;
  if (workspace.setupProblem !== null) return { checks: [], notes: [{ status: 'error', reason: workspace.setupProblem }] };
  if (settings.configFile !== undefined) return planNamed(context, settings.configFile);
  if (workspace.lintConfigs.length === 0) return planBundled(context);
  const checks: CheckRequest[] = [];
  const notes: PlanNote[] = [];
  const covered = new Set<string>();
  for (const group of groupsOf(context)) {
    for (const file of group.files) covered.add(file);
    if (group.config.tool === null) notes.push(missing(context, group));
    else checks.push(...await checksOf(context, group));
  }
  const without = context.teams.filter(({ files }) => files.length > 0 && !files.some((file) => covered.has(file))).map(({ name }) => name);
  if (without.length > 0) notes.push({ status: 'skipped', reason: 'none of its files is under a linter configuration', teams: without });
  const bare = context.files.filter((file) => SCRIPT.test(file) && !covered.has(file));
  const partly = context.teams.filter(({ name, files }) => !without.includes(name) && files.some((file) => bare.includes(file))).map(({ name }) => name);
  if (partly.length > 0) notes.push({ status: 'skipped', reason: noteOf(bare, 'under no linter configuration').join(''), teams: partly });
  return { checks, notes };
}

async function planNamed(context: Context, configFile: string): Promise<GatePlan> {
  const { workspace, files } = context;
  const config = path.posix.normalize(configFile);
  if (!existsSync(path.join(workspace.root, config))) {
    return { checks: [], notes: [{ status: 'error', reason: `${configFile}, named in lint_enforcement.configFile, does not exist: correct the configuration` }] };
  }
  const tool = workspace.packages[0]?.tools.eslint ?? workspace.lintConfigs.find(({ linter }) => linter === 'eslint')?.tool ?? null;
  const group: Group = { config: { linter: 'eslint', config, folder: '', tool }, files: [...files] };
  if (tool === null) return { checks: [], notes: [missing(context, group)] };
  return { checks: await checksOf(context, group), notes: [] };
}

/** ESLint takes the nearest configuration, in the old kind together with those above it; Biome and oxlint find nested ones themselves. */
function groupsOf({ workspace, files }: Context): Group[] {
  const groups = new Map<LintConfig, Group>();
  const add = (config: LintConfig | undefined, file: string): void => {
    if (config === undefined) return;
    const group = groups.get(config) ?? { config, files: [] };
    groups.set(config, group);
    group.files.push(file);
  };
  const byDepth = [...workspace.lintConfigs].sort((a, b) => a.folder.length - b.folder.length);
  for (const file of files) {
    const over = byDepth.filter(({ folder }) => folder === '' || file.startsWith(`${folder}/`));
    add(over.findLast(({ linter }) => linter === 'eslint') ?? over.find(({ linter }) => linter === 'eslintrc'), file);
    for (const linter of ['biome', 'oxlint'] as const) if (NATIVE_FILES[linter].test(file)) add(over.find((config) => config.linter === linter), file);
  }
  return [...groups.values()];
}

async function checksOf(context: Context, { config, files }: Group): Promise<CheckRequest[]> {
  const { tool } = config;
  if (tool === null) return [];
  const installed = { folder: tool.folder, version: tool.version };
  if (config.linter === 'biome' || config.linter === 'oxlint') {
    const params: NativeLinterParams = { linter: config.linter, tool: installed, config: config.config, folder: config.folder, files };
    const engine = { engine: config.linter, engineVersion: tool.version, engineOrigin: 'project' as const };
    return [{ ...engine, ...request(context, { name: `${config.linter}:${config.config}`, title: `lint by ${config.config}`, files, expectedMs: 500 + files.length }), slotsMax: 4, params }];
  }
  const unreadable = unreadableBy(tool.version, config.linter === 'eslint');
  const isTyped = TYPED.test(await readFile(path.join(context.workspace.root, config.config), 'utf8'));
  const params = (part: readonly string[]): EslintParams =>
    ({ linter: 'eslint', eslint: installed, config: config.config, folder: config.folder, isFlat: config.linter === 'eslint', isNamed: context.settings.configFile !== undefined, outer: outerOf(context, config), files: part });
  const parts = isTyped ? byTypeScriptProject(files, context.workspace.typescriptProjects) : new Map([[null, files]]);
  return [...parts].map(([project, part]) => ({
    engine: 'eslint',
    engineVersion: tool.version,
    engineOrigin: 'project',
    ...request(context, {
      name: project === null ? `eslint:${config.config}` : `eslint:${config.config}:${project}`,
      title: project === null ? `lint by ${config.config}` : `lint of ${project} by ${config.config}`,
      files: part,
      expectedMs: 2_000 + part.length * (isTyped ? 120 : 40),
    }),
    ...(project === null ? {} : { lane: typeScriptLane(project) }),
    ...(unreadable === null ? {} : { foreseen: { reason: 'project-config', file: config.config, detail: unreadable } }),
    params: params(part),
  }));
}

/** A package is linted from its own folder; any other folder from further out, so that what is said there counts as well. */
function outerOf({ workspace, settings }: Context, { linter, folder }: LintConfig): EslintParams['outer'] {
  if (linter !== 'eslint' || settings.configFile !== undefined) return [];
  const isPackage = (one: string): boolean => one === '' || workspace.packages.some((each) => each.folder === one);
  const outer: LintConfig[] = [];
  for (let inner = folder; !isPackage(inner);) {
    const next = workspace.lintConfigs.filter((one) => one.linter === 'eslint' && one.folder !== inner && (one.folder === '' || inner.startsWith(`${one.folder}/`)))
      .reduce<LintConfig | null>((nearest, one) => (nearest === null || one.folder.length > nearest.folder.length ? one : nearest), null);
    if (next === null) break;
    outer.push(next);
    inner = next.folder;
  }
  return outer.map((one) => ({ config: one.config, folder: one.folder }));
}

function planBundled(context: Context): GatePlan {
  const files = context.files.filter((file) => SCRIPT.test(file));
  if (files.length === 0) return { checks: [], notes: [{ status: 'skipped', reason: 'no JavaScript or TypeScript file' }] };
  const manifest = createRequire(import.meta.url).resolve('eslint/package.json');
  const { version } = createRequire(import.meta.url)(manifest) as { version: string };
  const params: EslintParams = { linter: 'eslint', eslint: { folder: path.dirname(manifest), version }, config: null, folder: '', isFlat: true, isNamed: false, outer: [], files };
  const shared = request(context, { name: 'eslint:bundled', title: 'lint by the bundled configuration', files, expectedMs: 2_000 + files.length * 40 });
  const owners = new Set(files);
  const without = context.teams.filter((team) => team.files.length > 0 && !team.files.some((file) => owners.has(file))).map(({ name }) => name);
  return {
    checks: [{ engine: 'eslint', engineVersion: version, engineOrigin: 'bundled', ...shared, params }],
    notes: without.length > 0 ? [{ status: 'skipped', reason: 'no JavaScript or TypeScript file', teams: without }] : [],
  };
}

function request({ settings }: Context, own: Pick<CheckRequest, 'name' | 'title' | 'files' | 'expectedMs'>): Omit<CheckRequest, 'engine' | 'engineVersion' | 'engineOrigin' | 'params'> {
  return { gate: 'lint_enforcement', inputs: 'code', workspaceWide: false, timeLimitMs: settings.timeLimitMs, ...own };
}

function missing({ workspace, teams }: Context, { config, files }: Group): PlanNote {
  const owned = new Set(files);
  const name = PACKAGES[config.linter];
  return {
    status: 'error',
    reason: `${config.config} needs ${name}, which is not installed: run ${installLine(workspace, name)}`,
    teams: teams.filter((team) => team.files.some((file) => owned.has(file))).map((team) => team.name),
  };
}
