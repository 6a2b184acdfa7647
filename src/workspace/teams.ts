import { LIMITS } from '../model/limits.ts';
import { RELAY_FOLDER } from '../model/relay-files.ts';
import { WORKSPACE_TEAM, type Team, type TeamSource } from '../model/team.ts';
import type { Workspace } from '../model/workspace.ts';
import { readCodeOwners } from './codeowners.ts';
import { readRelayTeams } from './relay-teams.ts';
import { createGlobMatcher, filesAtPaths } from './team-globs.ts';

export type TeamGlobs = Readonly<Record<string, readonly string[]>>;

export interface ResolveTeamsOptions {
  readonly workspace: Pick<Workspace, 'root' | 'mainRoot' | 'files' | 'removed'> & Partial<Pick<Workspace, 'changed'>>;
  /** Teams and their globs from `--team`, or null when none was given. */
  readonly commandLine: TeamGlobs | null;
  /** The same from the configuration file. */
  readonly config: TeamGlobs | null;
  /** Who is at work on what by the orchestrator's word, which goes before all others; the relay's own files when absent. */
  readonly assigned?: TeamGlobs | null;
  /** Judge as the workspace's what changed and no team owns, but for what these globs match; not judged when absent. */
  readonly unowned?: { readonly except: readonly string[] } | null;
  /** Folder of the relay, relative to the main worktree's root; the default one when not given. */
  readonly relay?: string;
  /** Restricts every team to what lies at or below these, relative to `cwd`; none is no restriction. */
  readonly paths: readonly string[];
  /** Restricts every team to these files besides, those that are gone among them; null or absent is no restriction. */
  readonly within?: ReadonlySet<string> | null;
  /** Judge only these teams; the others own what they own. */
  readonly only?: readonly string[] | null;
  /** Absolute. */
  readonly cwd: string;
}

export type TeamsResult =
  | { readonly ok: true; readonly teams: readonly Team[]; readonly source: TeamSource; /** Sentences for people. */ readonly notes: readonly string[] }
  /** One sentence: what, where, what to do. */
  | { readonly ok: false; readonly problem: string };

/**
 * Who owns which file, from the first source that names a team: command line, configuration, relay, CODEOWNERS. None: the
 * team `workspace` owns everything. No file has two owners; a team may end up with no file.
 */
export function resolveTeams(options: ResolveTeamsOptions): TeamsResult {
  const { workspace, paths, cwd, only = null, unowned = null, within = null } = options;
  const named = findTeams(options);
  if (!named.ok) return named;
  const found = unowned === null ? named : { ...named, teams: [...named.teams, ...unownedTeam(workspace, named.teams, unowned.except)] };
  // Documents and tables are keyed by teams, and this one would set an object's prototype instead.
  if (found.teams.some(({ name }) => name === '__proto__')) return { ok: false, problem: `"__proto__" cannot be the name of a team (${found.source}); choose another` };
  const stranger = only?.find((name) => !found.teams.some((team) => team.name === name));
  if (stranger !== undefined) return { ok: false, problem: `there is no team "${stranger}"; the teams are ${found.teams.map(({ name }) => name).join(', ')}` };
  if (paths.length === 0 && only === null && within === null) return found;
  const scope = paths.length === 0 ? null : filesAtPaths(workspace.root, [...workspace.files, ...workspace.removed], paths, cwd);
  if (scope?.ok === false) return scope;
  const isInside = (name: string, file: string): boolean => (name === WORKSPACE_TEAM || only?.includes(name) !== false) && scope?.files.has(file) !== false && within?.has(file) !== false;
  const restrict = ({ files, removed = [], ...team }: Team): Team => ({
    ...team,
    files: files.filter((file) => isInside(team.name, file)),
    removed: removed.filter((file) => isInside(team.name, file)),
    outside: [...files, ...removed].filter((file) => !isInside(team.name, file)),
  });
  return { ...found, teams: found.teams.map(restrict) };
}

function findTeams({ workspace, commandLine, config, assigned = null, relay: folder = RELAY_FOLDER }: ResolveTeamsOptions): TeamsResult {
  if (hasTeams(assigned)) return fromGlobs(workspace, assigned, 'relay', []);
  if (hasTeams(commandLine)) return fromGlobs(workspace, commandLine, 'command line', []);
  if (hasTeams(config)) return fromGlobs(workspace, config, 'config', []);
  const relay = readRelayTeams(workspace.mainRoot, folder);
  if (!relay.ok) return relay;
  if (hasTeams(relay.globs)) return fromGlobs(workspace, relay.globs, 'relay', relay.notes);
  const owners = readCodeOwners(workspace.root, workspace.files, workspace.removed);
  const notes = [...relay.notes, ...(owners?.notes ?? [])];
  if (owners !== null && owners.teams.length > LIMITS.teamsMax) {
    notes.push(`${owners.file} names ${String(owners.teams.length)} owners, more than the ${String(LIMITS.teamsMax)} teams of a run; it is not used, name teams in the configuration`);
  } else if (owners !== null && owners.teams.some(({ name }) => name === WORKSPACE_TEAM)) {
    return { ok: false, problem: `${owners.file} names the owner "${WORKSPACE_TEAM}", a reserved team name; give the teams in the configuration` };
  } else if (owners !== null && owners.teams.length > 0) return { ok: true, teams: owners.teams, source: 'CODEOWNERS', notes };
  return { ok: true, teams: [{ name: WORKSPACE_TEAM, files: workspace.files, removed: workspace.removed }], source: 'none', notes };
}

