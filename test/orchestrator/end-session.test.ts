import { expect, test } from 'vitest';
import { describeRefusal } from '../../src/model/orchestrator-refusal.ts';
import { endSession } from '../../src/orchestrator/end-session.ts';
import type { RelayState } from '../../src/orchestrator/relay-state.ts';
import { EMPTY, Session, task } from './session.ts';

const sentence = (state: RelayState): string | null => {
  const outcome = endSession(state, { reason: 'enough', nowMs: 0 });
  return outcome.ok ? null : describeRefusal(outcome.refusal);
};

test('what is not finished fails for the reason given, what is completed stays', () => {
  const session = new Session();
  session.start([task('A'), task('B'), task('C', { dependencies: ['B'] }), task('D')], { teams: 2, synchronisation: 'pipelined' });
  session.completeThrough('team1', 'report');
  expect(session.teams).toEqual({ team1: 'D pending', team2: 'B pending' });
  const outcome = endSession(session.state, { reason: 'enough', nowMs: session.nowMs });
  if (!outcome.ok) throw new Error('refused');
  expect(outcome.decision).toEqual({ session_id: session.coordination.session_id, given_up: ['B', 'C', 'D'], teams: ['team2', 'team1'] });
  expect(outcome.effects.map((effect) => [effect.effect, 'team' in effect ? effect.team : null])).toEqual([['end-agent', 'team2'], ['release-leases', 'team2'], ['end-agent', 'team1'], ['release-leases', 'team1']]);
  session.take(outcome);
  expect(Object.fromEntries(Object.entries(session.coordination.tasks).map(([id, { status, reason }]) => [id, [status, reason]]))).toEqual({ A: ['completed', null], B: ['failed', 'enough'], C: ['failed', 'enough'], D: ['failed', 'enough'] });
  expect(session.coordination).toMatchObject({ active_teams: 0, queue: [], ended_at: '2025-08-08T10:00:00.000Z' });
  expect(session.teams).toEqual({ team1: null, team2: null });
  expect(sentence(session.state)).toBe(`session ${session.coordination.session_id} has ended already: nothing changed`);
  expect(session.start([task('E')]).teams).toMatchObject({ team1: 'E' });
});

test('a context that somebody wrote for a team without a task is at work no more', () => {
  const session = new Session();
  session.start([task('A')]);
  session.completeThrough('team1', 'report');
  const stray = { ...session.context('team1'), team_id: 'team9', status: 'in_progress' };
  session.state = { ...session.state, teams: { ...session.state.teams, team9: stray } };
  session.take(endSession(session.state, { reason: 'enough', nowMs: session.nowMs }));
  expect([session.context('team9').status, session.context('team1').status, session.row('A').status]).toEqual(['failed', 'completed', 'completed']);
});

test('without a session there is nothing to end', () => {
  expect(sentence(EMPTY)).toBe('no session has been started: run spark-gates multi-implement with task ids first');
});
