import type { ESLint } from 'eslint';
import type { Finding } from '../../../src/model/finding.ts';
import type { GateId } from '../../../src/model/gate.ts';
import { workspacePath } from '../workspace-path.ts';

/** What some files were linted to, and those that could not be. */
export interface LintedFiles {
  readonly results: ESLint.LintResult[];
  readonly crashes: readonly { readonly path: string; readonly error: Error }[];
}

/**
 * Lints some files (absolute). A rule that throws takes all of one call with it, so these files are then linted one by one: the
 * others are none the worse for it. What is not about one file is thrown on. `again` is called before a file is parsed once more.
 */
export async function lintWithCrashes(eslint: ESLint, paths: readonly string[], again: () => void): Promise<LintedFiles> {
  try {
    return { results: await eslint.lintFiles([...paths]), crashes: [] };
  } catch (error) {
    if (!isCrash(error)) throw error;
    const [path, ...others] = paths;
    if (path !== undefined && others.length === 0) return { results: [], crashes: [{ path, error }] };
  }
  const each: LintedFiles[] = [];
  again();
  for (const path of paths) each.push(await lintWithCrashes(eslint, [path], again));
  return { results: each.flatMap(({ results }) => results), crashes: each.flatMap(({ crashes }) => crashes) };
}

/** True of what ESLint throws when a rule did, which it says in the message. */
export function isCrash(error: unknown): error is Error {
  return error instanceof Error && /^Occurred while linting /m.test(error.message);
}

/** A rule's failure as the failure of that one file. */
export function crashFinding(gate: GateId, file: string | null, error: Error): Finding {
  const [first = '', ...rest] = error.message.split('\n');
  const after = rest.join('\n');
  const rule = /^Rule: "(.*)"$/m.exec(after)?.[1] ?? /^Error while loading rule '([^']+)'/.exec(first)?.[1];
  const line = /^Occurred while linting .*:(\d+)$/m.exec(after)?.[1];
  return {
    gate,
    rule: rule ?? 'crash',
    message: `${rule === undefined || first.includes(rule) ? '' : `rule ${rule} broke off: `}${first}`,
    file,
    line: line === undefined ? null : Number(line),
    column: null,
    severity: 'error',
    kind: 'crash',
  };
}

export function crashFindings(crashes: LintedFiles['crashes'], root: string): Finding[] {
  return crashes.map(({ path, error }) => crashFinding('lint_enforcement', workspacePath(root, path), error));
}
