import { LIMITS } from '../model/limits.ts';
import type { Refusal } from '../model/orchestrator-refusal.ts';
import type { Task } from '../model/task.ts';
import { refuse } from './decision.ts';
import { leadsOutside } from './task-files.ts';

export type Chosen = { readonly ok: true; readonly tasks: readonly Task[] } | { readonly ok: false; readonly refusal: Refusal };

/** The tasks of a session in the order of the ids, or why there can be none. `done`: ids that need not be part of it. */
export function chooseTasks(taskIds: readonly string[], source: readonly Task[], done: readonly string[]): Chosen {
  if (taskIds.length === 0) return refuse({ reason: 'no-tasks' });
  if (taskIds.length > LIMITS.sessionTasksMax) return refuse({ reason: 'too-many-tasks', tasks: taskIds.length });
  const repeated = taskIds.find((id, index) => taskIds.indexOf(id) !== index);
  if (repeated !== undefined) return refuse({ reason: 'task-repeated', task: repeated });
  const tasks: Task[] = [];
  for (const id of taskIds) {
    const task = source.find((one) => one.id === id);
    if (task === undefined) return refuse({ reason: 'task-unknown', task: id });
    tasks.push(task);
  }
  for (const task of tasks) {
    const refusal = faultOf(task, (dependency) => taskIds.includes(dependency) || done.includes(dependency));
    if (refusal !== null) return refuse(refusal);
  }
  const cycle = findCycle(tasks);
  return cycle === null ? { ok: true, tasks } : refuse({ reason: 'dependency-cycle', tasks: cycle });
}

function faultOf(task: Task, isKnown: (dependency: string) => boolean): Refusal | null {
  // Assigning to this key changes an object's prototype, and parsers drop it.
  if (task.id === '__proto__') return { reason: 'task-id-reserved', task: task.id };
  const outside = task.files.find(leadsOutside);
  if (outside !== undefined) return { reason: 'file-outside-root', task: task.id, file: outside };
  const missing = task.dependencies.find((dependency) => !isKnown(dependency));
  return missing === undefined ? null : { reason: 'dependency-missing', task: task.id, dependency: missing };
}

/** Ids of a cycle, each depending on the next; null when there is none. */
function findCycle(tasks: readonly Task[]): readonly string[] | null {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const cleared = new Set<string>();
  const visit = (id: string, trail: readonly string[]): readonly string[] | null => {
    if (cleared.has(id)) return null;
    if (trail.includes(id)) return trail.slice(trail.indexOf(id));
    for (const dependency of byId.get(id)?.dependencies ?? []) {
      const cycle = visit(dependency, [...trail, id]);
      if (cycle !== null) return cycle;
    }
    cleared.add(id);
    return null;
  };
  for (const { id } of tasks) {
    const cycle = visit(id, []);
    if (cycle !== null) return cycle;
  }
  return null;
}
