import { GATES } from '../../gates/index.ts';
import type { PresetName, Settings } from '../model/config.ts';
import { compareText } from '../model/finding.ts';
import { GATE_IDS, type GateId } from '../model/gate.ts';
import type { ImportGraph } from '../model/import-graph.ts';
import { resolveSettings } from '../model/preset.ts';
import { WORKSPACE_TEAM, type Team, type TeamSource } from '../model/team.ts';
import type { Workspace } from '../model/workspace.ts';
import { loadConfig, type KnownConfigs } from '../workspace/config-file.ts';
import { discoverWorkspace } from '../workspace/discover.ts';
import { buildImportGraph } from '../workspace/import-graph.ts';
import type { KnownSources } from '../workspace/known-sources.ts';
import { findRoot } from '../workspace/root.ts';
import { resolveScope, type Scope } from '../workspace/scope.ts';
import { resolveTeams } from '../workspace/teams.ts';
import { WorkspaceError } from '../workspace/workspace-error.ts';
import { buildPlan, type Plan } from './plan.ts';

/** More names than these make a note hard to read. */
const NAMED_MAX = 5;

/** What a progressive run checks when nobody names gates: those whose answer about a file takes that file and what it imports. */
export const FAST_GATES: readonly GateId[] = ['syntax_validation', 'type_verification', 'lint_enforcement', 'security_analysis', 'documentation_check'];

/** What a caller wants checked; the command line in other words. */
export interface RunRequest {
  /** Absolute; any folder of the tree. */
  readonly cwd: string;
  /** A configuration file, relative to `cwd`; null: the one in the root. */
  readonly config: string | null;
  readonly preset: PresetName | null;
  /** Teams and the globs of their files; null: configuration, relay, CODEOWNERS, in this order. */
  readonly teams: Readonly<Record<string, readonly string[]>> | null;
  /** Teams at work and their files by the orchestrator's word, before all other sources; files may not be there yet, or no longer. */
  readonly assigned?: Readonly<Record<string, readonly string[]>> | null;
  /** Files that count as changed although they may not differ from the base: they were committed meanwhile. Those that are not there are gone. */
  readonly committed?: readonly string[];
  /** Folder of the relay, relative to the main worktree's root; the configuration's when absent. */
  readonly relay?: string;
  /** Judge as the workspace's what changed and no team owns, but for what these globs match; not judged when absent. */
  readonly unowned?: { readonly except: readonly string[] } | null;
  /** Judge only these teams; the others stay owners of their files. All when absent. */
  readonly only?: readonly string[] | null;
  /** Restrict every team to these files and folders, relative to `cwd`. */
  readonly paths: readonly string[];
  /** null: all eight; in a progressive run, those of `FAST_GATES`. */
  readonly gates: readonly GateId[] | null;
  /** Only what these files can have broken: a progressive run. Everything when absent. */
  readonly scope?: Scope | null;
  /** The commit that "changed" is relative to; that of the configuration when absent. */
  readonly base?: string | null;
  /** What the tools' environment starts from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface PreparedRun {
  readonly workspace: Workspace;
  readonly settings: Settings;
  /** Absolute path of the configuration file, or null. */
  readonly configFile: string | null;
  readonly teams: readonly Team[];
  readonly teamSource: TeamSource;
  readonly plan: Plan;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Sentences for people. */
  readonly notes: readonly string[];
  readonly graph: () => ImportGraph;
  /** True for a progressive run: then there may be nothing to look at, and nothing wrong with that. */
  readonly isProgressive: boolean;
}

export type PrepareResult =
  | { readonly ok: true; readonly prepared: PreparedRun }
  /** One sentence: what, where, what to do. The caller exits with 2. */
  | { readonly ok: false; readonly problem: string };

/** What was found out in an earlier run of the same process, and is looked at again before it is believed. */
export interface Known {
  readonly configs?: KnownConfigs;
  readonly sources?: KnownSources;
}

/** Everything before the first check: configuration, workspace, teams, plan. Starts no engine and writes nothing. */
export async function prepareRun(request: RunRequest, known: Known = {}): Promise<PrepareResult> {
  try {
    return await prepare(request, known);
  } catch (error) {
    if (error instanceof WorkspaceError) return { ok: false, problem: error.message };
    throw error;
  }
}

