import { expect, test } from 'vitest';
import { describeRefusal } from '../../src/model/orchestrator-refusal.ts';
import type { Phase } from '../../src/model/phase.ts';
import { acceptCompletion, handleTeamCompletion } from '../../src/orchestrator/team-completion.ts';
import { ALL_PASSED, EMPTY, measured, Session, START_MS, task, verdict } from './session.ts';

const FINDING = { gate: 'lint_enforcement', rule: 'no-var', message: 'no var', file: 'src/A/main.ts', line: 3, column: 1, severity: 'error' } as const;
const LINT_FAILS = measured('quality', { lint_enforcement: { status: 'failed', findings: [FINDING] } });

function started(...ids: string[]): Session {
  const session = new Session();
  session.start(ids.map((id) => task(id)));
  return session;
}

function sentence(session: Session, team: string, phase: Phase, said = {}): string {
  const outcome = session.tryComplete(team, phase, measured(phase), said);
  return outcome.ok ? 'done' : describeRefusal(outcome.refusal);
}

test('the barrier: whoever is done waits, and the last one opens it for all', () => {
  const session = started('A', 'B', 'C');
  expect(session.complete('team2', 'implementation')).toMatchObject({ action: 'wait_for_other_teams', next_phase: null, waiting_for: ['team1', 'team3'], invocations: [] });
  expect(session.complete('team1', 'implementation').instructions).toBe('team1 has completed implementation. End now: team3 must complete implementation before team1 goes on. Whoever completes it last is told which agents to start.');
  const last = session.complete('team3', 'implementation');
  expect(last).toMatchObject({ action: 'proceed_to_next_phase', next_phase: 'quality', reason: null });
  expect(last.instructions).toBe('team3 goes on with quality: end now.\nStart in one message: team1_quality, team2_quality, team3_quality, with the prompts given in invocations.');
  expect(session.teams).toMatchObject({ team1: 'A quality', team2: 'B quality', team3: 'C quality' });
  expect(session.coordination.current_phase).toBe('quality');
});

test('a team one phase ahead counts as done', () => {
  const session = started('A', 'B');
  session.complete('team1', 'implementation');
  session.complete('team2', 'implementation');
  session.complete('team1', 'quality');
  // By hand, as somebody may do it: team1 is in testing while team2 is in quality.
  session.row('A').phase = 'testing';
  expect(session.complete('team2', 'quality')).toMatchObject({ action: 'proceed_to_next_phase', next_phase: 'testing' });
});

test('pipelined: nobody waits', () => {
  const session = new Session();
  session.start([task('A'), task('B')], { synchronisation: 'pipelined' });
  session.completeThrough('team1', 'review');
  expect(session.teams).toMatchObject({ team1: 'A report', team2: 'B pending' });
  expect(session.coordination.current_phase).toBe('mixed');
});

test("the specification's example: 45, 70 and 90 make 68", () => {
  const session = new Session();
  session.start([task('A'), task('B'), task('C')], { synchronisation: 'pipelined' });
  session.row('A').phase = 'implementation';
  session.completeThrough('team2', 'implementation');
  session.completeThrough('team3', 'quality');
  expect(Object.values(session.coordination.teams).map(({ progress }) => progress)).toEqual([45, 70, 90, 0]);
  expect(session.coordination).toMatchObject({ overall_progress: 68, current_phase: 'mixed', active_teams: 3, total_teams: 4 });
});

test('a failed gate sends the team back to the same phase with what was found', () => {
  const session = started('A', 'B');
  session.completeThrough('team1', 'implementation');
  session.completeThrough('team2', 'implementation');
  const decision = session.complete('team1', 'quality', LINT_FAILS);
  expect(decision).toMatchObject({ action: 'retry', next_phase: null, waiting_for: [] });
  expect(decision.instructions.split('\n')).toEqual([
    'Retry 1 of 3: team1 has not completed quality. Mend this, without weakening a rule, a threshold or a test:',
    'lint_enforcement failed',
    '  src/A/main.ts:3:1 no var (no-var)',
    'Then: spark-gates phase complete team1 quality --assignment 1 --retry 1',
  ]);
  expect(session.context('team1')).toMatchObject({
    phase: 'quality_retry', retry_count: 1, next_agent: 'team1_quality', status: 'in_progress', quality_gates: { ...ALL_PASSED, lint_enforcement: 'failed' },
    errors: [{ phase: 'quality', retry: 0, text: 'lint_enforcement failed with 1 finding' }],
  });
  expect(session.coordination.quality_metrics.total_violations).toBe(1);
  expect(session.complete('team2', 'quality')).toMatchObject({ action: 'wait_for_other_teams', waiting_for: ['team1'] });
  expect(session.complete('team1', 'quality')).toMatchObject({ action: 'proceed_to_next_phase', next_phase: 'testing' });
  expect(session.coordination.quality_metrics.total_violations).toBe(0);
});

