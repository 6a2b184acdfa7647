import type { UnusableKey } from '../model/relay-refusal.ts';
import { expectation, show, valueAt } from '../model/zod-issue.ts';
import { isRecord } from '../system/is-record.ts';
import { checkDocument, migrate, schemaOf, type DocumentResult, type RelayDocument } from './document-kind.ts';
import { parseJson } from '../system/parse-json.ts';

/** Each round puts at least one key right that the schema had not come to before; ours are nested less deep. */
const ROUNDS_MAX = 16;

/**
 * A hand edit that its schema refuses, with the keys that are wrong as they are in `ours`: one mistyped value is no reason to
 * lose what else an agent has written. Null when it is no edit of this document at all.
 */
export function salvageDocument(name: string, text: string, ours: RelayDocument): DocumentResult | null {
  const raw = parseJson(text.replace(/^\uFEFF/, ''));
  if (!isRecord(raw) || raw.team_id !== ours.team_id) return null;
  const edit = structuredClone(migrate(raw)) as Record<string, unknown>;
  const unusable = new Map<string, UnusableKey>();
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const issues = schemaOf(name).safeParse(edit).error?.issues ?? [];
    if (issues.length === 0) break;
    for (const issue of issues) {
      const found = show(valueAt(edit, issue.path));
      const at = putBack(edit, ours, issue.path);
      if (at !== null && !unusable.has(at)) unusable.set(at, { at, expected: expectation(issue), found });
    }
  }
  const checked = checkDocument(name, edit);
  return checked.kind === 'sound' ? { ...checked, unusable: [...unusable.values()] } : null;
}

/** Gives the key at the path, or the one above it from which on the two differ in form, its value of `ours` back; the key, with dots. */
function putBack(edit: Record<string, unknown>, ours: RelayDocument, path: readonly PropertyKey[]): string | null {
  let at = edit;
  let mine: Readonly<Record<string, unknown>> = ours;
  for (const [depth, part] of path.entries()) {
    const key = String(part);
    const inner = Object.hasOwn(at, key) ? at[key] : undefined;
    const ourInner = Object.hasOwn(mine, key) ? mine[key] : undefined;
    if (depth < path.length - 1 && isRecord(inner) && isRecord(ourInner)) {
      [at, mine] = [inner, ourInner];
      continue;
    }
    if (ourInner === undefined) Reflect.deleteProperty(at, key);
    else at[key] = structuredClone(ourInner);
    return path.slice(0, depth + 1).join('.');
  }
  return null;
}
