import { z } from 'zod';
import { configSchema } from '../model/config.ts';
import { expectation, show, suggestion, valueAt } from '../model/zod-issue.ts';
import { isRecord } from '../system/is-record.ts';

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

/** The keys that the schema has at a path, from its own JSON Schema. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  for (const key of path) {
    if (!isRecord(schema)) return [];
    schema = typeof key === 'number' ? schema.items : isRecord(schema.properties) ? schema.properties[String(key)] : schema.additionalProperties;
  }
  return isRecord(schema) && isRecord(schema.properties) ? Object.keys(schema.properties) : [];
}
