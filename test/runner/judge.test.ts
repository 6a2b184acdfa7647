import { expect, test } from 'vitest';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { Finding } from '../../src/model/finding.ts';
import { judge, type Evidence } from '../../src/runner/judge.ts';

const CHECK: Check = {
  id: 'lint', name: 'lint', gates: ['lint_enforcement'], engine: 'eslint', engineVersion: '10.0.0', engineOrigin: 'project', title: 'lint',
  files: ['a.ts'], workspaceWide: false, expectedMs: 1, timeLimitMs: 1_000, parts: [],
};
const DONE: CheckOutcome = { status: 'done', findings: [], inspected: { files: ['a.ts'] } };
const CRASHED: CheckOutcome = { status: 'error', failure: { reason: 'engine-crashed', engine: 'eslint', detail: 'config throws' } };

function finding(extra: Partial<Finding> = {}): Finding {
  return { gate: 'lint_enforcement', rule: 'no-var', message: 'no var', file: 'a.ts', line: 1, column: 1, severity: 'error', ...extra };
}

function evidence(extra: Partial<Evidence> & { outcome?: CheckOutcome } = {}): Evidence {
  const { outcome = DONE, ...rest } = extra;
  return {
    team: 'api', gate: 'lint_enforcement', ended: [{ check: CHECK, outcome, durationMs: 12.4 }], notes: [], findings: [], workspaceErrors: 0,
    inspected: { files: 1 }, tests: [], blockers: [], unknownCoverage: [], blocking: true, ...rest,
  };
}

test('something inspected and nothing found is a pass', () => {
  expect(judge(evidence())).toEqual({ status: 'passed', reason: null, blocking: true, inspected: { files: 1 }, durationMs: 12, findings: [], blockers: [] });
});

test('nothing inspected is skipped, never a pass', () => {
  expect(judge(evidence({ inspected: { files: 0 } }))).toMatchObject({ status: 'skipped', reason: 'nothing of this team to inspect' });
  const outcome: CheckOutcome = { status: 'skipped', reason: 'no tests found' };
  expect(judge(evidence({ inspected: { files: 0 }, outcome }))).toMatchObject({ status: 'skipped', reason: 'no tests found' });
});

test('a pass names what was not looked at', () => {
  expect(judge(evidence({ notes: [{ status: 'skipped', reason: 'no lockfile to check' }] }))).toMatchObject({ status: 'passed', reason: 'passed without: no lockfile to check' });
});

test('coverage that nobody knows is no pass', () => {
  expect(judge(evidence({ unknownCoverage: ['a.ts'] }))).toMatchObject({ status: 'error', reason: 'coverage is not known, because a test file that reaches it could not be loaded: a.ts' });
});

test('tests that are all marked to be skipped prove nothing', () => {
  const skipped = { file: 'a.test.ts', name: 'adds', status: 'skipped' as const, durationMs: 0 };
  expect(judge(evidence({ tests: [skipped, skipped] }))).toMatchObject({ status: 'skipped', reason: 'all 2 tests are marked to be skipped' });
});

test('an error finding fails, a warning does not', () => {
  expect(judge(evidence({ findings: [finding()] }))).toMatchObject({ status: 'failed', reason: null });
  expect(judge(evidence({ findings: [finding({ severity: 'warning' })] }))).toMatchObject({ status: 'passed' });
});

test('a check that could not run is an error even when everything else passed', () => {
  expect(judge(evidence({ outcome: CRASHED }))).toMatchObject({ status: 'error', reason: 'eslint could not run: config throws' });
});

test('found bad wins over could not run', () => {
  expect(judge(evidence({ outcome: CRASHED, findings: [finding()] }))).toMatchObject({ status: 'failed' });
});

test('what does not parse is an error of every gate but syntax', () => {
  const unreadable = finding({ kind: 'parse' });
  expect(judge(evidence({ findings: [unreadable] }))).toMatchObject({ status: 'error', reason: 'cannot run on what does not parse: a.ts', findings: [unreadable] });
  expect(judge(evidence({ gate: 'syntax_validation', findings: [unreadable] }))).toMatchObject({ status: 'failed' });
});

test('a file that a tool broke off in is an error, and no pass of what else was looked at', () => {
  const crash = finding({ kind: 'crash', message: 'rule p/bad broke off' });
  expect(judge(evidence({ findings: [crash] }))).toMatchObject({ status: 'error', reason: 'a.ts: rule p/bad broke off', findings: [crash] });
  expect(judge(evidence({ findings: [crash, finding()] }))).toMatchObject({ status: 'failed' });
});

test("what can't be laid to one team blocks every team", () => {
  expect(judge(evidence({ workspaceErrors: 2 }))).toMatchObject({
    status: 'failed',
    reason: "2 findings of this gate can't be laid to one team and block every team: see team workspace",
  });
});

test("a team all of whose tests fail by another team's change has proved nothing", () => {
  const blockers = [{ causedBy: 'web', shownIn: 'api', finding: finding() }];
  const failed = { file: 'a.test.ts', name: 'adds', status: 'failed' as const, durationMs: 1 };
  expect(judge(evidence({ blockers, tests: [failed] }))).toMatchObject({ status: 'error', reason: 'none of its tests could pass because of a change by web' });
  expect(judge(evidence({ blockers, tests: [failed, { ...failed, status: 'passed' }] }))).toMatchObject({ status: 'passed' });
});
