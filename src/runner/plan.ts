import { commandCheck } from '../../gates/engines/command.ts';
import type { Check, CheckInputs, CheckPart, CheckRequest } from '../model/check.ts';
import type { Settings } from '../model/config.ts';
import { compareText } from '../model/finding.ts';
import { GATE_IDS, type Gate, type GateId, type GatePlan, type PlanContext, type PlanNote } from '../model/gate.ts';
import type { ImportGraph } from '../model/import-graph.ts';
import { WORKSPACE_TEAM, type Team } from '../model/team.ts';
import type { Workspace } from '../model/workspace.ts';

/** One team × gate: the checks whose outcomes decide it, and what the gate said where it planned none. */
export interface Cell {
  readonly team: string;
  readonly gate: GateId;
  /** Ids of checks, in plan order. */
  readonly checks: readonly string[];
  readonly notes: readonly PlanNote[];
}

/** What will run, and for whom. Nothing has run yet. */
export interface Plan {
  readonly gates: readonly GateId[];
  readonly checks: readonly Check[];
  /** Every team × gate, teams outermost, both in their order. */
  readonly cells: readonly Cell[];
}

export interface PlanRequest {
  readonly workspace: Workspace;
  readonly teams: readonly Team[];
  readonly settings: Settings;
  readonly gates: readonly GateId[];
  readonly registry: { readonly [Id in GateId]: Gate<Id> };
  readonly graph: () => ImportGraph;
  /** Why a team may have no files, where that is nothing unusual. */
  readonly emptyReason?: string;
}

/**
 * Asks each gate for its checks, joins those that can share one run, and says which cell each serves. A check that the
 * same engine would repeat for another team or gate is planned once: this is where the time is saved.
 */
export async function buildPlan(request: PlanRequest): Promise<Plan> {
  const gates = GATE_IDS.filter((id) => request.gates.includes(id));
  const plans = new Map<GateId, GatePlan>();
  for (const id of gates) plans.set(id, await planGate(id, request));
  const checks = joinRequests([...plans.values()].flatMap((plan) => plan.checks));
  const cells = request.teams.flatMap((team) => gates.map((gate) => cellOf(team, gate, checks.filter((check) => concerns(check, gate, team, request.teams)), plans.get(gate)?.notes ?? [], request.emptyReason)));
  return { gates, checks, cells };
}

async function planGate(id: GateId, request: PlanRequest): Promise<GatePlan> {
  const settings = request.settings.gates[id];
  if (settings.level === 'off') return { checks: [], notes: [{ status: 'skipped', reason: 'switched off in the configuration' }] };
  const files = request.teams.flatMap((team) => team.files).sort(compareText);
  const context: PlanContext = {
    workspace: request.workspace,
    teams: request.teams,
    files,
    removed: request.teams.flatMap((team) => team.removed ?? []).sort(compareText),
    wholeWorkspace: files.length === request.workspace.files.length,
    base: request.settings.base,
    settings,
    graph: request.graph,
  };
  if (files.length === 0 && context.removed.length === 0) return { checks: [], notes: [{ status: 'skipped', reason: request.emptyReason ?? 'no files to check' }] };
  if (settings.command !== undefined) return { checks: [commandCheck(id, context, settings.command)], notes: [] };
  // The settings are those of this very id; the type system cannot follow an id through two tables at once.
  return (request.registry[id] as Gate).plan(context);
}

/** Requests of one name that may combine become one check; order is that of first appearance. */
function joinRequests(requests: readonly CheckRequest[]): Check[] {
  const groups = new Map<string, CheckRequest[]>();
  for (const request of requests) {
    const key = request.combine === true ? request.name : `${request.gate}:${request.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [request]);
    else if (request.combine === true) group.push(request);
    else throw new Error(`${request.gate} planned two checks named ${request.name}`);
  }
  return [...groups].map(([id, group]) => joinGroup(id, group));
}

function joinGroup(id: string, group: readonly CheckRequest[]): Check {
  const [first] = group;
  if (first === undefined) throw new Error('a group of check requests is never empty');
  const parts: CheckPart[] = group.map(({ gate, files, params }) => ({ gate, files, params }));
  const shared: Omit<CheckRequest, 'gate' | 'params' | 'combine'> = first;
  return {
    name: shared.name,
    engine: shared.engine,
    engineVersion: shared.engineVersion,
    engineOrigin: shared.engineOrigin,
    title: shared.title,
    workspaceWide: shared.workspaceWide,
    ...(shared.lane === undefined ? {} : { lane: shared.lane }),
    ...(shared.slotsMax === undefined ? {} : { slotsMax: shared.slotsMax }),
    ...(shared.foreseen === undefined ? {} : { foreseen: shared.foreseen }),
    id,
    gates: [first.gate, ...group.slice(1).map((request) => request.gate)],
    files: [...new Set(group.flatMap((request) => request.files))].sort(compareText),
    locks: [...new Set(group.flatMap((request) => request.locks ?? []))].sort(compareText),
    expectedMs: Math.max(...group.map((request) => request.expectedMs)),
    timeLimitMs: Math.max(...group.map((request) => request.timeLimitMs)),
    parts,
    inputs: widest(group.map((request) => request.inputs ?? 'workspace')),
    inputFiles: [...new Set(group.flatMap((request) => request.inputFiles ?? []))].sort(compareText),
  };
}

const INPUTS: readonly CheckInputs[] = ['files', 'packages', 'code', 'workspace', 'commit', 'never'];

/** A joined check depends on what any of its requests depends on. */
function widest(inputs: readonly CheckInputs[]): CheckInputs {
  return inputs.reduce((most, one) => (INPUTS.indexOf(one) > INPUTS.indexOf(most) ? one : most), 'files');
}

/** A check over files that no team owns (a project that only imports theirs, a built entry) is everyone's: its error must not get lost. */
function concerns(check: Check, gate: GateId, team: Team, teams: readonly Team[]): boolean {
  if (!check.gates.includes(gate)) return false;
  const files = new Set(check.parts.filter((part) => part.gate === gate).flatMap((part) => part.files));
  const owns = (one: Team): boolean => one.files.some((file) => files.has(file));
  // What changed beside all teams is the workspace's, and so everyone's, too.
  return check.workspaceWide || owns(team) || !teams.some((one) => one.name !== WORKSPACE_TEAM && owns(one));
}

function cellOf(team: Team, gate: GateId, checks: readonly Check[], notes: readonly PlanNote[], emptyReason = 'the team has no files here'): Cell {
  // Who has removed all that was theirs is judged by what still imports it.
  const isIdle = team.files.length === 0 && (team.removed ?? []).length === 0;
  return {
    team: team.name,
    gate,
    checks: isIdle ? [] : checks.map((check) => check.id),
    notes: isIdle ? [{ status: 'skipped', reason: emptyReason }] : notes.filter((note) => note.teams?.includes(team.name) ?? true),
  };
}
