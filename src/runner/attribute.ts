import type { Finding } from '../model/finding.ts';
import type { GateId } from '../model/gate.ts';
import type { ImportGraph } from '../model/import-graph.ts';
import { WORKSPACE_TEAM, type Team } from '../model/team.ts';
import type { Blocker } from '../model/verdict.ts';

/** Gates whose findings can be caused from another file, through imports. */
const CAUSED_THROUGH_IMPORTS: ReadonlySet<GateId> = new Set<GateId>(['type_verification', 'test_coverage', 'integration_test']);

export interface Ownership {
  readonly teams: readonly Team[];
  /** Files that differ from the base commit, those that are gone among them; null outside git, where nothing is known to have changed. */
  readonly changed: readonly string[] | null;
  readonly graph: () => ImportGraph;
}

export interface Attribution {
  /** A team's name, or `workspace` when the cause can't be told: that blocks everyone. */
  readonly team: string;
  /** What other teams are told: a problem that shows in one team's file and that another's change causes, or may. */
  readonly blockers: readonly Blocker[];
  /** True when it stands outside the paths that the run was restricted to, and is not about what lies inside. */
  readonly outside: boolean;
}

/** Says which team a finding belongs to. `concerned` are the teams of the check that found it. */
export type Attribute = (finding: Finding, concerned: readonly string[]) => Attribution;

/**
 * The rules, in order: the owner of the file; but where the file itself is unchanged and what changed in its import closure
 * belongs to one other team, that team, and both are told. A team that changed part of the closure itself keeps the finding,
 * since it can act on it, and the others are told. In a file that nobody owns: the one team whose change it reaches,
 * or else the one team whose code it reaches. Otherwise the workspace.
 *
 * In a run restricted to paths the same holds. A finding elsewhere counts only where what lies inside causes it: a changed file of
 * the team that it is laid to; without teams, where nobody else could be told, any file that it imports. And where it cannot
 * be told what a file loads, it may be caused from inside.
 */
export function makeAttribute(ownership: Ownership): Attribute {
  const ownerOf = new Map(ownership.teams.flatMap((team) => [...team.files, ...(team.removed ?? []), ...(team.outside ?? [])].map((file) => [file, team.name] as const)));
  const inside = new Set(ownership.teams.flatMap((team) => [...team.files, ...(team.removed ?? [])]));
  const changed = new Set(ownership.changed ?? []);
  const only = ownership.teams.length === 1 ? ownership.teams[0] : undefined;
  const onlyIsWorkspace = only?.name === WORKSPACE_TEAM;

  const isCause = (file: string, team: string): boolean => inside.has(file) && (onlyIsWorkspace || (changed.has(file) && (team === WORKSPACE_TEAM || ownerOf.get(file) === team)));
  const isOutside = ({ file, gate }: Finding, team: string): boolean => {
    if (file === null || !ownerOf.has(file) || inside.has(file)) return false;
    // What is wrong with a project as a whole keeps the compiler from looking at its files.
    if (gate === 'type_verification' && file.endsWith('.json')) return false;
    if (!CAUSED_THROUGH_IMPORTS.has(gate)) return true;
    const graph = ownership.graph();
    if (graph.starters.has(file)) return false;
    return ![...graph.closureOf(file)].some((one) => isCause(one, team) || graph.open.has(one));
  };

  return (finding, concerned) => {
    const to = (team: string | undefined = WORKSPACE_TEAM, blockers: readonly Blocker[] = []): Attribution => ({ team, blockers, outside: isOutside(finding, team) });
    if (onlyIsWorkspace) return to(WORKSPACE_TEAM);
    if (finding.file === null) return to(concerned.length === 1 ? concerned[0] : undefined);
    const owner = ownerOf.get(finding.file);
    if (!CAUSED_THROUGH_IMPORTS.has(finding.gate) || finding.kind !== undefined) return to(owner);

    const closure = ownership.graph().closureOf(finding.file);
    const changers = ownersOf([...closure].filter((file) => changed.has(file)), ownerOf);
    if (owner === undefined) return to(single(changers.size > 0 ? changers : ownersWithout(ownersOf(closure, ownerOf), undefined)));
    const others = [...changers].filter((one) => one !== undefined && one !== owner);
    const blockers = others.map((causedBy): Blocker => ({ causedBy: causedBy ?? WORKSPACE_TEAM, shownIn: owner, finding }));
    if (changers.size === 0 || changers.has(owner)) return to(owner, blockers);
    const cause = single(changers);
    return cause === undefined ? to(WORKSPACE_TEAM) : to(cause, blockers);
  };
}

/** Owners of these files; undefined stands for "nobody". */
function ownersOf(files: Iterable<string>, ownerOf: ReadonlyMap<string, string>): ReadonlySet<string | undefined> {
  return new Set([...files].map((file) => ownerOf.get(file)));
}

function ownersWithout(owners: ReadonlySet<string | undefined>, left: string | undefined): ReadonlySet<string | undefined> {
  return new Set([...owners].filter((owner) => owner !== left));
}

/** The one team there, or undefined when there is none, more than one, or nobody's file among them. */
function single(owners: ReadonlySet<string | undefined>): string | undefined {
  return owners.size === 1 ? [...owners][0] : undefined;
}
