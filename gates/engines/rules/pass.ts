import path from 'node:path';
import type { Linter } from 'eslint';
import { parseSync } from 'oxc-parser';
import type { Check, CheckOutcome, CheckPart } from '../../../src/model/check.ts';
import { compareFindings, type Finding } from '../../../src/model/finding.ts';
import type { GateId } from '../../../src/model/gate.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import { cancelledOutcome } from '../cancelled.ts';
import { crashFinding, isCrash } from '../eslint/crashes.ts';
import { KeptResults } from '../kept-results.ts';
import { isFlow } from '../text/flow.ts';
import { noteOf, silencedNote } from '../text/listing.ts';
import { readSourceText } from '../text/source-text.ts';
import { RuleLinter } from './linter.ts';
import { rulesParamsSchema } from './request.ts';
import { mayReport } from './triggers.ts';
import { RULE_SETS, type RuleSet, type RuleSetName } from './sets.ts';

const MESSAGE_LENGTH_MAX = 500;

/** What tells ESLint something from within a file. */
const COMMENTS = /\beslint\b|\/\*\s*(?:globals?|exported)\b/;

interface AskedSet {
  readonly gate: GateId;
  readonly name: RuleSetName;
}

/** Lints each file once with the union of the rule sets that apply to it, and gives each report to the gate that asked for its rule. */
export function runRules(check: Check, context: RunContext): CheckOutcome {
  const { root } = context.workspace;
  const linter = linterOf(context);
  const kept = new KeptResults<LintedFile | null>(context, check.id, JSON.stringify(check.parts.map(({ gate, params }) => [gate, params])));
  const askedOf = asker(check.parts);
  const findings: Finding[] = [];
  const inspected: string[] = [];
  const left: string[] = [];
  const silenced: Finding[] = [];
  const rules = new Set<string>();
  for (const file of check.files) {
    if (context.isCancelled()) return cancelledOutcome(context, findings);
    const asked = askedOf(file);
    const linted = kept.of(file, () => {
      const source = readSourceText(root, file);
      return source.kind !== 'text' || isFlow(file, source.text) ? null : lintFile(linter, { file, text: source.text, asked });
    });
    if (linted === null) {
      left.push(file);
      continue;
    }
    inspected.push(file);
    for (const { name } of asked) for (const rule of Object.keys(RULE_SETS[name].rules)) rules.add(rule);
    findings.push(...linted.findings);
    silenced.push(...linted.silenced);
  }
  const notes = [...noteOf(left, 'not linted (Flow, no UTF-8 text, too large, or gone)'), ...silencedNote(silenced)];
  if (inspected.length === 0) return { status: 'skipped', reason: ['no source to lint', ...notes].join('; ') };
  return { status: 'done', findings: findings.sort(compareFindings), inspected: { files: inspected, rules: rules.size }, notes };
}

function linterOf({ lane, workspace: { root } }: RunContext): RuleLinter {
  const linter = (lane.get('rules:linter') ?? new RuleLinter(root)) as RuleLinter;
  lane.set('rules:linter', linter);
  return linter;
}

function asker(parts: readonly CheckPart[]): (file: string) => AskedSet[] {
  const entries = parts.map((part) => ({ gate: part.gate, files: new Set(part.files), sets: rulesParamsSchema.parse(part.params).sets }));
  return (file) =>
    entries.filter(({ files }) => files.has(file)).flatMap(({ gate, sets }) => sets.filter((name) => RULE_SETS[name].applies(file)).map((name) => ({ gate, name })));
}

interface Linted {
  readonly file: string;
  readonly text: string;
  readonly asked: readonly AskedSet[];
}

interface LintedFile {
  readonly findings: readonly Finding[];
  /** What comments of the file keep from being found. */
  readonly silenced: readonly Finding[];
}

function lintFile(linter: RuleLinter, linted: Linted): LintedFile {
  const { file, text, asked } = linted;
  const rules = Object.fromEntries(asked.flatMap(({ name }) => Object.entries(RULE_SETS[name].rules)).filter(([rule]) => mayReport(rule, text)));
  // Without a rule to run, the file must still be known to parse: "no danger in it" is said of code, not of rubble.
  if (Object.keys(rules).length === 0 && parsesQuickly(file, text)) return { findings: [], silenced: [] };
  try {
    const findings = reported(linter.lint(file, text, rules), linted, linter);
    // Comments may switch a rule off for a line, a file, or by configuring it: whatever way, it shows in what is found without them.
    const silent = COMMENTS.test(text) ? reported(linter.lint(file, text, rules, false), linted, linter) : [];
    return { findings, silenced: silent.filter((one) => !findings.some((found) => compareFindings(found, one) === 0)) };
  } catch (error) {
    if (!isCrash(error)) throw error;
    return { findings: [...new Set(asked.map(({ gate }) => gate))].map((gate) => crashFinding(gate, file, error)), silenced: [] };
  }
}

function reported(messages: readonly Linter.LintMessage[], linted: Linted, linter: RuleLinter): Finding[] {
  return firstOfEachPlace(messages).flatMap((message) => findingsOf(message, linted, linter));
}

/** The regular expression rules report each pair of quantifiers, at one place. */
function firstOfEachPlace(messages: readonly Linter.LintMessage[]): Linter.LintMessage[] {
  const seen = new Set<string>();
  return messages.filter((message) => {
    const place = `${message.ruleId ?? ''}:${String(message.line)}:${String(message.column)}`;
    return !seen.has(place) && seen.add(place);
  });
}

function parsesQuickly(file: string, text: string): boolean {
  return parseSync(path.posix.basename(file), text, isTypeScript(file) ? {} : { lang: 'jsx' }).errors.length === 0;
}

function isTypeScript(file: string): boolean {
  return /\.(?:[cm]?ts|tsx)$/.test(file);
}

function findingsOf(message: Linter.LintMessage, linted: Linted, linter: RuleLinter): Finding[] {
  const place = { file: linted.file, line: message.line, column: message.column, severity: 'error' as const };
  if (message.fatal === true) {
    const gates = [...new Set(linted.asked.map(({ gate }) => gate))];
    return gates.map((gate) => ({ gate, rule: 'parse', message: message.message, ...place, kind: 'parse' }));
  }
  const { ruleId } = message;
  if (ruleId === null) return [];
  const owner = linted.asked.find(({ name }) => ruleId in RULE_SETS[name].rules);
  if (owner === undefined) return [];
  const set: RuleSet = RULE_SETS[owner.name];
  if (set.keep?.(message, linter.sourceCode) === false) return [];
  return [{ gate: owner.gate, rule: ruleId, message: shortened(message.message), ...place }];
}

/** Some rules quote the source they report, which can be a megabyte on one line. */
function shortened(message: string): string {
  return message.length > MESSAGE_LENGTH_MAX ? `${message.slice(0, MESSAGE_LENGTH_MAX)}…` : message;
}
