import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { expectation, show, suggestion, valueAt } from '../../model/zod-issue.ts';
import { isRecord } from '../../system/is-record.ts';
import type { Problem, WrittenTask, WrittenTasks } from './written-task.ts';

/** Data from a text, and on which of its lines a part of it stands. */
export interface LocatedData {
  readonly value: unknown;
  readonly lineOf: (path: readonly PropertyKey[]) => number | null;
}

export type DataResult = { readonly ok: true; readonly data: LocatedData } | { readonly ok: false; readonly problem: Problem };

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => (typeof value === 'string' ? [value] : value));
const fields = {
  files: texts.optional(),
  globs: texts.optional(),
  dependencies: texts.optional(),
  after: texts.optional(),
  priority: z.number().optional(),
};
const defaultsSchema = z.looseObject(fields);
const taskSchema = z.looseObject({ id: z.string(), description: z.string().optional(), ...fields, done: z.boolean().optional(), status: z.string().optional() });

type Fields = z.output<typeof defaultsSchema>;

const TASK_KEYS = Object.keys(taskSchema.shape);
const DONE_STATUSES = new Set(['done', 'completed']);

export function parseJsonData(text: string): DataResult {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const [error] = errors;
  if (tree === undefined || error !== undefined) return { ok: false, problem: { line: lineAt(error?.offset ?? 0), what: `is not valid JSON (${error === undefined ? 'it is empty' : printParseErrorCode(error.error)}); correct it` } };
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    const node = findNodeAtLocation(tree, path.map((key) => (typeof key === 'number' ? key : String(key))));
    return node === undefined ? null : lineAt(node.offset);
  };
  return { ok: true, data: { value: getNodeValue(tree) as unknown, lineOf } };
}

/** `firstLine` is the line of the file on which the text begins. */
export function parseYamlData(text: string, firstLine = 1): DataResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line + firstLine - 1;
  const [error] = document.errors;
  if (error !== undefined) return { ok: false, problem: { line: lineAt(error.pos[0]), what: `is not valid YAML (${error.message}); correct it` } };
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    const node: unknown = document.getIn(path, true);
    const range = isRecord(node) ? node.range : undefined;
    return Array.isArray(range) && typeof range[0] === 'number' ? lineAt(range[0]) : null;
  };
  // Aliases that grow without bound are refused by the library.
  return { ok: true, data: { value: document.toJS() as unknown, lineOf } };
}

/**
 * The tasks of a JSON or YAML file, or of a front matter: a list of them, or an object with `tasks`. Beside `tasks`, the keys
 * `files`, `dependencies` and `priority` hold for every task that does not say otherwise. What the keys are:
 *
 *     - id: TASK-API-01              any text without blanks
 *       description: Log in by token
 *       files: [src/api/**]          or `globs`; one, or a list
 *       dependencies: [T1.1]         or `after`
 *       priority: 2                  higher is sooner
 *       done: true                   or `status: done`
 *
 * Other keys are the project's own, unless they look like one of these mistyped.
 */
export function readTaskData({ value, lineOf }: LocatedData): WrittenTasks {
  const list = Array.isArray(value) ? value as readonly unknown[] : isRecord(value) ? value.tasks : undefined;
  if (!Array.isArray(list)) return { tasks: [], problems: [{ line: null, what: `holds no tasks; expected a list, or an object with the key "tasks", found ${show(value)}` }], notes: [] };
  const prefix: PropertyKey[] = Array.isArray(value) ? [] : ['tasks'];
  const problems: Problem[] = [];
  const defaults = Array.isArray(value) ? {} : check(defaultsSchema, value, { at: [], lineOf, problems }) ?? {};
  const tasks: WrittenTask[] = [];
  list.forEach((raw: unknown, index) => {
    const at = [...prefix, index];
    const parsed = check(taskSchema, raw, { at, lineOf, problems });
    if (parsed === null) return;
    problems.push(...slips(parsed, TASK_KEYS).map((what) => ({ line: lineOf(at), what: `task "${parsed.id}": ${what}` })));
    // A description of the wrong type has been told of, and is not missing.
    const description = isRecord(raw) && raw.description !== undefined ? show(raw.description) : null;
    tasks.push({
      line: lineOf(at), id: parsed.id, description: parsed.description ?? description, ...pick(parsed, defaults),
      isDone: parsed.done === true || DONE_STATUSES.has(parsed.status ?? ''),
    });
  });
  return { tasks, problems, notes: [] };
}

/** What holds for every task of a file, with the names of `WrittenTask`. */
export function readDefaults(data: LocatedData, problems: Problem[]): Pick<WrittenTask, 'files' | 'dependencies' | 'priority'> {
  return pick(check(defaultsSchema, data.value, { at: [], lineOf: data.lineOf, problems }) ?? {}, {});
}

function pick(own: Fields, defaults: Fields): Pick<WrittenTask, 'files' | 'dependencies' | 'priority'> {
  return {
    files: own.files ?? own.globs ?? defaults.files ?? defaults.globs ?? null,
    dependencies: own.dependencies ?? own.after ?? defaults.dependencies ?? defaults.after ?? null,
    priority: own.priority ?? defaults.priority ?? null,
  };
}

/** What can be used of the value: keys with faults are told of and left out, so that they hide no other fault. Null when nothing can. */
function check<T>(schema: z.ZodType<T>, value: unknown, { at, lineOf, problems }: { at: readonly PropertyKey[]; lineOf: LocatedData['lineOf']; problems: Problem[] }): T | null {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const found = valueAt(value, issue.path);
    // YAML reads 1.10 as a number, and has lost the 0 by then.
    const hint = typeof found === 'number' && issue.path.at(-1) === 'id' ? '; put it in quotes' : '';
    problems.push({ line: lineOf([...at, ...issue.path]) ?? lineOf(at), what: `${nameOf(value, at, issue.path)} is ${show(found)}; expected ${expectation(issue)}${hint}` });
  }
  if (!isRecord(value)) return null;
  const faulty = result.error.issues.map(({ path }) => path[0]);
  const usable = schema.safeParse(Object.fromEntries(Object.entries(value).filter(([key]) => !faulty.includes(key))));
  return usable.success ? usable.data : null;
}

/** A task by its id where it has one, else by its place. */
function nameOf(value: unknown, at: readonly PropertyKey[], below: readonly PropertyKey[]): string {
  const key = below.map(String).join('.');
  if (at.length > 0 && isRecord(value) && typeof value.id === 'string') return `task "${value.id}": ${key}`;
  const name = [...at.map(String), ...(key === '' ? [] : [key])].join('.');
  return name === '' ? 'the whole' : name;
}

/** Keys that nobody meant as their own. */
function slips(record: Readonly<Record<string, unknown>>, known: readonly string[]): string[] {
  return Object.keys(record).filter((key) => !known.includes(key)).flatMap((key) => {
    const hint = key.length < 4 ? '' : suggestion(key, known);
    return hint === '' ? [] : [`"${key}" is no key of a task${hint}`];
  });
}
