import { expect, test } from 'vitest';
import { describeRefusal } from '../../src/model/orchestrator-refusal.ts';
import type { Task } from '../../src/model/task.ts';
import { handleMultiImplement, type MultiImplement } from '../../src/orchestrator/multi-implement.ts';
import { EMPTY, Session, START_MS, task } from './session.ts';

function refusalOf(tasks: readonly Task[], extra: Partial<MultiImplement> = {}): string {
  const outcome = handleMultiImplement(EMPTY, { tasks, taskIds: tasks.map(({ id }) => id), nowMs: START_MS, ...extra });
  return outcome.ok ? 'done' : describeRefusal(outcome.refusal);
}

test("two tasks: the specification's answer, and an agent for each", () => {
  const session = new Session();
  const decision = session.start([task('TASK-API-01'), task('TASK-UI-02')]);
  expect(decision).toMatchObject({
    action: 'parallel_execute',
    teams: { team1: 'TASK-API-01', team2: 'TASK-UI-02', team3: null, team4: null },
    workflow_phases: ['implementation', 'quality', 'testing', 'review', 'report'],
    session_id: 'multi_20250808100000',
    queued: [],
    notes: [],
  });
  expect(decision.instructions.split('\n')).toEqual([
    'Execute teams in parallel per phase, wait for all to complete before next phase',
    'Start all 2 invocations in one message, as 2 calls with description, prompt and subagent_type as given. Then follow what each spark-gates phase complete answers.',
  ]);
  expect(decision.invocations.map(({ prompt, ...rest }) => [prompt.split('\n')[0], rest])).toEqual([
    ['Execute implementation phase for TASK-API-01 using team1_current_task.json', { description: 'team1 implementation - TASK-API-01', subagent_type: 'team1_implementer', parallel: true, team_id: 'team1', task_id: 'TASK-API-01', phase: 'implementation', assignment: 1, retry: 0 }],
    ['Execute implementation phase for TASK-UI-02 using team2_current_task.json', { description: 'team2 implementation - TASK-UI-02', subagent_type: 'team2_implementer', parallel: true, team_id: 'team2', task_id: 'TASK-UI-02', phase: 'implementation', assignment: 2, retry: 0 }],
  ]);
  expect(session.coordination).toMatchObject({ total_teams: 4, active_teams: 2, current_phase: 'implementation', overall_progress: 0, queue: [], ended_at: null });
  expect(session.coordination.teams.team4).toEqual({ status: 'INACTIVE', task_id: null, phase: null, progress: 0, last_update: null });
});

test("a context has the specification's values to begin with", () => {
  const session = new Session();
  session.start([task('TASK-API-01', { description: 'Authentication endpoint of the API', files: ['src/api/auth.ts', 'package.json'] })]);
  expect(session.context('team1')).toMatchObject({
    team_id: 'team1', task_id: 'TASK-API-01', status: 'assigned', phase: 'pending', assigned_files: ['src/api/auth.ts', 'package.json'],
    shared_resources: { 'package.json': { locked_by: null, lock_timestamp: null } },
    persona_activation: { active_personas: ['backend', 'security'], mcp_servers: ['context7', 'sequential'], complexity_score: 0.75 },
    quality_gates: { syntax_validation: 'pending', integration_test: 'pending' },
    retry_count: 0, max_retries: 3, start_time: '2025-08-08T10:00:00.000Z', end_time: null, errors: [], next_agent: null, assignment: 1, attempt: 1, predecessor: null,
  });
});

test('more tasks than teams are queued, and the answer says so', () => {
  const session = new Session();
  const decision = session.start(['A', 'B', 'C', 'D', 'E', 'F'].map((id) => task(id)));
  expect(decision.teams).toEqual({ team1: 'A', team2: 'B', team3: 'C', team4: 'D' });
  expect(decision.queued).toEqual([{ task_id: 'E', reason: 'waits for a free team' }, { task_id: 'F', reason: 'waits for a free team' }]);
  expect(decision.notes).toEqual(['2 of 6 tasks are queued and start as teams become free: E, F']);
});

test('tasks that change the same files are not side by side, whatever stands between them', () => {
  const session = new Session();
  const decision = session.start([task('A', { files: ['src/cart'] }), task('B', { files: ['src/cart/total.ts'] }), task('C', { files: ['docs/**', 'package.json'] }), task('D', { files: ['web/a.ts', 'package.json'] })]);
  expect(decision.teams).toEqual({ team1: 'A', team2: 'C', team3: 'D', team4: null });
  expect(decision.queued).toEqual([{ task_id: 'B', reason: 'waits for A, which changes the same files (src/cart/total.ts, src/cart)' }]);
});

