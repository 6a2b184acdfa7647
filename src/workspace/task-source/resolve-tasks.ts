import type { Task } from '../../model/task.ts';
import { suggestion } from '../../model/zod-issue.ts';
import type { TaskSource } from './load-tasks.ts';

export type ResolvedTasks =
  /** In the order in which they were asked for. `dependencies` holds only those among them: the others are completed. */
  | { readonly ok: true; readonly tasks: readonly Task[]; /** Sentences for people. */ readonly notes: readonly string[] }
  /** One sentence each: what, where, what to do. */
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The tasks with these ids. Refused when one is not there, or waits for one that is neither completed nor asked for: it would
 * wait for ever. One that is asked for twice is taken once, one that is completed not at all, and a note says so.
 */
export function resolveTasks(source: Pick<TaskSource, 'file' | 'tasks' | 'done'>, wantedIds: readonly string[], completed: ReadonlySet<string> = new Set()): ResolvedTasks {
  const byId = new Map(source.tasks.map((task) => [task.id, task]));
  const isCompleted = (id: string): boolean => source.done.has(id) || completed.has(id);
  const wanted = new Set(wantedIds);
  const notes = [...wanted].filter((id) => wantedIds.indexOf(id) !== wantedIds.lastIndexOf(id)).map((id) => `task "${id}" was given more than once; it is taken once`);
  const problems: string[] = [];
  const tasks: Task[] = [];
  for (const id of wanted) {
    const task = byId.get(id);
    const missing = task?.dependencies.filter((other) => !isCompleted(other) && !wanted.has(other)) ?? [];
    if (task === undefined) problems.push(`there is no task "${id}" in ${source.file}${suggestion(id, [...byId.keys()])}`);
    else if (isCompleted(id)) notes.push(`task "${id}" is completed already; it is left out`);
    else if (missing.length > 0) problems.push(`task "${id}" depends on ${missing.join(', ')}, not completed and not given; give ${missing.length === 1 ? 'it' : 'them'}, too`);
    else tasks.push({ ...task, dependencies: task.dependencies.filter((other) => !isCompleted(other)) });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, tasks, notes };
}
