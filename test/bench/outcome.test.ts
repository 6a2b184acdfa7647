import { expect, test } from 'vitest';
import { describeDifference, findingText, hashOutcome, joinOutcomes, makeOutcome, outcomeOfReport, type Outcome } from '../../bench/suite/outcome.ts';
import { parseTimes } from '../../bench/suite/measure/run-command.ts';
import { quoteWords } from '../../bench/suite/quote-words.ts';
import { parseDiagnostics } from '../../bench/suite/tools/typescript.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { CheckReport, RunReport } from '../../src/model/report.ts';
import type { Verdict } from '../../src/model/verdict.ts';

const at = (line: number) => ({ file: 'src/a.ts', line, column: 1, rule: 'TS2322', message: 'wrong' });
const finding = (rest: Partial<Finding>): Finding => ({ gate: 'type_verification', severity: 'error', ...at(1), ...rest });
const outcome = (lines: readonly number[], rest: Partial<Outcome> = {}): Outcome => makeOutcome(lines.map((line) => findingText('types', at(line))), { failing: ['types'], exitCode: 1, beyond: 0, looked: ['types'], tests: 0, ...rest });

function report(gates: Record<string, Partial<Verdict>>, checks: readonly Partial<CheckReport>[] = []): RunReport {
  const whole = Object.fromEntries(Object.entries(gates).map(([gate, verdict]) => [gate, { status: 'failed', reason: null, blocking: true, inspected: { files: 1 }, durationMs: 1, findings: [], blockers: [], ...verdict }]));
  return { version: 1, ok: false, durationMs: 1, workspace: { root: '/r', head: null }, teams: { team1: { files: 1, gates: whole } }, checks: checks.map((check) => ({ id: 'x', gate: 'type_verification', gates: [], engine: 'typescript', engineVersion: null, engineOrigin: 'project', inputs: 1, status: 'done', reason: null, durationMs: 1, ...check })), notes: [], cancelled: false };
}

test('equal findings in any order, each once, are equal', () => {
  expect(hashOutcome(outcome([1, 2]))).toBe(hashOutcome(outcome([2, 1, 2])));
  expect(describeDifference(outcome([1, 2]), outcome([2, 1, 2]))).toBeNull();
});

test('a difference is told from the side of the tools', () => {
  expect(describeDifference(outcome([1, 2]), outcome([2, 3]))).toBe('other findings: 1 missing, such as ["types","src/a.ts",1,1,"TS2322","wrong"]; 1 more, such as ["types","src/a.ts",3,1,"TS2322","wrong"]');
  expect(describeDifference(outcome([1]), outcome([1], { failing: [] }))).toBe('fails for nothing, not for types');
  expect(describeDifference(outcome([1]), outcome([1], { exitCode: 0 }))).toBe('exit status 0, not 1');
});

test('a gate that fails for what no tool looks for does not differ; one that passes what a tool fails does', () => {
  const clean = outcome([], { failing: [], exitCode: 0 });
  expect(describeDifference(clean, outcome([], { failing: [], exitCode: 1, beyond: 2 }))).toBeNull();
  expect(describeDifference(clean, outcome([], { failing: [], exitCode: 1 }))).toBe('exit status 1, not 0');
  expect(describeDifference(outcome([], { exitCode: 1 }), outcome([], { exitCode: 0, beyond: 2 }))).toBe('exit status 0, not 1');
});

