import type { List, ListItem } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { suggestion } from '../../model/zod-issue.ts';
import { isRecord } from '../../system/is-record.ts';
import { parseYamlData, readDefaults, readTaskData, type LocatedData } from './task-data.ts';
import type { Problem, WrittenTask, WrittenTasks } from './written-task.ts';

/**
 * The tasks of a Markdown file. Each item of a checklist is one, with its id first, and what else is known of it in brackets at
 * the end or in items below it:
 *
 *     ---
 *     priority: 1                      (optional: holds for all tasks below)
 *     tasks: [{ id: T1.2, files: … }]  (optional: more about tasks of the list, or tasks besides)
 *     ---
 *     - [ ] TASK-API-01: Log in by token (files: src/api/**, test/api.test.ts; after: T1.1; priority: 2)
 *     - [x] **T1.1** - Agree on the token
 *     - [ ] `T1.2`: Show who is logged in
 *       - files: src/ui/**
 *       - [ ] a step, which is no task of its own
 *
 * Instead, a front matter with an `id` makes the whole file one task, and its checklist the steps.
 */
export function readTaskList(text: string): WrittenTasks {
  const { front, body, firstLine } = splitFrontMatter(text);
  const parsed = front === null ? null : parseYamlData(front, 2);
  if (parsed?.ok === false) return { tasks: [], problems: [{ ...parsed.problem, what: `its front matter ${parsed.problem.what}` }], notes: [] };
  const data = parsed?.data ?? null;
  const items = checklist(body);
  if (data !== null && isRecord(data.value) && data.value.id !== undefined) return readSingle(data, items);
  const problems: Problem[] = [];
  const notes: string[] = [];
  const defaults = data === null || data.value === null ? { files: null, dependencies: null, priority: null } : readDefaults(data, problems);
  const listed = items.flatMap((item): WrittenTask[] => {
    const task = readItem(item, { body, firstLine, problems, notes });
    return task === null ? [] : [task];
  });
  const described: WrittenTasks = data !== null && isRecord(data.value) && data.value.tasks !== undefined ? readTaskData(data) : { tasks: [], problems: [], notes: [] };
  // The defaults' faults have been told of by `readDefaults`.
  const fromFront = described.problems.filter(({ line, what }) => !problems.some((other) => other.line === line && other.what === what));
  const tasks = [...listed.map((task) => fill(fill(task, described.tasks.find(({ id }) => id === task.id)), defaults)), ...described.tasks.filter(({ id }, index) => !listed.some((task) => task.id === id) || described.tasks.findIndex((other) => other.id === id) !== index)];
  return { tasks, problems: [...problems, ...fromFront], notes };
}

function fill(task: WrittenTask, from: Partial<WrittenTask> | undefined): WrittenTask {
  return {
    ...task,
    description: task.description ?? from?.description ?? null,
    files: task.files ?? from?.files ?? null,
    dependencies: task.dependencies ?? from?.dependencies ?? null,
    priority: task.priority ?? from?.priority ?? null,
    isDone: task.isDone || from?.isDone === true,
  };
}

function readSingle(data: LocatedData, items: readonly ListItem[]): WrittenTasks {
  const { tasks, problems } = readTaskData({ value: [data.value], lineOf: (path) => data.lineOf(path.slice(1)) });
  const isDone = items.length > 0 && items.every(({ checked }) => checked === true);
  return { tasks: tasks.map((task) => ({ ...task, line: 2, isDone: task.isDone || isDone })), problems, notes: [] };
}

function splitFrontMatter(text: string): { front: string | null; body: string; firstLine: number } {
  const found = /^---[ \t]*\r?\n(?<front>[^]*?)^---[ \t]*(?:\r?\n|$)/m.exec(text);
  if (found?.index !== 0) return { front: null, body: text, firstLine: 1 };
  return { front: found.groups?.front ?? '', body: text.slice(found[0].length), firstLine: found[0].split('\n').length };
}

