import { createHash } from 'node:crypto';
import { GATE_IDS, type GateId } from '../../src/model/gate.ts';
import type { Finding } from '../../src/model/finding.ts';
import { compareText } from '../../src/model/finding.ts';
import { RULES_CHECK } from '../../gates/engines/rules/request.ts';
import type { CheckReport, RunReport } from '../../src/model/report.ts';
import { isComparedRule } from './tools/compared-rules.ts';

/** What both tools and gates look for; only findings of these can be compared. */
export const KINDS = ['types', 'lint', 'rules', 'secrets', 'tests'] as const;

export type Kind = (typeof KINDS)[number];

/** What a mode has found, in a form in which any two can be compared. */
export interface Outcome {
  /** One text for each finding, sorted, each once: kind, file, line, column, rule, message. Of tests only which files failed. */
  readonly findings: readonly string[];
  /** Kinds that made the exit status what it is. */
  readonly failing: readonly Kind[];
  readonly exitCode: number;
  /** Findings of gates for which no tool of the baseline looks; they take our time, and are not held against anybody. */
  readonly beyond: number;
  /** Kinds that were looked for at all: no finding of one that nobody looked for is no agreement. */
  readonly looked: readonly Kind[];
  /** Tests that ran. Of ours it is at least so many: a test that concerns several teams counts for each. */
  readonly tests: number;
}

export function findingText(kind: Kind, { file, line, column, rule, message }: Pick<Finding, 'file' | 'line' | 'column' | 'rule' | 'message'>): string {
  // Where and how a test failed is worded by its reporter.
  return kind === 'tests' ? JSON.stringify([kind, file]) : JSON.stringify([kind, file, line, column, rule, message]);
}

export function makeOutcome(findings: Iterable<string>, rest: Omit<Outcome, 'findings'>): Outcome {
  return { findings: [...new Set(findings)].sort(compareText), ...rest, failing: KINDS.filter((kind) => rest.failing.includes(kind)), looked: KINDS.filter((kind) => rest.looked.includes(kind)) };
}

/** Several runs that share one job: a run per team. */
export function joinOutcomes(outcomes: readonly Outcome[]): Outcome {
  return makeOutcome(outcomes.flatMap((one) => one.findings), {
    failing: outcomes.flatMap((one) => one.failing),
    exitCode: Math.max(...outcomes.map((one) => one.exitCode)),
    beyond: outcomes.reduce((sum, one) => sum + one.beyond, 0),
    looked: outcomes.flatMap((one) => one.looked),
    tests: outcomes.reduce((sum, one) => sum + one.tests, 0),
  });
}

/** The same of our own report, where `kinds` are those that the baseline has a tool for. Throws a sentence for a gate that could not run. */
export function outcomeOfReport(report: RunReport, exitCode: number, kinds: readonly Kind[]): Outcome | { readonly problem: string } {
  const texts: string[] = [];
  const failing = new Set<Kind>();
  let beyond = 0;
  let tests = 0;
  for (const { gates } of Object.values(report.teams)) {
    for (const gate of GATE_IDS) {
      const verdict = gates[gate];
      if (verdict === undefined) continue;
      if (verdict.status === 'error') return { problem: `${gate} could not run: ${verdict.reason ?? 'no reason given'}` };
      tests += verdict.inspected.tests ?? 0;
      for (const finding of verdict.findings) {
        const kind = kindOf(gate, finding);
        if (kind === null || !kinds.includes(kind)) {
          beyond += 1;
          continue;
        }
        texts.push(findingText(kind, finding));
        if (finding.severity === 'error') failing.add(kind);
      }
    }
  }
  return makeOutcome(texts, { failing: [...failing], exitCode, beyond, looked: report.checks.map(kindOfCheck).filter((kind) => kind !== null), tests });
}

/** Null for what no tool of the baseline reports: coverage by team, links, cycles, lockfiles. */
function kindOf(gate: GateId, { rule }: Finding): Kind | null {
  switch (gate) {
    case 'type_verification': return 'types';
    case 'lint_enforcement': return 'lint';
    case 'test_coverage':
    case 'integration_test': return rule === 'test' || rule === 'test-file' || rule === 'unhandled-error' ? 'tests' : null;
    case 'security_analysis':
    case 'performance_check':
    case 'documentation_check':
      if (isComparedRule(rule)) return 'rules';
      return rule.startsWith('@secretlint/') ? 'secrets' : null;
    case 'syntax_validation': return null;
  }
}

/** Null for a check that did not look at anything, or at what no tool of the baseline does. */
function kindOfCheck({ id, gate, engine, status }: CheckReport): Kind | null {
  // The compiler has looked when ours says that nothing of the workspace is in the project; its command line would not tell.
  if (gate === 'type_verification' && engine === 'typescript') return status === 'error' ? null : 'types';
  if (status !== 'done') return null;
  if (id.startsWith(RULES_CHECK)) return 'rules';
  if (gate === 'lint_enforcement' && engine === 'eslint') return 'lint';
  if (gate === 'security_analysis' && id.endsWith(':secrets')) return 'secrets';
  return id.includes(':tests:') ? 'tests' : null;
}

/** Short, for tables: equal hashes are equal findings and equal exit status. */
export function hashOutcome({ findings, failing }: Outcome): string {
  return createHash('sha256').update(JSON.stringify([findings, failing])).digest('hex').slice(0, 12);
}

/** Shown of findings that only one side has. */
const SHOWN_MAX = 3;

/** Null when both looked for the same, found the same and would exit alike; else one sentence. */
export function describeDifference(reference: Outcome, other: Outcome): string | null {
  const missing = without(reference.findings, other.findings);
  const more = without(other.findings, reference.findings);
  if (missing.length + more.length > 0) {
    const parts = [...(missing.length > 0 ? [`${missing.length} missing, such as ${some(missing)}`] : []), ...(more.length > 0 ? [`${more.length} more, such as ${some(more)}`] : [])];
    return `other findings: ${parts.join('; ')}`;
  }
  const unseen = reference.looked.filter((kind) => !other.looked.includes(kind));
  if (unseen.length > 0) return `nothing was looked at for ${unseen.join(', ')}`;
  if (other.tests < reference.tests) return `${other.tests} tests, not ${reference.tests}`;
  if (reference.failing.join() !== other.failing.join()) return `fails for ${other.failing.join(', ') || 'nothing'}, not for ${reference.failing.join(', ') || 'nothing'}`;
  // Ours may fail for what the tools do not look for; then its own status is no difference.
  const isExplained = other.exitCode === 0 ? reference.exitCode === 0 : reference.exitCode !== 0 || other.beyond > 0;
  return isExplained ? null : `exit status ${other.exitCode}, not ${reference.exitCode}`;
}

function without(texts: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return texts.filter((text) => !known.has(text));
}

function some(texts: readonly string[]): string {
  return texts.slice(0, SHOWN_MAX).join(', ');
}
