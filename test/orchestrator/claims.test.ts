import { expect, test } from 'vitest';
import { LIMITS } from '../../src/model/limits.ts';
import { addMessage } from '../../src/orchestrator/communication.ts';
import { handleTeamCrash } from '../../src/orchestrator/recovery.ts';
import { renderMarkdown } from '../../src/orchestrator/report-markdown.ts';
import { generateConsolidatedReport } from '../../src/orchestrator/report.ts';
import { recordMessage } from '../../src/orchestrator/team-messages.ts';
import { measured, Session, task } from './session.ts';

function inQuality(): Session {
  const session = new Session();
  session.start([task('A', { files: ['src/**'] })]);
  session.complete('team1', 'implementation');
  return session;
}

test('what an agent claims and the measurement does not bear out is written beside it', () => {
  const session = inQuality();
  const context = session.context('team1');
  context.quality_gates.lint_enforcement = 'passed';
  context.quality_gates.syntax_validation = 'passed';
  Object.assign(context.implementation_details.quality_results, { test_coverage: 'passed', all_tests_pass: true, tests_passed: 31, tests_failed: 0, coverage_percentage: 95, mood: 'good' });
  const result = measured('quality', { lint_enforcement: { status: 'failed' }, test_coverage: { status: 'failed' } }, { tests: { passed: 27, failed: 4 }, coverage: { covered: 925, total: 1000 } });
  session.complete('team1', 'quality', result);
  expect(session.context('team1').discrepancies.map(({ claim, measured: found }) => `${claim} / ${found}`)).toEqual([
    'quality_gates.lint_enforcement: passed / failed',
    'quality_results.test_coverage: passed / failed',
    'quality_results.tests_passed: 31 / 27',
    'quality_results.tests_failed: 0 / 4',
    'quality_results.all_tests_pass: true / false',
    'quality_results.coverage_percentage: 95 / 92.5',
  ]);
  expect(session.context('team1').quality_gates).toMatchObject({ syntax_validation: 'passed', lint_enforcement: 'failed', test_coverage: 'failed' });
  expect(session.coordination.quality_metrics).toEqual({ total_violations: 0, tests_passed: 27, tests_failed: 4, coverage_percentage: 92.5 });
});

test('what the measurement itself wrote is no claim, and the same claim is written once', () => {
  const session = inQuality();
  session.complete('team1', 'quality', measured('quality', { lint_enforcement: { status: 'failed' } }));
  session.complete('team1', 'quality', measured('quality', { lint_enforcement: { status: 'failed' } }));
  expect(session.context('team1').discrepancies).toEqual([]);
  session.context('team1').quality_gates.lint_enforcement = 'passed';
  session.complete('team1', 'quality', measured('quality', { lint_enforcement: { status: 'failed' } }));
  session.context('team1').quality_gates.lint_enforcement = 'passed';
  session.nowMs += 1_000;
  session.complete('team1', 'quality', measured('quality', { lint_enforcement: { status: 'failed' } }));
  expect(session.row('A').result.discrepancies).toEqual([{ claim: 'quality_gates.lint_enforcement: passed', measured: 'failed', at: '2025-08-08T10:00:00.000Z' }]);
});

test('a gate that is claimed before it was ever measured', () => {
  const session = new Session();
  session.start([task('A')]);
  session.context('team1').quality_gates.type_verification = 'passed';
  session.complete('team1', 'implementation');
  expect(session.context('team1').discrepancies).toMatchObject([{ claim: 'quality_gates.type_verification: passed', measured: 'not measured' }]);
  expect(session.context('team1').quality_gates.type_verification).toBe('pending');
});

test('claimed files are held against the files that really changed, as far as they are the team\'s', () => {
  const session = inQuality();
  Object.assign(session.context('team1').implementation_details, { files_created: ['src/new.ts'], files_modified: ['./src/cart.ts', 'src/never.ts'], tests_written: ['src/cart.test.ts', 'adds two prices'] });
  session.complete('team1', 'quality', measured('quality', {}, { filesChanged: ['docs/other-team.md', 'src/cart.ts', 'src/new.ts', 'src/secret.ts'] }));
  expect(session.context('team1').discrepancies.map(({ claim, measured: found }) => `${claim} / ${found}`)).toEqual([
    'files_modified: src/never.ts / not changed',
    'files_modified: without src/secret.ts / changed',
    'tests_written: src/cart.test.ts / not changed',
  ]);
});

