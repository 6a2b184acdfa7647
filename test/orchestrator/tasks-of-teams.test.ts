import { expect, test } from 'vitest';
import { describeRefusal } from '../../src/model/orchestrator-refusal.ts';
import { GATE_IDS } from '../../src/model/gate.ts';
import { generateConsolidatedReport } from '../../src/orchestrator/report.ts';
import { handleMultiImplement } from '../../src/orchestrator/multi-implement.ts';
import { withTasksOfTeams } from '../../src/orchestrator/tasks-of-teams.ts';
import { contextOf, coordinationOf } from '../relay/relay-rig.ts';
import { Session, START_MS, task } from './session.ts';

function specification(): Session {
  const session = new Session();
  session.state = withTasksOfTeams({ coordination: coordinationOf(), teams: { team1: contextOf('team1') } });
  return session;
}

test("the specification's documents are a session: what its teams are at can be completed", () => {
  const session = specification();
  expect(session.teams).toEqual({ team1: 'TASK-API-01 implementation', team2: 'TASK-UI-02 quality', team3: 'TASK-SEC-03 testing', team4: null });
  expect(session.row('TASK-API-01')).toMatchObject({ files: ['src/api/auth/endpoint.py', 'tests/test_auth.py'], assignment: 1, attempts: 1, started_at: '2025-08-08T10:00:00Z' });
  expect(session.complete('team1', 'implementation')).toMatchObject({ action: 'proceed_to_next_phase', next_phase: 'quality' });
  expect(session.context('team1').discrepancies).toEqual([]);
  expect(session.complete('team2', 'quality')).toMatchObject({ action: 'wait_for_other_teams', waiting_for: ['team1'] });
  expect(withTasksOfTeams(session.state)).toBe(session.state);
});

test('they are not given up without a word', () => {
  const outcome = handleMultiImplement(specification().state, { taskIds: ['A'], tasks: [task('A')], nowMs: START_MS });
  expect(outcome.ok ? '' : describeRefusal(outcome.refusal)).toBe('session multi_2025080810 is not finished (TASK-API-01 and 2 more): let it end, or give it up: with --replace for another, with spark-gates end-session for none');
});

test('a team whose row says that it is past the review has yet to be measured', () => {
  const { teams } = coordinationOf();
  const state = withTasksOfTeams({ coordination: coordinationOf({ teams: { ...teams, team1: { status: 'ACTIVE', task_id: 'constructor', phase: 'report', progress: 98, last_update: null } } }), teams: {} });
  expect(state.coordination?.tasks.constructor).toMatchObject({ phase: 'review', files: [], result: { gates: {} } });
});

test('a task that is completed by word only is no completed one in the report', () => {
  const session = new Session();
  session.start([task('A')]);
  session.completeThrough('team1', 'report');
  const status = (): unknown => generateConsolidatedReport(session.state, { nowMs: session.nowMs, locks: null })?.tasks[0]?.status;
  expect([Object.keys(session.row('A').result.gates).length, status()]).toEqual([GATE_IDS.length, 'completed']);
  session.row('A').result.gates = {};
  expect(status()).toBe('unmeasured');
});
