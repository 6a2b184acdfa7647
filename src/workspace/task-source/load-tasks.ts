import { readdirSync } from 'node:fs';
import path from 'node:path';
import { compareText } from '../../model/finding.ts';
import { LIMITS } from '../../model/limits.ts';
import { relayFolder } from '../../model/relay-files.ts';
import type { Task } from '../../model/task.ts';
import { isMissing, readTextIfThere, statIfThere } from '../../system/read-text.ts';
import { checkTasks } from './check-tasks.ts';
import { parseJsonData, parseYamlData, readTaskData, type DataResult } from './task-data.ts';
import { readTaskList } from './task-list.ts';
import type { Problem, WrittenTasks } from './written-task.ts';

export interface LoadTasksOptions {
  /** Absolute; see `findRoot`. */
  readonly root: string;
  readonly mainRoot: string;
  /** Folder of the relay, relative to `mainRoot`. */
  readonly relay: string;
  /** The file, relative to `cwd`; null: wherever it is found. */
  readonly explicit: string | null;
  /** Absolute. */
  readonly cwd: string;
}

export interface TaskSource {
  /** How messages call it: relative to the root where it lies in it. */
  readonly file: string;
  /** In the order of the source. */
  readonly tasks: readonly Task[];
  /** Ids of those that are ticked off. */
  readonly done: ReadonlySet<string>;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

export type TasksResult =
  | { readonly ok: true; readonly source: TaskSource }
  /** One sentence each: the file, the line, what, what to do. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** More of them at once are read by nobody; the rest is counted. */
const PROBLEMS_SHOWN_MAX = 20;

/**
 * The tasks that teams can be given: from the file that was named, else from `tasks.json`, `.yaml`, `.yml` or `.md` in the relay's
 * folder, else from one in the root.
 */
export async function loadTasks(options: LoadTasksOptions): Promise<TasksResult> {
  const found = findSource(options);
  if (!found.ok) return found;
  const { file, shown } = found;
  const stat = await statIfThere(file);
  if (stat?.isFile() !== true) return { ok: false, problems: [`${shown}: ${stat === null ? 'there is no such file' : 'this is no file'}; give a file of tasks`] };
  if (stat.size > LIMITS.taskFileBytesMax) return { ok: false, problems: [`${shown} has ${String(stat.size)} bytes, more than the ${String(LIMITS.taskFileBytesMax)} of a task source; split it`] };
  const read = readers[path.extname(file).toLowerCase()];
  if (read === undefined) return { ok: false, problems: [`${shown}: tasks are read from .json, .yaml, .yml and .md; give one of these`] };
  const written = read(readTextIfThere(file) ?? '');
  const checked = checkTasks(written.tasks);
  const problems = [...written.problems, ...checked.problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (problems.length > 0) return { ok: false, problems: describe(shown, problems) };
  const done = new Set(written.tasks.filter(({ isDone }) => isDone).map(({ id }) => id));
  return { ok: true, source: { file: shown, tasks: checked.tasks, done, notes: written.notes.map((note) => `${shown}: ${note}`) } };
}

const readers: Readonly<Record<string, (text: string) => WrittenTasks>> = {
  '.json': (text) => readData(parseJsonData(text)),
  '.yaml': (text) => readData(parseYamlData(text)),
  '.yml': (text) => readData(parseYamlData(text)),
  '.md': readTaskList,
};

function readData(result: DataResult): WrittenTasks {
  return result.ok ? readTaskData(result.data) : { tasks: [], problems: [result.problem], notes: [] };
}

type Found = { readonly ok: true; readonly file: string; readonly shown: string } | { readonly ok: false; readonly problems: readonly string[] };

function findSource({ root, mainRoot, relay, explicit, cwd }: LoadTasksOptions): Found {
  if (explicit !== null) return { ok: true, file: path.resolve(cwd, explicit), shown: explicit };
  const folder = relayFolder(mainRoot, relay);
  for (const place of [folder, root]) {
    const [file, other] = namesIn(place).map((name) => path.join(place, name));
    if (file === undefined) continue;
    const shown = show(root, file);
    return other === undefined ? { ok: true, file, shown } : { ok: false, problems: [`${shown} and ${show(root, other)} both list tasks; keep one of them, or name one`] };
  }
  return { ok: false, problems: [`there is no list of tasks; write ${show(root, path.join(folder, 'tasks.yaml'))} or tasks.md in the root, or name a file`] };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^tasks\.(?:json|ya?ml|md)$/i.test(name)).sort(compareText);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function show(root: string, file: string): string {
  const relative = path.relative(root, file).split(path.sep).join('/');
  return relative.startsWith('../') ? file : relative;
}

function describe(shown: string, problems: readonly Problem[]): string[] {
  const sentences = problems.slice(0, PROBLEMS_SHOWN_MAX).map(({ line, what }) => `${shown}${line === null ? '' : `:${String(line)}`}: ${what}`);
  return problems.length > PROBLEMS_SHOWN_MAX ? [...sentences, `${shown}: ${String(problems.length - PROBLEMS_SHOWN_MAX)} more problems`] : sentences;
}