/** What changed outside every team's files is somebody's doing all the same, and nobody's to answer for alone. */
function unownedTeam({ root, files, changed, removed }: ResolveTeamsOptions['workspace'], teams: readonly Team[], except: readonly string[]): Team[] {
  const owned = new Set(teams.flatMap((team) => [...team.files, ...(team.removed ?? [])]));
  const excepted = createGlobMatcher(root, files, removed).match(except);
  const left = new Set(excepted.ok ? [...excepted.files, ...excepted.removed] : []);
  const isUnowned = (file: string): boolean => !owned.has(file) && !left.has(file);
  const team = { name: WORKSPACE_TEAM, files: (changed ?? []).filter(isUnowned), removed: removed.filter(isUnowned) };
  return team.files.length + team.removed.length === 0 ? [] : [team];
}

function hasTeams(globs: TeamGlobs | null): globs is TeamGlobs {
  return globs !== null && Object.keys(globs).length > 0;
}

/** Agents are given files that they have yet to write, so in the relay a path without a file is nothing unusual. */
function fromGlobs(workspace: ResolveTeamsOptions['workspace'], globs: TeamGlobs, source: TeamSource, earlier: readonly string[]): TeamsResult {
  const names = Object.keys(globs);
  if (names.length > LIMITS.teamsMax) return { ok: false, problem: `${String(names.length)} teams are more than the ${String(LIMITS.teamsMax)} of a run (${source}); give fewer` };
  const notes = [...earlier];
  const teams: Team[] = [];
  const matcher = createGlobMatcher(workspace.root, workspace.files, workspace.removed);
  for (const name of names) {
    if (name === WORKSPACE_TEAM) return { ok: false, problem: `the team name "${name}" is reserved for what no team owns (${source}); choose another` };
    const result = matcher.match(globs[name] ?? []);
    if (!result.ok) return { ok: false, problem: `team "${name}": ${result.problem}` };
    const [unmatched] = result.unmatched;
    if (unmatched !== undefined && source !== 'relay') return { ok: false, problem: `team "${name}": "${unmatched}" matches no file of ${workspace.root}; correct the glob` };
    if (unmatched !== undefined) notes.push(`team "${name}": ${String(result.unmatched.length)} of its assigned files not there yet: ${result.unmatched.join(', ')}`);
    teams.push({ name, files: result.files, removed: result.removed, ...(result.unmatched.length > 0 ? { missing: result.unmatched } : {}) });
  }
  if (source === 'relay') return { ok: true, source, ...withoutShared(teams, notes) };
  const overlap = describeOverlap(teams);
  return overlap === null ? { ok: true, teams: teams.map((team) => ({ ...team, removed: unshared(team, teams) })), source, notes } : { ok: false, problem: overlap };
}

/** Tasks may share a file such as package.json, which their teams lease from each other: it is no team's own. */
function withoutShared(teams: readonly Team[], notes: readonly string[]): { teams: Team[]; notes: string[] } {
  const owners = new Map<string, string[]>();
  for (const { name, files } of teams) for (const file of files) owners.set(file, [...(owners.get(file) ?? []), name]);
  const shared = [...owners].filter(([, names]) => names.length > 1);
  return {
    teams: teams.map((team) => ({ ...team, files: team.files.filter((file) => owners.get(file)?.length === 1), removed: unshared(team, teams) })),
    notes: [...notes, ...shared.map(([file, names]) => `${file} is assigned to ${names.join(' and ')}, so no team owns it`)],
  };
}

/** Nobody corrects a glob for the sake of a file that is gone: one that several teams could have owned was no team's. */
function unshared({ name, removed = [] }: Team, teams: readonly Team[]): string[] {
  return removed.filter((file) => !teams.some((other) => other.name !== name && other.removed?.includes(file) === true));
}

function describeOverlap(teams: readonly Team[]): string | null {
  const owners = new Map<string, string>();
  for (const { name, files } of teams) {
    const shared = files.filter((file) => owners.has(file));
    const [first] = shared;
    const other = first === undefined ? undefined : owners.get(first);
    if (first !== undefined && other !== undefined) {
      const more = shared.filter((file) => owners.get(file) === other).length - 1;
      const rest = more === 0 ? '' : ` and ${String(more)} more ${more === 1 ? 'file' : 'files'}`;
      return `teams "${other}" and "${name}" both own ${first}${rest}; a file has one owner, so narrow the globs of one of them`;
    }
    for (const file of files) owners.set(file, name);
  }
  return null;
}