test('a report is read by kind, and what the baseline has no tool for is counted apart', () => {
  const found = outcomeOfReport(report({
    type_verification: { findings: [finding({})] },
    lint_enforcement: { findings: [finding({ gate: 'lint_enforcement', rule: 'no-var', severity: 'warning' })] },
    security_analysis: { findings: [finding({ gate: 'security_analysis', rule: 'no-implied-eval' }), finding({ gate: 'security_analysis', rule: 'lockfile/missing' })] },
    test_coverage: { findings: [finding({ gate: 'test_coverage', rule: 'test', message: 'adds up: wrong', line: 4 }), finding({ gate: 'test_coverage', rule: 'coverage/lines' })] },
    documentation_check: { findings: [finding({ gate: 'documentation_check', rule: 'jsdoc/check-param-names' })] },
  }), 1, ['types', 'lint', 'rules', 'tests']);
  expect(found).toEqual({
    findings: ['["lint","src/a.ts",1,1,"no-var","wrong"]', '["rules","src/a.ts",1,1,"no-implied-eval","wrong"]', '["tests","src/a.ts"]', '["types","src/a.ts",1,1,"TS2322","wrong"]'],
    failing: ['types', 'rules', 'tests'], exitCode: 1, beyond: 3, looked: [], tests: 0,
  });
});

test('a kind that nobody looked for, or fewer tests, is a difference although nothing is found', () => {
  const clean = { failing: [], exitCode: 0 };
  const reference = outcome([], { ...clean, looked: ['types', 'tests'], tests: 3 });
  expect(describeDifference(reference, outcome([], { ...clean, looked: ['types'] }))).toBe('nothing was looked at for tests');
  expect(describeDifference(reference, outcome([], { ...clean, looked: ['types', 'tests'], tests: 2 }))).toBe('2 tests, not 3');
  expect(describeDifference(reference, outcome([], { ...clean, looked: ['types', 'tests', 'lint'], tests: 5 }))).toBeNull();
});

test('a report says what was looked at by the checks that were done', () => {
  const verdicts = { test_coverage: { inspected: { files: 1, tests: 2 } } };
  expect(outcomeOfReport(report(verdicts, [
    { id: 'test_coverage:tests:unit:vitest::test', gate: 'test_coverage', engine: 'vitest' },
    { id: 'rules:1', gate: 'security_analysis', engine: 'eslint' },
    { id: 'lint_enforcement:eslint:eslint.config.js', gate: 'lint_enforcement', engine: 'eslint', status: 'skipped' },
    { id: 'integration_test:imports', gate: 'integration_test', engine: 'imports' },
  ]), 0, [])).toEqual({ findings: [], failing: [], exitCode: 0, beyond: 0, looked: ['rules', 'tests'], tests: 2 });
});

test('a gate that could not run is no outcome', () => {
  expect(outcomeOfReport(report({ lint_enforcement: { status: 'error', reason: 'ESLint crashed' } }), 1, ['lint'])).toEqual({ problem: 'lint_enforcement could not run: ESLint crashed' });
});

test('runs of several teams are one outcome', () => {
  expect(joinOutcomes([outcome([1], { exitCode: 0, failing: [] }), outcome([1, 2])])).toEqual(outcome([1, 2]));
});

test('what tsc prints is read with all lines of a message, and paths of the project as the config', () => {
  expect(parseDiagnostics("src/a.ts(2,7): error TS2322: Type 'A' is not assignable to type 'B'.\n  Types of property 'x'\n    are /r/src/b.ts.\nerror TS18003: No inputs.\n", 'tsconfig.json', '/r')).toEqual([
    '["types","src/a.ts",2,7,"TS2322","Type \'A\' is not assignable to type \'B\'.\\n  Types of property \'x\'\\n    are src/b.ts."]',
    '["types","tsconfig.json",null,null,"TS18003","No inputs."]',
  ]);
});

test("a shell's times are those of its children, with a point or a comma", () => {
  expect(parseTimes('0m0.010s 0m0.020s\n1m2.500s 0m0.250s\n')).toBe(62_750);
  expect(parseTimes('0m0,010s 0m0,020s\n0m1,500s 0m0,250s\n')).toBe(1_750);
  expect(parseTimes('')).toBe(0);
});

test('words are quoted for a shell where they need it', () => {
  expect(quoteWords(['node', 'a b', "it's", '$HOME', ''])).toBe("node 'a b' 'it'\\''s' '$HOME' ''");
});