test('the queue goes by priority, then the longest chain, then the order given', () => {
  const session = new Session();
  const tasks = [task('first'), task('plain'), task('chain'), task('link', { dependencies: ['chain'] }), task('end', { dependencies: ['link'] }), task('urgent', { priority: 2 }), task('plain2')];
  expect(session.start(tasks, { teams: 1 }).teams).toEqual({ team1: 'urgent' });
  expect(session.coordination.queue).toEqual(['chain', 'link', 'first', 'plain', 'end', 'plain2']);
  expect(session.row('end').reason).toBe('waits for link, on which it depends');
});

test('related tasks go to one team, as long as none would be idle for it', () => {
  const session = new Session();
  const decision = session.start([task('a1', { files: ['src/a/x.ts'] }), task('a2', { files: ['src/a/y.ts'] }), task('b1', { files: ['src/b/x.ts'] }), task('b2', { files: ['src/b/y.ts'] })], { teams: 2 });
  expect(decision.teams).toEqual({ team1: 'a1', team2: 'b1' });
  session.completeThrough('team1', 'implementation');
  session.completeThrough('team2', 'implementation');
  for (const phase of ['quality', 'testing', 'review', 'report'] as const) for (const team of ['team2', 'team1']) session.complete(team, phase);
  expect(session.teams).toEqual({ team1: 'a2 pending', team2: 'b2 pending' });
  expect(new Session().start([task('a1', { files: ['src/a/x.ts'] }), task('a2', { files: ['src/a/y.ts'] })], { teams: 2 }).teams).toEqual({ team1: 'a1', team2: 'a2' });
});

test('a task without files is allowed, and said', () => {
  expect(new Session().start([task('A', { files: [] })]).notes).toEqual(['task A names no files: its team owns none, and gates have nothing of it to inspect']);
});

test('the same input gives the same answer', () => {
  const tasks = ['10', '9', 'constructor', 'T1.1', '2'].map((id) => task(id));
  expect(new Session().start(tasks)).toEqual(new Session().start(tasks));
  expect(new Session().start(tasks).teams).toEqual({ team1: '10', team2: '9', team3: 'constructor', team4: 'T1.1' });
});

test.each([
  ['no task', [], {}, 'no task was named: give one or more task ids, spark-gates tasks lists them'],
  ['one twice', [task('A')], { taskIds: ['A', 'B', 'A'] }, 'task A is named twice: name each task once'],
  ['one unknown', [task('A')], { taskIds: ['A', 'B'] }, 'there is no task B: spark-gates tasks lists those there are'],
  ['a name of every object', [task('A')], { taskIds: ['constructor'] }, 'there is no task constructor: spark-gates tasks lists those there are'],
  ['a name that JSON loses', [task('__proto__')], {}, 'a task cannot be called __proto__: give it another id'],
  ['files outside', [task('A', { files: ['../secret.ts'] })], {}, 'task A names ../secret.ts, which is outside the root: name files by their path from the root'],
  ['a dependency left out', [task('A', { dependencies: ['B'] })], {}, 'task A depends on B, which is neither part of this session nor known to be completed: add B, or say that it is done'],
  ['a circle', [task('A', { dependencies: ['B'] }), task('B', { dependencies: ['C'] }), task('C', { dependencies: ['B'] })], {}, 'these tasks wait for each other: B → C → B; remove one of these dependencies'],
  ['no team', [task('A')], { teams: 0 }, '0 is no number of teams: give 1 to 16'],
  ['too many teams', [task('A')], { teams: 17 }, '17 is no number of teams: give 1 to 16'],
  ['a dependency known to be done', [task('A', { dependencies: ['B'] })], { completed: ['B'] }, 'done'],
])('%s', (_, tasks, extra, sentence) => {
  expect(refusalOf(tasks, extra)).toBe(sentence);
});

test('a session that is not finished is not replaced by accident', () => {
  const session = new Session();
  session.start([task('A'), task('B')]);
  const again = { tasks: [task('C')], taskIds: ['C'], nowMs: START_MS };
  const refused = handleMultiImplement(session.state, again);
  expect(refused.ok ? null : describeRefusal(refused.refusal)).toBe('session multi_20250808100000 is not finished (A and 1 more): let it end, or give it up: with --replace for another, with spark-gates end-session for none');
  const replaced = handleMultiImplement(session.state, { ...again, replace: true });
  expect(replaced.ok && replaced.effects.map((effect) => (effect.effect === 'start-agent' ? effect.invocation.description : [effect.effect, effect.team]))).toEqual([
    ['end-agent', 'team1'], ['release-leases', 'team1'], ['end-agent', 'team2'], ['release-leases', 'team2'], 'team1 implementation - C',
  ]);
  expect(replaced.ok && [replaced.state.coordination?.session_id, replaced.state.teams.team1?.assignment, replaced.state.teams.team2?.status]).toEqual(['multi_20250808100000_2', 3, 'failed']);
});
