import { isDeepStrictEqual } from 'node:util';
import { GATE_IDS } from '../model/gate.ts';
import { LIMITS } from '../model/limits.ts';
import { PHASES, phaseOf } from '../model/phase.ts';
import { COORDINATION_FILE } from '../model/relay-files.ts';
import type { RelayClaim } from '../model/relay-refusal.ts';
import { show } from '../model/zod-issue.ts';
import { isRecord } from '../system/is-record.ts';
import type { RelayDocument } from './document-kind.ts';
import type { DocumentChange } from './event-line.ts';
import { diff, type Json } from './json-patch.ts';

export interface Adoption {
  readonly claims: readonly RelayClaim[];
  /** What makes of the document as it was found the one that is to be; empty when it claims nothing. */
  readonly changes: readonly DocumentChange[];
}

/**
 * What of a document holds that is known from its file alone, because the log is gone or ends before it: everything but what
 * only a measurement can say. That is as it was in `known`, the newest state that the log still has, or not measured:
 * otherwise whoever removes the log could write himself a pass.
 */
export function adopt(name: string, { found, known, at }: { readonly found: RelayDocument; readonly known: RelayDocument | null; readonly at: string }): Adoption {
  const claims: RelayClaim[] = [];
  const measured = (name === COORDINATION_FILE ? coordinationRules : contextRules)(found, known ?? {}).reduce((current: Json, { path, ours }) => {
    const claimed = valueIn(current, path);
    if (claimed === undefined || isDeepStrictEqual(claimed, ours)) return current;
    claims.push({ key: path.join('.'), claimed, ours });
    return withValue(current, path, ours);
  }, found);
  if (claims.length === 0) return { claims, changes: [] };
  const revision = found.revision + 1;
  return { claims, changes: [{ document: name, revision, patch: diff(found, { ...withClaims(measured, claims, at), revision }) }] };
}

/** Notes in a document what was claimed in it. */
export function withClaims(document: Json, claims: readonly RelayClaim[], at: string): Json {
  const earlier: readonly unknown[] = Array.isArray(document.discrepancies) ? document.discrepancies : [];
  const more = claims.map(({ key, claimed, ours }) => ({ claim: `${key}: ${show(claimed)}`, measured: show(ours), at }));
  return { ...document, discrepancies: [...earlier, ...more].slice(-LIMITS.discrepanciesMax) };
}

/** What a key has to be. */
interface Rule {
  readonly path: readonly string[];
  readonly ours: unknown;
}

const PENDING = Object.fromEntries(GATE_IDS.map((gate) => [gate, 'pending']));
const NO_METRICS = { total_violations: 0, tests_passed: 0, tests_failed: 0, coverage_percentage: null };
const NO_RESULT = { gates: {}, tests_passed: 0, tests_failed: 0, lines_covered: null, lines_total: null, files_changed: [] };

function contextRules(found: Json, known: Json): Rule[] {
  const gates = { ...recordIn(found, ['quality_gates']), ...PENDING, ...recordIn(known, ['quality_gates']) };
  return [
    { path: ['quality_gates'], ours: gates },
    { path: ['implementation_details', 'quality_results'], ours: recordIn(known, ['implementation_details', 'quality_results']) },
    ...lastPhaseRule(found, [], gates),
  ];
}

function coordinationRules(found: Json, known: Json): Rule[] {
  return [
    { path: ['quality_metrics'], ours: { ...recordIn(found, ['quality_metrics']), ...NO_METRICS, ...recordIn(known, ['quality_metrics']) } },
    ...Object.entries(recordIn(found, ['tasks'])).flatMap(([id, row]) => {
      if (!isRecord(row)) return [];
      const result = { ...recordIn(row, ['result']), ...NO_RESULT, ...recordIn(known, ['tasks', id, 'result']) };
      const isOpen = row.status === 'active' || row.status === 'queued';
      return [{ path: ['tasks', id, 'result'], ours: result }, ...(isOpen ? lastPhaseRule(row, ['tasks', id], recordIn(result, ['gates'])) : [])];
    }),
  ];
}

/** All eight gates are measured at the end of the review: a task of which one is not known has yet to get there. */
function lastPhaseRule(holder: Json, at: readonly string[], gates: Json): Rule[] {
  const phase = PHASES.find((one) => one === phaseOf(holder.phase as Parameters<typeof phaseOf>[0]));
  const isPast = phase === 'report' || holder.phase === 'review_completed';
  const isMeasured = GATE_IDS.every((gate) => gates[gate] !== undefined && gates[gate] !== 'pending');
  return isPast && !isMeasured ? [{ path: [...at, 'phase'], ours: 'review' }] : [];
}

function valueIn(document: Json, path: readonly string[]): unknown {
  return path.reduce((value: unknown, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined), document);
}

function recordIn(document: Json, path: readonly string[]): Json {
  const value = valueIn(document, path);
  return isRecord(value) ? value : {};
}

function withValue(document: Json, [key = '', ...deeper]: readonly string[], value: unknown): Json {
  return { ...document, [key]: deeper.length === 0 ? value : withValue(recordIn(document, [key]), deeper, value) };
}
