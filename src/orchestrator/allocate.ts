import type { Coordination, TaskRow } from '../model/documents.ts';
import type { Task } from '../model/task.ts';
import { taskWeight } from './complexity.ts';
import { conflictBetween } from './conflicts.ts';
import { activeTasks, allTasks, idleTeams, taskRow } from './relay-state.ts';
import { isSharedResource } from './shared-resources.ts';
import { folderOf } from './task-files.ts';

/**
 * Which team is to have which tasks, if all goes evenly: related ones (the same files or folder, or one depending on the
 * other) go together, and no team gets much more than its share. The first team has the first task. Only a preference: a
 * team that would be idle takes any task.
 */
export function preferTeams(tasks: readonly Task[], teams: readonly string[]): ReadonlyMap<string, string> {
  const weights = new Map(tasks.map((task) => [task, taskWeight(task)]));
  const weightOf = (group: readonly Task[]): number => sum(group.map((task) => weights.get(task) ?? 0));
  const shares = teams.map((): { weight: number; tasks: Task[] } => ({ weight: 0, tasks: [] }));
  const even = weightOf(tasks) / teams.length;
  const groups = relatedGroups(tasks).map((group) => ({ group, weight: weightOf(group) })).sort((a, b) => b.weight - a.weight);
  for (const part of groups.flatMap(({ group, weight }) => (weight <= even ? [group] : group.map((task) => [task])))) {
    const share = shares.reduce((least, other) => (other.weight < least.weight ? other : least));
    share.tasks.push(...part);
    share.weight += weightOf(part);
  }
  const positions = new Map(tasks.map((task, position) => [task, position]));
  const place = (share: { tasks: readonly Task[] }): number => Math.min(tasks.length, ...share.tasks.map((task) => positions.get(task) ?? 0));
  shares.sort((a, b) => place(a) - place(b));
  return new Map(shares.flatMap((share, index) => share.tasks.map((task) => [task.id, teams[index] ?? ''] as const)));
}

function relatedGroups(tasks: readonly Task[]): Task[][] {
  const folders = new Map(tasks.map((task) => [task, foldersOf(task)]));
  const areRelated = (a: Task, b: Task): boolean => {
    if (a.dependencies.includes(b.id) || b.dependencies.includes(a.id)) return true;
    return (folders.get(b) ?? []).some((folder) => folders.get(a)?.includes(folder)) || conflictBetween(a.files, b.files) !== null;
  };
  let groups: Task[][] = [];
  for (const task of tasks) {
    const related = groups.filter((group) => group.some((other) => areRelated(task, other)));
    groups = [...groups.filter((group) => !related.includes(group)), [...related.flat(), task]];
  }
  return groups;
}

/** The root is everybody's, and a shared resource says nothing about what belongs together. */
function foldersOf({ files }: Task): string[] {
  return files.filter((file) => !isSharedResource(file)).map(folderOf).filter((folder) => folder !== '');
}

/**
 * Ids of the queued tasks, first one next: those whose team was lost, then higher priority, then the longer chain of tasks
 * that depend on it, then the order in which they were given.
 */
export function orderQueue(coordination: Coordination): string[] {
  return ranked(coordination).map(({ id }) => id);
}

interface Ranked {
  readonly id: string;
  readonly row: TaskRow;
  readonly chain: number;
}

function ranked(coordination: Coordination): Ranked[] {
  const chain = chainLengths(coordination);
  return allTasks(coordination)
    .filter(([, row]) => row.status === 'queued')
    .map(([id, row]) => ({ id, row, chain: chain.get(id) ?? 1 }))
    .sort((a, b) => compareRank(a, b) || a.row.position - b.row.position);
}

function compareRank(a: Ranked, b: Ranked): number {
  return Number(b.row.predecessor !== null) - Number(a.row.predecessor !== null) || b.row.priority - a.row.priority || b.chain - a.chain;
}

/** For each task, how many tasks the longest chain has that begins with it and in which each depends on the one before. */
export function chainLengths(coordination: Coordination): ReadonlyMap<string, number> {
  const dependants = new Map<string, string[]>();
  for (const [id, row] of allTasks(coordination)) for (const dependency of row.dependencies) dependants.set(dependency, [...(dependants.get(dependency) ?? []), id]);
  const lengths = new Map<string, number>();
  const lengthOf = (id: string): number => {
    const known = lengths.get(id);
    if (known !== undefined) return known;
    // Stands while the dependants are looked at: a cycle that somebody wrote into the file by hand ends here.
    lengths.set(id, 1);
    const length = 1 + Math.max(0, ...(dependants.get(id) ?? []).map(lengthOf));
    lengths.set(id, length);
    return length;
  };
  for (const [id] of allTasks(coordination)) lengthOf(id);
  return lengths;
}

/** Why a queued task cannot be given to a team now, however many are free; null when it can. */
export function obstacleTo(coordination: Coordination, row: TaskRow): string | null {
  for (const dependency of row.dependencies) {
    const status = taskRow(coordination, dependency)?.status ?? 'completed';
    if (status !== 'completed') return `waits for ${dependency}, on which it depends`;
  }
  for (const [id, other] of activeTasks(coordination)) {
    const conflict = conflictBetween(row.files, other.files);
    if (conflict !== null) return `waits for ${id}, which changes the same files (${conflict.a}${conflict.a === conflict.b ? '' : `, ${conflict.b}`})`;
  }
  if (coordination.execution === 'sequential' && activeTasks(coordination).length > 0) return 'waits until the team at work has ended: one team at a time after repeated failures';
  return null;
}

/**
 * The next task to give to a team, and which: null when no team is free or nothing can start. Among tasks of one rank, one
 * whose preferred team is free comes first; a task whose team was lost goes to another, if there is one.
 */
export function nextAssignment(coordination: Coordination): { readonly task: string; readonly team: string } | null {
  const idle = idleTeams(coordination);
  if (idle.length === 0) return null;
  const startable = ranked(coordination).filter(({ row }) => obstacleTo(coordination, row) === null);
  const [first] = startable;
  if (first === undefined) return null;
  const equals = startable.filter((other) => compareRank(first, other) === 0);
  for (const team of idle) {
    const match = equals.find(({ row }) => row.predecessor === null && row.preferred_team === team);
    if (match !== undefined) return { task: match.id, team };
  }
  const backups = idle.filter((team) => team !== first.row.predecessor?.team_id);
  const [team] = (backups.length > 0 ? backups : idle).sort((a, b) => doneBy(coordination, a) - doneBy(coordination, b));
  return team === undefined ? null : { task: first.id, team };
}

/** What a team had to do so far, so that work is spread evenly. */
function doneBy(coordination: Coordination, team: string): number {
  return sum(allTasks(coordination).filter(([, row]) => row.team === team).map(([, row]) => taskWeight(row)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
