import type { Task } from '../../model/task.ts';
import { suggestion } from '../../model/zod-issue.ts';
import type { TaskSource } from './load-tasks.ts';

export type ResolvedTasks =
  /** In the order in which they were asked for. `dependencies` holds only those among them: the others are completed. */
  | { readonly ok: true; readonly tasks: readonly Task[]; /** Sentences for people. */ readonly notes: readonly string[] }
  /** One sentence each: what, where, what to do. */
  | { readonly ok: false; readonly problems: readonly string[] };

export interface Resolving {
  /** What is known to be completed besides what the source says. */
  readonly completed?: ReadonlySet<string>;
  /** Take the wanted ones also when they are completed. */
  readonly again?: boolean;
}

/**
 * The tasks with these ids. Refused when one is not there, or waits for one that is neither completed nor asked for: it would
 * wait for ever; and when nothing is left to be done. One that is asked for twice is taken once, one that is completed only
 * `again`; a note says so.
 */
export function resolveTasks(source: Pick<TaskSource, 'file' | 'tasks' | 'done'>, wantedIds: readonly string[], { completed = new Set(), again = false }: Resolving = {}): ResolvedTasks {
  const byId = new Map(source.tasks.map((task) => [task.id, task]));
  const isCompleted = (id: string): boolean => source.done.has(id) || completed.has(id);
  const wanted = [...new Set(wantedIds)];
  const taken = new Set(wanted.filter((id) => again || !isCompleted(id)));
  const problems: string[] = [];
  const tasks: Task[] = [];
  for (const id of wanted) {
    const task = byId.get(id);
    const missing = task?.dependencies.filter((other) => !isCompleted(other) && !taken.has(other)) ?? [];
    if (task === undefined) problems.push(`there is no task "${id}" in ${source.file}${suggestion(id, [...byId.keys()])}`);
    else if (missing.length > 0 && taken.has(id)) problems.push(`task "${id}" depends on ${missing.join(', ')}, not completed and not given; give ${missing.length === 1 ? 'it' : 'them'}, too`);
    else if (taken.has(id)) tasks.push({ ...task, dependencies: task.dependencies.filter((other) => taken.has(other)) });
  }
  if (problems.length > 0) return { ok: false, problems };
  const left = wanted.filter((id) => !taken.has(id));
  if (tasks.length === 0 && left.length > 0) return { ok: false, problems: [`${left.length === 1 ? `task "${left.join('')}" is` : `the tasks ${left.join(', ')} are`} completed already; give --again to have ${left.length === 1 ? 'it' : 'them'} done once more`] };
  const notes = [
    ...wanted.filter((id) => wantedIds.indexOf(id) !== wantedIds.lastIndexOf(id)).map((id) => `task "${id}" was given more than once; it is taken once`),
    ...left.map((id) => `task "${id}" is completed already; it is left out, unless you give --again`),
  ];
  return { ok: true, tasks, notes };
}