test('three retries, then the task has failed, a person is told, and the others go on', () => {
  const session = new Session();
  session.start([task('A'), task('B'), task('C', { dependencies: ['A'] }), task('D', { dependencies: ['C'] })]);
  session.completeThrough('team1', 'implementation');
  session.completeThrough('team2', 'implementation');
  session.complete('team2', 'quality');
  for (const retry of [1, 2, 3]) expect(session.complete('team1', 'quality', LINT_FAILS)).toMatchObject({ action: 'retry', reason: null, invocations: [{ retry }] });
  const decision = session.complete('team1', 'quality', LINT_FAILS);
  expect(decision.instructions.split('\n')).toEqual([
    'Task A of team1 has failed: quality was not passed after 3 retries: lint_enforcement failed with 1 finding. Start no further agent for it, and tell a person: the reason and the last findings are in spark-gates report.',
    'C failed with it: it depends on A',
    'D failed with it: it depends on C',
    'Start in one message: team2_tester, with the prompts given in invocations.',
  ]);
  expect(decision).toMatchObject({ action: 'escalate', next_phase: null, session_ended: false });
  expect(session.context('team1')).toMatchObject({ status: 'failed', retry_count: 3, phase: 'quality_retry' });
  expect(session.row('D')).toMatchObject({ status: 'failed', reason: 'it depends on C, which failed' });
  expect(session.coordination).toMatchObject({ failures: 1, active_teams: 1, execution: 'parallel' });
});

test('a gate that could not run, or was not measured, is no pass', () => {
  const session = started('A');
  session.completeThrough('team1', 'implementation');
  const decision = session.complete('team1', 'quality', { ...measured('quality', { type_verification: { status: 'error', reason: 'typescript is not installed: run npm i -D typescript' } }), gates: { type_verification: verdict({ status: 'error', reason: 'typescript is not installed' }) } });
  expect(decision.action).toBe('retry');
  expect(decision.instructions.split('\n').slice(1, 4)).toEqual(['syntax_validation could not run: the gate was asked for and not measured', 'type_verification could not run: typescript is not installed', 'lint_enforcement could not run: the gate was asked for and not measured']);
});

test('a gate that is skipped, or only warns, keeps nobody', () => {
  const session = started('A');
  session.completeThrough('team1', 'implementation');
  const result = measured('quality', { performance_check: { status: 'skipped', reason: 'no budgets' }, documentation_check: { status: 'failed', blocking: false, findings: [FINDING] } });
  expect(session.complete('team1', 'quality', result)).toMatchObject({ action: 'proceed_to_next_phase', next_phase: 'testing' });
});

test('tests are measured again after testing, and only they', () => {
  const session = started('A');
  session.completeThrough('team1', 'quality');
  expect(acceptCompletion(session.state, { team: 'team1', phase: 'testing' })).toMatchObject({ ok: true, gates: ['test_coverage', 'integration_test'] });
  const decision = session.complete('team1', 'testing', measured('testing', { test_coverage: { status: 'failed', reason: '4 of 31 tests failed' } }));
  expect(decision).toMatchObject({ action: 'retry', phase: 'testing' });
  expect(session.context('team1')).toMatchObject({ phase: 'testing_retry', next_agent: 'team1_tester', retry_count: 1 });
});

test('the last phase completes the task, releases the leases, and lets the next task begin', () => {
  const session = new Session();
  session.start([task('A'), task('B')], { teams: 1 });
  session.completeThrough('team1', 'review');
  const outcome = session.tryComplete('team1', 'report');
  if (!outcome.ok) throw new Error('refused');
  expect(outcome.effects.map((effect) => (effect.effect === 'start-agent' ? effect.invocation.description : [effect.effect, effect.team]))).toEqual([['release-leases', 'team1'], 'team1 implementation - B']);
  expect(session.take(outcome)).toMatchObject({ action: 'complete', task_id: 'A', session_ended: false });
  expect(session.row('A')).toMatchObject({ status: 'completed', progress: 100, team: 'team1', phase: 'report_completed' });
  session.completeThrough('team1', 'review');
  expect(session.complete('team1', 'report').instructions).toBe('Task B of team1 is completed. End now.\nNo task is left. Run spark-gates report and hand the report over.');
  expect(session.coordination).toMatchObject({ overall_progress: 100, active_teams: 0, current_phase: null, ended_at: '2025-08-08T10:00:00.000Z' });
});

