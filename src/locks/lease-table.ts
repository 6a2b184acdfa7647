import { DOCUMENT_VERSION, LEASE_HEAD_KEY, leaseHeadSchema, leaseRowSchema, type LeaseHead, type LeaseRow } from '../model/documents.ts';
import { parseJson } from '../system/parse-json.ts';

/**
 * `file_locks.json` in memory: rows by canonical key as in the specification, and one head under a key that no path has. Never
 * changed: a decision makes another one.
 */
export interface LeaseTable {
  readonly head: LeaseHead;
  readonly rows: ReadonlyMap<string, LeaseRow>;
}

/** `damaged`: there is a table to go on with, but it lacks what could not be read. */
export type TableReading =
  | { readonly kind: 'sound'; readonly table: LeaseTable }
  | { readonly kind: 'damaged'; readonly table: LeaseTable; readonly detail: string }
  | { readonly kind: 'newer'; readonly version: number };

/** A row without a token has 0. */
const FIRST_TOKEN = 1;

/** More faults than this are not read by anyone. */
const DETAILS_MAX = 3;

/**
 * Reads a table as it stands in the file; null: there is none. A table by the specification's letter, rows only, gets tokens and
 * a head. Tokens start at the present time in milliseconds: far above all that a table which is gone can have given, because
 * fewer than a thousand are given in a second.
 */
export function readTable(content: string | null, nowMs: number): TableReading {
  if (content === null) return { kind: 'sound', table: emptyTable(nowMs) };
  const raw = parseJson(content.replace(/^\uFEFF/, ''));
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { kind: 'damaged', table: emptyTable(nowMs), detail: 'it is not a JSON object' };
  const version = versionOf((raw as Record<string, unknown>)[LEASE_HEAD_KEY]);
  if (version > DOCUMENT_VERSION) return { kind: 'newer', version };

  const details: string[] = [];
  const rows = new Map<string, LeaseRow>();
  let head: LeaseHead | null = null;
  for (const [key, value] of Object.entries(raw)) {
    if (key === LEASE_HEAD_KEY) {
      const result = leaseHeadSchema.safeParse(value);
      if (result.success) head = result.data;
      else details.push(`"${key}" ${firstIssue(result.error.issues)}`);
    } else {
      const result = leaseRowSchema.safeParse(value);
      if (result.success) rows.set(key, result.data);
      else details.push(`"${key}" ${firstIssue(result.error.issues)}`);
    }
  }
  const table = withTokens({ head: head ?? emptyTable(nowMs).head, rows });
  if (details.length === 0) return { kind: 'sound', table };
  return { kind: 'damaged', table, detail: details.slice(0, DETAILS_MAX).join(', ') + (details.length > DETAILS_MAX ? ` and ${details.length - DETAILS_MAX} more` : '') };
}

/** The text of the next revision. */
export function writeTable({ head, rows }: LeaseTable): string {
  return `${JSON.stringify(Object.fromEntries([[LEASE_HEAD_KEY, { ...head, revision: head.revision + 1 }], ...rows]), null, 2)}\n`;
}

export function emptyTable(nowMs: number): LeaseTable {
  return { head: leaseHeadSchema.parse({ next_token: Math.max(FIRST_TOKEN, nowMs) }), rows: new Map() };
}

/** The head may be gone, and rows may have been written by others: no token may come twice, and none may be missing. */
function withTokens({ head, rows }: LeaseTable): LeaseTable {
  let next = head.next_token;
  for (const row of rows.values()) next = Math.max(next, row.token + 1);
  const numbered = new Map(rows);
  for (const [key, row] of rows) {
    if (row.locked_by === null || row.token !== 0) continue;
    numbered.set(key, { ...row, token: next });
    next += 1;
  }
  return { head: { ...head, next_token: next }, rows: numbered };
}

function versionOf(head: unknown): number {
  if (typeof head !== 'object' || head === null || !('schema_version' in head)) return 0;
  return typeof head.schema_version === 'number' ? head.schema_version : 0;
}

function firstIssue(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  const [issue] = issues;
  return `${issue === undefined || issue.path.length === 0 ? '' : `at ${issue.path.join('.')}: `}${issue?.message ?? 'is wrong'}`;
}
