import type { CheckRequest } from '../../src/model/check.ts';
import type { GatePlan, PlanContext, PlanNote } from '../../src/model/gate.ts';
import type { TypeScriptProject } from '../../src/model/workspace.ts';
import { installLine } from '../engines/install-line.ts';
import type { TypeCheckParams } from '../engines/typescript/check-project.ts';
import { isNative } from '../engines/typescript/load.ts';
import { CHECKERS_MAX } from '../engines/typescript/native.ts';
import { typeScriptLane } from '../engines/typescript/lane.ts';

type Context = PlanContext<'type_verification'>;

const TYPESCRIPT_FILE = /\.[cm]?tsx?$/;
const TSCONFIG_FILE = /(^|\/)[jt]sconfig[^/]*\.json$/;

/** What a check of this gate is given. */
export interface TypeParams extends TypeCheckParams {
  /** Facts for the report that the plan already knows. */
  readonly notes: readonly string[];
}

/** One check a project that holds files of a team or imports them. */
export function planTypes(context: Context): GatePlan {
  const { workspace } = context;
  if (workspace.setupProblem !== null) return { checks: [], notes: [{ status: 'error', reason: workspace.setupProblem }] };
  const { projects, notes } = chooseProjects(context);
  const faults = workspace.faults.filter(({ file }) => TSCONFIG_FILE.test(file) && !projects.some(({ config }) => config === file));
  notes.push(...faults.map(({ file, message }): PlanNote => ({ status: 'error', reason: `${file}: ${message}` })));
  if (projects.length === 0 && notes.length === 0) {
    const others = workspace.otherTypeScriptConfigs.length === 0 ? '' : ' but those of fixtures, templates, examples and packages outside the workspace';
    return { checks: [], notes: [{ status: 'skipped', reason: `no tsconfig.json${others}` }] };
  }

  const planned = projectsOfTeams(context, projects);
  for (const project of planned.filter(({ typescript }) => typescript === null)) notes.push(missing(context, project));
  const unlisted = unlistedNotes(context, projects);
  const checks = planned.map((project, index) => checkOf(context, project, index === 0 ? unlisted : []));
  return { checks: checks.filter((check) => check !== null), notes: [...notes, ...teamsWithout(context, planned)] };
}

function chooseProjects({ workspace, settings, files }: Context): { projects: TypeScriptProject[]; notes: PlanNote[] } {
  if (settings.projects === undefined) return { projects: [...workspace.typescriptProjects], notes: [] };
  const projects: TypeScriptProject[] = [];
  const notes: PlanNote[] = [];
  for (const named of settings.projects) {
    const config = named.replace(/^\.\//, '');
    const known = workspace.typescriptProjects.find((project) => project.config === config);
    if (known !== undefined) {
      projects.push(known);
    } else if (workspace.files.includes(config)) {
      const nearest = workspace.packages.filter(({ folder }) => folder === '' || config.startsWith(`${folder}/`)).at(-1);
      projects.push({ config, files: files.filter((file) => TYPESCRIPT_FILE.test(file)), references: [], typescript: nearest?.tools.typescript ?? workspace.typescriptProjects[0]?.typescript ?? null });
    } else {
      notes.push({ status: 'error', reason: `${named}, named in type_verification.projects, does not exist: correct the configuration` });
    }
  }
  return { projects, notes };
}

function projectsOfTeams(context: Context, projects: readonly TypeScriptProject[]): TypeScriptProject[] {
  if (context.wholeWorkspace) return [...projects];
  const owned = new Set(context.files);
  const touched = context.graph().dependentsOf([...context.files, ...context.removed]);
  return projects.filter((project) => owned.has(project.config) || project.files.some((file) => owned.has(file) || touched.has(file)));
}

function checkOf({ workspace, settings }: Context, project: TypeScriptProject, notes: readonly string[]): CheckRequest | null {
  const { typescript, config, files } = project;
  if (typescript === null) return null;
  const native = isNative(typescript.version);
  const hasReferences = project.references.length > 0;
  const params: TypeParams = { config, typescript: { folder: typescript.folder, version: typescript.version }, hasReferences, notes };
  return {
    name: `types:${config}`,
    gate: 'type_verification',
    engine: 'typescript',
    engineVersion: typescript.version,
    engineOrigin: 'project',
    title: `types of ${config}`,
    // The tsconfig is an input too: what is wrong with it concerns whoever owns it.
    files: workspace.files.includes(config) ? [...files, config] : files,
    workspaceWide: false,
    lane: typeScriptLane(config),
    ...(native ? { slotsMax: CHECKERS_MAX } : {}),
    expectedMs: native ? 500 + files.length * 5 : 3_000 + files.length * 25,
    timeLimitMs: settings.timeLimitMs,
    inputs: 'code',
    params,
  };
}

function missing({ workspace, teams }: Context, project: TypeScriptProject): PlanNote {
  const owned = new Set([...project.files, project.config]);
  const concerned = teams.filter((team) => team.files.some((file) => owned.has(file))).map((team) => team.name);
  return {
    status: 'error',
    reason: `${project.config} needs TypeScript, which is not installed: run ${installLine(workspace, 'typescript')}`,
    ...(concerned.length > 0 ? { teams: concerned } : {}),
  };
}

/** Teams that no planned project concerns. */
function teamsWithout({ teams }: Context, planned: readonly TypeScriptProject[]): PlanNote[] {
  const covered = new Set(planned.flatMap((project) => [...project.files, project.config]));
  const without = teams.filter((team) => team.files.length > 0 && !team.files.some((file) => covered.has(file))).map((team) => team.name);
  return without.length === 0 ? [] : [{ status: 'skipped', reason: 'none of its files is in a TypeScript project', teams: without }];
}

function unlistedNotes({ files }: Context, projects: readonly TypeScriptProject[]): string[] {
  const listed = new Set(projects.flatMap((project) => project.files));
  const unlisted = files.filter((file) => TYPESCRIPT_FILE.test(file) && !listed.has(file));
  if (unlisted.length === 0) return [];
  const shown = unlisted.slice(0, 5).join(', ');
  const more = unlisted.length > 5 ? ` and ${String(unlisted.length - 5)} more` : '';
  return [`no tsconfig includes ${shown}${more}: checked only where another file imports it`];
}