test('what cannot be completed is refused with a sentence, and nothing changes', () => {
  const session = started('A', 'B');
  session.complete('team1', 'implementation');
  const before = structuredClone(session.state);
  expect(sentence(session, 'team1', 'implementation')).toBe('team1 has completed implementation already and stands at implementation_completed: nothing changed');
  expect(sentence(session, 'team1', 'quality')).toBe('quality of team1 has not begun: it begins when team2 has caught up');
  expect(sentence(session, 'team2', 'testing')).toBe('team2 is in implementation, not in testing: complete implementation first');
  expect(sentence(session, 'team3', 'implementation')).toBe('team3 has no task at present: nothing changed');
  expect(sentence(session, 'team7', 'implementation')).toBe('there is no team team7 in this session: its teams are team1, team2, team3, team4');
  expect(sentence(session, 'team2', 'implementation', { assignment: 1 })).toBe('this was started for assignment 1 of team2, which now has assignment 2: stop, the task was taken away from you');
  expect(sentence(session, 'team2', 'implementation', { assignment: 2, retry: 1 })).toBe('this was started for retry 1 of team2, which is at retry 0: that retry has its own agent');
  expect(session.state).toEqual(before);
  const empty = acceptCompletion(EMPTY, { team: 'team1', phase: 'quality' });
  expect(empty.ok ? '' : describeRefusal(empty.refusal)).toBe('no session has been started: run spark-gates multi-implement with task ids first');
});

test('a finished task cannot be completed again', () => {
  const session = started('A');
  session.completeThrough('team1', 'report');
  expect(sentence(session, 'team1', 'report')).toBe('task A of team1 is completed already: there is nothing left to complete');
});

test('a measurement that somebody else overtook is not used', () => {
  const session = started('A');
  session.completeThrough('team1', 'implementation');
  const completion = { team: 'team1', phase: 'quality' } as const;
  const accepted = acceptCompletion(session.state, completion);
  if (!accepted.ok) throw new Error('refused');
  session.complete('team1', 'quality', LINT_FAILS);
  const late = handleTeamCompletion(session.state, { ...completion, measured: LINT_FAILS, standing: accepted.standing, nowMs: START_MS });
  expect(late.ok ? '' : describeRefusal(late.refusal)).toBe('while the gates of team1 were measured, its state became quality_retry: look at spark-gates status, and complete the phase again if it is still at work');
  expect(session.row('A').retry_count).toBe(1);
});

test('a context edited to be further than it is changes nothing but the list of discrepancies', () => {
  const session = started('A');
  Object.assign(session.context('team1'), { phase: 'report_completed', retry_count: 9, status: 'completed' });
  expect(session.complete('team1', 'implementation')).toMatchObject({ action: 'proceed_to_next_phase', next_phase: 'quality' });
  expect(session.context('team1')).toMatchObject({ phase: 'quality', retry_count: 0, status: 'in_progress' });
  expect(session.row('A').result.discrepancies).toEqual([
    { claim: 'phase: report_completed', measured: 'pending', at: '2025-08-08T10:00:00.000Z' },
    { claim: 'retry_count: 9', measured: '0', at: '2025-08-08T10:00:00.000Z' },
  ]);
});

test("a problem in another team's file is a blocker in both contexts, said once", () => {
  const session = started('A', 'B');
  for (const team of ['team1', 'team2']) session.complete(team, 'implementation');
  const blockers = [{ causedBy: 'team1', shownIn: 'team2', finding: { ...FINDING, gate: 'type_verification', message: 'no such name\nmore', file: 'src/B/main.ts' } }] as const;
  const result = measured('quality', { type_verification: { blockers }, lint_enforcement: { status: 'failed', blockers } });
  session.complete('team1', 'quality', result);
  session.nowMs += 1_000;
  session.complete('team1', 'quality', result);
  const note = { caused_by: 'team1', shown_in: 'team2', text: 'type_verification: src/B/main.ts:3 no such name', at: '2025-08-08T10:00:00.000Z' };
  expect([session.context('team1'), session.context('team2')].map(({ communication }) => communication.blockers)).toEqual([[note], [note]]);
});
