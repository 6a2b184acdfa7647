import type { GateId } from './gate.ts';

export type Severity = 'error' | 'warning';

/** One problem at one place. */
export interface Finding {
  readonly gate: GateId;
  /** The engine's own name for the rule: `TS2322`, `no-unused-vars`, `coverage/lines`. */
  readonly rule: string;
  /** One or more lines, without colour codes; the first line stands alone. */
  readonly message: string;
  /** Workspace-relative posix path; null when it is about no file. */
  readonly file: string | null;
  /** 1-based; null when the place is the whole file. */
  readonly line: number | null;
  /** 1-based, in UTF-16 code units; null when the place is the whole line. */
  readonly column: number | null;
  readonly severity: Severity;
  /**
   * `parse`: the engine could not read the file. `crash`: it broke off in it. Such a finding means "could not run on it", not
   * "ran and found it bad"; but for `parse` in syntax_validation, which asks just that.
   */
  readonly kind?: 'parse' | 'crash';
}

/** Code-unit order by file, line, column, rule, message: the one order of every list of findings. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.file ?? '', b.file ?? '') ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0) ||
    compareText(a.rule, b.rule) ||
    compareText(a.message, b.message)
  );
}

/** Code-unit order: the same on every machine, unlike a locale's. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
