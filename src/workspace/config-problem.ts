import { z } from 'zod';
import { configSchema } from '../model/config.ts';
import { isRecord } from './package-json.ts';

/**
 * What is wrong with a configuration, one sentence an issue: the key's path, the value found, what was expected, and
 * the nearest valid word where it looks like a slip. `where` is the file (and the key in it).
 */
export function describeConfigProblem(where: string, value: unknown, issues: readonly z.core.$ZodIssue[]): string {
  return issues.flatMap((issue) => describeIssue(value, issue)).map((sentence) => `${where}: ${sentence}`).join('\n');
}

function describeIssue(value: unknown, issue: z.core.$ZodIssue): string[] {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${at === '' ? key : `${at}.${key}`} is not ${nounOf(issue.path)}${suggestion(key, keysAt(issue.path))}`);
  }
  if (issue.code === 'custom') return [`${at}: ${issue.message}`];
  if (issue.code === 'invalid_key') return [`${at}: ${issue.issues[0]?.message ?? issue.message}`];
  const found = valueAt(value, issue.path);
  const hint = issue.code === 'invalid_value' && typeof found === 'string' ? suggestion(found, issue.values.map(String)) : '';
  return [`${at === '' ? 'the configuration' : at} is ${show(found)}; expected ${expectation(issue)}${hint}`];
}

function nounOf(path: readonly PropertyKey[]): string {
  return path.length === 1 && path[0] === 'gates' ? 'a gate' : 'a setting';
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object', record: 'an object',
};

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_union') return [...new Set(issue.errors.flat().map(expectation))].join(' or ');
  if (issue.code === 'too_big') return `${issue.inclusive === false ? 'less than' : 'at most'} ${String(issue.maximum)}`;
  if (issue.code === 'too_small') {
    if (issue.origin === 'string') return 'a text that is not empty';
    if (issue.origin === 'array') return 'a list that is not empty';
    return `${issue.inclusive === false ? 'more than' : 'at least'} ${String(issue.minimum)}`;
  }
  return issue.message;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (Array.isArray(current)) current = (current as readonly unknown[])[Number(key)];
    else current = isRecord(current) ? current[String(key)] : undefined;
  }
  return current;
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'function') return 'a function';
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The keys that the schema has at a path, from its own JSON Schema. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  for (const key of path) {
    if (!isRecord(schema)) return [];
    schema = typeof key === 'number' ? schema.items : isRecord(schema.properties) ? schema.properties[String(key)] : schema.additionalProperties;
  }
  return isRecord(schema) && isRecord(schema.properties) ? Object.keys(schema.properties) : [];
}

function suggestion(word: string, candidates: readonly string[]): string {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === null ? '' : `; did you mean ${best}?`;
}

/** Levenshtein's: insertions, deletions and replacements of one character. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
