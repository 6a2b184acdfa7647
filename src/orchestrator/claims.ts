import { compareText } from '../model/finding.ts';
import { GATE_IDS, type GateId } from '../model/gate.ts';
import type { TaskRow, TeamContext } from '../model/documents.ts';
import type { Phase } from '../model/phase.ts';
import { phaseVerdicts, type Measured } from './phase-gates.ts';
import { isAssigned, normalPath } from './task-files.ts';

interface Difference {
  readonly claim: string;
  readonly measured: string;
}

const TEST_FILE = /\.[cm]?[jt]sx?$/;

/**
 * What a context claims and the measurement does not bear out. An agent writes into the same fields in which the
 * measurement stands, so a claim is what differs from what was last written there.
 */
export function compareClaims(context: TeamContext, row: TaskRow, phase: Phase, measured: Measured): Difference[] {
  const verdicts = new Map(phaseVerdicts(phase, measured).map(([gate, verdict]) => [gate, verdict.status]));
  return [
    ...ownKeyDifferences(context, row),
    ...GATE_IDS.flatMap((gate) => gateDifferences(gate, context, row, verdicts.get(gate) ?? null)),
    ...figureDifferences(context.implementation_details.quality_results, measured),
    ...fileDifferences(context, row, measured.filesChanged),
  ];
}

/** What the orchestrator alone decides. */
function ownKeyDifferences(context: TeamContext, row: TaskRow): Difference[] {
  const decided = { phase: row.phase, retry_count: row.retry_count, assignment: row.assignment };
  // A first phase may have begun without anybody having said so.
  const mayStand = (key: keyof typeof decided): boolean => key === 'phase' && row.phase === 'pending' && context.phase === 'implementation';
  return (Object.keys(decided) as (keyof typeof decided)[])
    .filter((key) => context[key] !== decided[key] && !mayStand(key))
    .map((key) => ({ claim: `${key}: ${context[key]}`, measured: String(decided[key]) }));
}

function gateDifferences(gate: GateId, context: TeamContext, row: TaskRow, status: string | null): Difference[] {
  const before = row.result.gates[gate]?.status ?? 'pending';
  const measured = status ?? (before === 'pending' ? 'not measured' : before);
  const stated = statusIn(context.implementation_details.quality_results[gate]);
  const claims = [
    { key: `quality_gates.${gate}`, claimed: context.quality_gates[gate] === before ? null : context.quality_gates[gate] },
    { key: `quality_results.${gate}`, claimed: stated === before ? null : stated },
  ];
  return claims.flatMap(({ key, claimed }) => (claimed === null || claimed === measured || claimed === 'pending' || claimed === 'running' ? [] : [{ claim: `${key}: ${claimed}`, measured }]));
}

/** `"passed"`, or the status of an object. */
function statusIn(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'string' ? value.status : null;
}

/** The figures that agents were seen to write into quality_results, where there is a measurement to hold against them. */
function figureDifferences(results: Readonly<Record<string, unknown>>, { tests, coverage }: Measured): Difference[] {
  const figures: Record<string, number | boolean> = {};
  if (tests !== null) Object.assign(figures, { tests_passed: tests.passed, tests_failed: tests.failed, all_tests_pass: tests.failed === 0 && tests.passed > 0 });
  if (coverage !== null && coverage.total > 0) figures.coverage_percentage = Math.floor((1000 * coverage.covered) / coverage.total) / 10;
  return Object.entries(figures).flatMap(([key, value]) => {
    const claimed = results[key];
    return claimed === undefined || claimed === value ? [] : [{ claim: `quality_results.${key}: ${JSON.stringify(claimed)}`, measured: String(value) }];
  });
}

function fileDifferences({ implementation_details: details }: TeamContext, row: TaskRow, filesChanged: readonly string[] | null): Difference[] {
  if (filesChanged === null) return [];
  const changed = new Set(filesChanged);
  const claimed = new Map<string, string>();
  for (const file of details.tests_written) if (TEST_FILE.test(file)) claimed.set(normalPath(file), 'tests_written');
  for (const file of details.files_modified) claimed.set(normalPath(file), 'files_modified');
  for (const file of details.files_created) claimed.set(normalPath(file), 'files_created');
  const invented = [...claimed].filter(([file]) => !changed.has(file)).map(([file, key]) => ({ claim: `${key}: ${file}`, measured: 'not changed' }));
  const unnamed = filesChanged.filter((file) => isAssigned(file, row.files) && !claimed.has(file)).map((file) => ({ claim: `files_modified: without ${file}`, measured: 'changed' }));
  return [...invented, ...unnamed].sort((a, b) => compareText(a.claim, b.claim));
}
