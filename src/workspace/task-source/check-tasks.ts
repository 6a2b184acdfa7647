import path from 'node:path';
import { LIMITS } from '../../model/limits.ts';
import type { Task } from '../../model/task.ts';
import { suggestion } from '../../model/zod-issue.ts';
import type { Problem, WrittenTask } from './written-task.ts';

export interface CheckedTasks {
  /** In the order of the source. */
  readonly tasks: readonly Task[];
  readonly problems: readonly Problem[];
}

const ID = /^[^\s,;()]+$/;
const ID_LENGTH_MAX = 100;

/** What the tasks must be to each other and to the tree: unique, connected without a circle, within the root. */
export function checkTasks(written: readonly WrittenTask[]): CheckedTasks {
  if (written.length > LIMITS.tasksMax) return { tasks: [], problems: [{ line: null, what: `holds ${String(written.length)} tasks, more than the ${String(LIMITS.tasksMax)} of a source; split it` }] };
  const problems: Problem[] = [];
  const byId = new Map<string, WrittenTask>();
  for (const task of written) {
    const first = byId.get(task.id);
    if (first === undefined) byId.set(task.id, task);
    else problems.push({ line: task.line, what: `task "${task.id}" is there twice${first.line === null ? '' : `, first on line ${String(first.line)}`}; give one of them another id` });
  }
  for (const task of byId.values()) problems.push(...checkTask(task, byId));
  problems.push(...findCycles(byId));
  const tasks = [...byId.values()].map(({ id, description, files, dependencies, priority }): Task => ({
    id, description: description ?? '', files: [...new Set((files ?? []).map(normalise))], dependencies: [...new Set(dependencies ?? [])], priority: priority ?? 0,
  }));
  return { tasks, problems };
}

function checkTask({ id, line, description, files, dependencies }: WrittenTask, byId: ReadonlyMap<string, WrittenTask>): Problem[] {
  const problem = (what: string): Problem => ({ line, what: `task "${id}"${what}` });
  return [
    ...(!ID.test(id) || id.length > ID_LENGTH_MAX ? [problem(` has no usable id; use at most ${String(ID_LENGTH_MAX)} characters without blanks, commas, semicolons and brackets`)] : []),
    ...((description ?? '').trim() === '' ? [problem(' has no description; say what is to be done')] : []),
    ...(files ?? []).flatMap((file) => fileProblems(file).map(problem)),
    ...(dependencies ?? []).filter((other) => !byId.has(other)).map((other) => problem(` depends on "${other}", which is not there${suggestion(other, [...byId.keys()])}`)),
  ];
}

function fileProblems(file: string): string[] {
  if (file.trim() === '') return [': a file is empty; give a path or glob, or leave it out'];
  const bare = file.replace(/^!/, '');
  if (path.posix.isAbsolute(bare) || path.win32.isAbsolute(bare)) return [`: "${file}" is absolute; write it relative to the root`];
  const normal = normalise(bare);
  return normal === '..' || normal.startsWith('../') ? [`: "${file}" is outside the root; give files inside it`] : [];
}

/** Posix, without `./`; a negation keeps its mark. */
function normalise(file: string): string {
  return file.startsWith('!') ? `!${path.posix.normalize(file.slice(1))}` : path.posix.normalize(file);
}

/** Each circle once, from where the source comes upon it first. Without recursion: a chain may be as long as a source. */
function findCycles(byId: ReadonlyMap<string, WrittenTask>): Problem[] {
  const problems: Problem[] = [];
  const finished = new Set<string>();
  for (const start of byId.keys()) {
    const way: { id: string; next: number }[] = finished.has(start) ? [] : [{ id: start, next: 0 }];
    const onWay = new Set(way.map(({ id }) => id));
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      const other = byId.get(step.id)?.dependencies?.[step.next++];
      if (other === undefined) {
        finished.add(step.id);
        onWay.delete(step.id);
        way.pop();
      } else if (onWay.has(other)) {
        const circle = [...way.slice(way.findIndex(({ id }) => id === other)).map(({ id }) => id), other];
        problems.push({ line: byId.get(other)?.line ?? null, what: `tasks wait for each other: ${circle.join(' -> ')}; remove one of these dependencies` });
      } else if (!finished.has(other)) {
        way.push({ id: other, next: 0 });
        onWay.add(other);
      }
    }
  }
  return problems;
}