test('files that changed and are of no begun task are written down, told, and forgotten when they are taken back', () => {
  const session = new Session();
  session.start([task('A'), task('B'), task('C', { dependencies: ['A'] })], { synchronisation: 'pipelined' });
  for (const team of ['team1', 'team2']) session.complete(team, 'implementation');
  const seen = { filesChanged: ['src/A/main.ts', 'src/B/main.ts', 'src/C/main.ts', 'notes.md'], filesRemoved: ['gone.ts'] };
  const decision = session.complete('team1', 'quality', measured('quality', {}, seen));
  expect(session.coordination.unowned_changes).toEqual(['gone.ts', 'notes.md', 'src/C/main.ts']);
  expect(decision.notes).toEqual(["Changed, and no task's that was begun: gone.ts, notes.md, src/C/main.ts. Take back what you did not mean to change there: what the gates find in such files blocks every team."]);
  const report = generateConsolidatedReport(session.state, { nowMs: session.nowMs, locks: null });
  expect(report?.unowned_changes).toEqual(['gone.ts', 'notes.md', 'src/C/main.ts']);
  expect(session.complete('team2', 'quality', measured('quality', {}, { filesChanged: ['src/A/main.ts'] })).notes).toEqual([]);
  expect(session.coordination.unowned_changes).toEqual([]);
});

test('messages are said once, and the newest are kept', () => {
  const session = inQuality();
  const context = session.context('team1');
  for (let round = 0; round < 2; round++) for (let index = 0; index < LIMITS.messagesKeptMax + 5; index++) addMessage(context, { from: 'team1', text: `message ${index}`, at: `2025-08-08T10:00:0${round}Z` });
  expect(context.communication.messages_for_orchestrator).toHaveLength(LIMITS.messagesKeptMax);
  const fresh = new Session();
  fresh.start([task('A')]);
  for (let index = 0; index < 3; index++) addMessage(fresh.context('team1'), { from: 'team1', text: 'the same', at: `2025-08-08T10:00:0${index}Z` });
  expect(fresh.context('team1').communication.messages_for_orchestrator).toEqual([{ from: 'team1', text: 'the same', at: '2025-08-08T10:00:00Z' }]);
});

test('a blocker is told to both teams, through their contexts', () => {
  const session = new Session();
  session.start([task('A'), task('B')]);
  const blocker = { team: 'team1', text: 'package.json is leased', blockedBy: 'team2', nowMs: session.nowMs };
  session.take(recordMessage(session.state, blocker));
  session.take(recordMessage(session.state, blocker));
  session.take(recordMessage(session.state, { team: 'team1', text: 'half done', nowMs: session.nowMs }));
  const note = { caused_by: 'team2', shown_in: 'team1', text: 'package.json is leased', at: '2025-08-08T10:00:00.000Z' };
  expect(session.context('team1').communication).toMatchObject({ blockers: [note], messages_for_orchestrator: [{ from: 'team1', text: 'half done' }] });
  expect(session.context('team2').communication).toMatchObject({ blockers: [note], messages_for_orchestrator: [] });
  session.take(recordMessage(session.state, { team: 'team1', text: 'types.ts has a new field', to: 'team2', nowMs: session.nowMs }));
  expect(session.context('team2').communication.messages_from_teams).toEqual([{ from: 'team1', text: 'types.ts has a new field', at: '2025-08-08T10:00:00.000Z' }]);
  expect(recordMessage(session.state, { team: 'team1', text: 'x', to: 'team3', nowMs: session.nowMs })).toMatchObject({ ok: false, refusal: { reason: 'team-idle', team: 'team3' } });
  expect(recordMessage(session.state, { ...blocker, blockedBy: 'team9' })).toMatchObject({ ok: false, refusal: { reason: 'team-unknown', team: 'team9' } });
  expect(recordMessage(session.state, { ...blocker, team: 'team3' })).toMatchObject({ ok: false, refusal: { reason: 'team-idle', team: 'team3' } });
});

test('what the relay noted in a context stays there, outlives it, and is in the report from the first moment', () => {
  const session = inQuality();
  const noted = { claim: 'quality_gates.test_coverage: "passed"', measured: '"pending"', at: '2025-08-08T10:00:00.000Z' };
  session.context('team1').discrepancies.push(noted, { ...noted, at: '2025-08-08T10:05:00.000Z' });
  const claimsTold = (): unknown => generateConsolidatedReport(session.state, { nowMs: session.nowMs, locks: null })?.tasks[0]?.discrepancies;
  expect(claimsTold()).toEqual([noted]);
  session.complete('team1', 'quality');
  expect([session.context('team1').discrepancies, session.row('A').result.discrepancies, claimsTold()]).toEqual([[noted], [noted], [noted]]);
  session.context('team1').discrepancies.push({ ...noted, claim: 'phase: "report"', measured: '"testing"' });
  session.take(handleTeamCrash(session.state, { team: 'team1', reason: 'gone', nowMs: session.nowMs }));
  expect(session.row('A').result.discrepancies.map(({ claim }) => claim)).toEqual([noted.claim, 'phase: "report"']);
});

test('what an agent says in every phase is in the report once', () => {
  const session = inQuality();
  session.context('team1').communication.messages_for_orchestrator.push('all done', { text: 'all done' }, 'not quite');
  const report = generateConsolidatedReport(session.state, { nowMs: session.nowMs, locks: null });
  expect(report?.messages).toEqual([{ team: 'team1', message: 'all done', times: 2 }, { team: 'team1', message: 'not quite', times: 1 }]);
  expect(report === null ? '' : renderMarkdown(report)).toContain('- team1: all done (2 times)\n- team1: not quite\n');
});
