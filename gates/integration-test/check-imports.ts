import type { CheckOutcome } from '../../src/model/check.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import type { UnresolvedImport } from '../../src/model/import-graph.ts';
import { findCycles, type Edge } from './cycles.ts';

export interface ImportsParams {
  readonly kind: 'imports';
  /** Of the teams' files; empty when the settings do not ask for it. */
  readonly unresolved: readonly UnresolvedImport[];
  /** Those that exist at run time. */
  readonly edges: readonly Edge[];
  readonly cycles: 'off' | 'teams' | 'all';
  /** File and team. */
  readonly owners: readonly (readonly [file: string, team: string])[];
}

/**
 * Imports that lead nowhere, and import cycles. Imports of types alone make no cycle: nothing of them is left at run time.
 */
export function checkImports(params: ImportsParams, files: readonly string[]): CheckOutcome {
  // `import { a } from 'b'; export { a }` names its source twice, at one place.
  const places = new Map(params.unresolved.map((one) => [JSON.stringify([one.file, one.line, one.specifier]), one]));
  const unresolved = [...places.values()].map(({ file, specifier, line, column }): Finding => ({
    gate: 'integration_test', rule: 'unresolved-import', message: `"${specifier}" leads nowhere`, file, line, column, severity: 'error',
  }));
  const owners = new Map(params.owners);
  const cycles = params.cycles === 'off' ? [] : findCycles(params.edges, params.cycles === 'teams' ? owners : null);
  // What lies wholly outside the teams' files is nobody's doing here.
  const concerned = cycles.filter(({ files: members }) => members.some((file) => owners.has(file)));
  return {
    status: 'done',
    findings: [...unresolved, ...concerned.map((cycle) => describeCycle(cycle.path, cycle.files.length, owners))].sort(compareFindings),
    inspected: { files },
  };
}

function describeCycle(path: readonly string[], size: number, owners: ReadonlyMap<string, string>): Finding {
  const teams = [...new Set(path.flatMap((file) => owners.get(file) ?? []))];
  const between = teams.length > 1 ? ` between teams ${teams.join(' and ')}` : '';
  const rest = size > path.length ? ` (${size} files import each other)` : '';
  return {
    gate: 'integration_test',
    rule: 'import-cycle',
    message: `import cycle${between}: ${[...path, path[0]].join(' → ')}${rest}`,
    file: path[0] ?? null,
    line: null,
    column: null,
    severity: 'error',
  };
}