async function prepare(request: RunRequest, known: Known): Promise<PrepareResult> {
  const { cwd, environment } = request;
  const root = await findRoot(cwd, environment);
  const loaded = await loadConfig({ root: root.root, explicit: request.config, cwd, ...(known.configs === undefined ? {} : { known: known.configs }) });
  if (!loaded.ok) return loaded;
  const configured = resolveSettings(loaded.config, request.preset ?? undefined);
  const settings: Settings = { ...configured, base: request.base ?? configured.base };
  const relay = request.relay ?? settings.relay;
  const workspace = withCommitted(await discoverWorkspace({ cwd, root, base: settings.base, exclude: settings.exclude, relay, environment }), request.committed ?? []);
  if (workspace.files.length === 0) return { ok: false, problem: `${workspace.root}: there are no files to check; add some, or give another folder` };
  let graph: ImportGraph | undefined;
  const once = (): ImportGraph => (graph ??= buildImportGraph(workspace, known.sources));
  const { scope: asked = null } = request;
  // Of files that lie elsewhere nothing would be left, and nothing is no pass.
  if (asked?.kind === 'files' && request.paths.length > 0) return { ok: false, problem: `--files names the files already, and ${request.paths.join(' ')} stands beside it; name all of them behind --files, or none` };
  const scope = asked === null ? EVERYTHING : await resolveScope({ workspace, scope: asked, cwd, base: settings.base, configFile: loaded.file, named: namedConfigs(settings), graph: once, environment });
  if (!scope.ok) return scope;
  const resolved = resolveTeams({
    workspace, commandLine: request.teams, config: settings.teams, assigned: request.assigned ?? null, unowned: request.unowned ?? null, relay, paths: request.paths, only: request.only ?? null, within: scope.files, cwd,
  });
  if (!resolved.ok) return resolved;
  if (asked === null && request.assigned === undefined && resolved.teams.every((team) => team.files.length === 0 && (team.removed ?? []).length === 0)) return { ok: false, problem: nothingToJudge(request) };

  const gates = request.gates ?? (asked === null ? GATE_IDS : FAST_GATES);
  const plan = await buildPlan({ workspace, teams: resolved.teams, settings, gates, registry: GATES, graph: once, ...(scope.emptyReason === null ? {} : { emptyReason: scope.emptyReason }) });
  const notes = [...scope.notes, ...resolved.notes, ...sourceNote(resolved.source, resolved.teams), ...workspace.faults.map((fault) => `${fault.file}: ${fault.message}`), ...otherConfigsNote(workspace)];
  return {
    ok: true,
    prepared: { workspace, settings, configFile: loaded.file, teams: resolved.teams, teamSource: resolved.source, plan, environment, notes, graph: once, isProgressive: asked !== null },
  };
}

const EVERYTHING = { ok: true, files: null, emptyReason: null, notes: [] } as const;

function namedConfigs({ gates: { lint_enforcement: { configFile }, type_verification: { projects = [] } } }: Settings): string[] {
  return configFile === undefined ? [...projects] : [...projects, configFile];
}

function withCommitted(workspace: Workspace, committed: readonly string[]): Workspace {
  const there = new Set(workspace.files);
  const joined = (some: readonly string[], more: readonly string[]): string[] => [...new Set([...some, ...more])].sort(compareText);
  return {
    ...workspace,
    changed: workspace.changed === null ? null : joined(workspace.changed, committed.filter((file) => there.has(file))),
    removed: joined(workspace.removed, committed.filter((file) => !there.has(file))),
  };
}

function nothingToJudge({ paths, only }: RunRequest): string {
  const where = paths.length === 0 ? 'here' : `below ${paths.join(', ')}`;
  return only === undefined || only === null ? `no team has a file ${where}; give other paths` : `no file of ${only.join(', ')} is ${where}; give other paths or teams`;
}

function otherConfigsNote({ otherTypeScriptConfigs: others }: Workspace): string[] {
  if (others.length === 0) return [];
  const shown = others.slice(0, NAMED_MAX).join(', ');
  const more = others.length > NAMED_MAX ? ` and ${String(others.length - NAMED_MAX)} more` : '';
  return [`type_verification leaves out what no script and no reference names in fixtures, templates, examples and packages outside the workspace: ${shown}${more}`];
}

function sourceNote(source: TeamSource, teams: readonly Team[]): string[] {
  if (source === 'command line' || source === 'none') return [];
  const names = teams.map((team) => team.name).filter((name) => name !== WORKSPACE_TEAM);
  return [`teams from ${source === 'config' ? 'the configuration' : source}: ${names.join(', ')}`];
}