/** Items with a box that lie in no other item. */
function checklist(body: string): ListItem[] {
  const tree = fromMarkdown(body, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  return tree.children.filter((node): node is List => node.type === 'list').flatMap((list) => list.children).filter(isBox);
}

function isBox(item: ListItem): boolean {
  return typeof item.checked === 'boolean';
}

interface Reading {
  readonly body: string;
  readonly firstLine: number;
  readonly problems: Problem[];
  readonly notes: string[];
}

/** Marks around an id, and what may stand behind it, are taken off; the Markdown parser would take globs for emphasis. */
const ID = /^(?:\*\*|__|`)?(?<id>[^\s*`]+?)(?:\*\*|__|`)?(?::(?:\*\*|__)?\s|\s+[-–—]\s)(?<rest>[^]*)$/;
const ID_ONLY = /^(?:\*\*|__|`)?(?<id>[^\s*`:]+)(?:\*\*|__|`)?:?$/;
const FIELD = /^(?<key>[a-z_ ]+):/i;
const BRACKETS = /\s*\((?<fields>(?<key>[a-z_ ]+):[^]*)\)\s*$/i;

function readItem(item: ListItem, reading: Reading): WrittenTask | null {
  const { firstLine, problems, notes } = reading;
  const line = (item.position?.start.line ?? 1) + firstLine - 1;
  const text = ownText(item, reading);
  const { id, rest = '' } = (ID.exec(text) ?? ID_ONLY.exec(text))?.groups ?? {};
  if (id === undefined) {
    problems.push({ line, what: `"${shorten(text)}" has no id; write "- [ ] ID: what is to be done", or take the box away if it is no task` });
    return null;
  }
  const brackets = BRACKETS.exec(rest);
  const isFields = brackets !== null && isFieldName(brackets.groups?.key ?? '');
  const parts = isFields ? (brackets.groups?.fields ?? '').split(';') : [];
  for (const inner of innerItems(item)) {
    const detail = ownText(inner, reading);
    if (!isBox(inner) && isFieldName(FIELD.exec(detail)?.groups?.key ?? '')) parts.push(detail);
    else if (isBox(inner) && ID.test(detail)) notes.push(`line ${String(line)}: "${shorten(detail)}" is a step of ${id} and no task of its own; move it to the left if it is meant to be one`);
  }
  const fields = readFields(parts, { id, line, problems });
  const description = (isFields ? rest.slice(0, brackets.index) : rest).trim();
  const priority = fields.get('priority');
  return {
    line, id, description: description === '' ? null : description, isDone: item.checked === true,
    files: splitList(fields.get('files')), dependencies: splitList(fields.get('dependencies')), priority: priority === undefined ? null : Number(priority),
  };
}

function innerItems(item: ListItem): ListItem[] {
  return item.children.filter((child): child is List => child.type === 'list').flatMap((list) => list.children);
}

/** The first paragraph as it is written, on one line, without the box. */
function ownText(item: ListItem, { body }: Reading): string {
  const [first] = item.children;
  if (first?.type !== 'paragraph') return '';
  return body.slice(first.position?.start.offset ?? 0, first.position?.end.offset ?? 0).replace(/^\[[ xX]\]\s+/, '').replace(/\s*\r?\n\s*/g, ' ').trim();
}

type Field = 'files' | 'dependencies' | 'priority';

const FIELDS: Readonly<Record<string, Field>> = { 'files': 'files', 'globs': 'files', 'dependencies': 'dependencies', 'after': 'dependencies', 'depends on': 'dependencies', 'priority': 'priority' };

/** Also what looks like one mistyped: better to ask than to lose it in the description. */
function isFieldName(key: string): boolean {
  const word = key.trim().toLowerCase();
  return Object.hasOwn(FIELDS, word) || (word.length >= 4 && suggestion(word, Object.keys(FIELDS)) !== '');
}

function readFields(parts: readonly string[], { id, line, problems }: { id: string; line: number; problems: Problem[] }): ReadonlyMap<Field, string> {
  const found = new Map<Field, string>();
  const refuse = (what: string): void => { problems.push({ line, what: `task "${id}"${what}` }); };
  for (const part of parts) {
    const [word = '', ...rest] = part.split(':');
    const key = word.trim().toLowerCase();
    const value = rest.join(':').trim();
    const field = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
    if (field === undefined) refuse(`: "${key}" is no key of a task${suggestion(key, Object.keys(FIELDS))}`);
    else if (found.has(field)) refuse(` says ${field} twice; keep one`);
    else if (value === '') refuse(`: ${key} has no value; give one, or leave it out`);
    else if (field === 'priority' && !Number.isFinite(Number(value))) refuse(`: priority is "${value}"; expected a number`);
    else found.set(field, value);
  }
  return found;
}

/** At commas outside braces: `src/{a,b}.ts, test/**` are two. */
function splitList(value: string | undefined): string[] | null {
  if (value === undefined) return null;
  const parts = [''];
  let depth = 0;
  for (const character of value) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${character}`);
  }
  return parts.map((part) => part.trim().replace(/^`(.*)`$/, '$1')).filter((part) => part !== '');
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
