import { expect, test } from 'vitest';
import { describeRefusal } from '../../src/model/orchestrator-refusal.ts';
import { checkTeams, handleTeamCrash, recordActivity } from '../../src/orchestrator/recovery.ts';
import type { TeamDecision } from '../../src/orchestrator/decision.ts';
import { measured, Session, task } from './session.ts';

const MINUTE = 60_000;

/** Looks once a minute, so often; what the looks decided. */
function watch(session: Session, minutes: number, stepMs = MINUTE): readonly TeamDecision[] {
  return Array.from({ length: minutes }, () => {
    session.nowMs += stepMs;
    return session.take(checkTeams(session.state, { nowMs: session.nowMs }));
  }).flat();
}

function crash(session: Session, team: string, reason = 'its process was killed'): TeamDecision {
  return session.take(handleTeamCrash(session.state, { team, reason, nowMs: session.nowMs }));
}

test('a silent team is crashed; its task goes on with a backup team, which is told what was done', () => {
  const session = new Session();
  session.start([task('A'), task('B')], { synchronisation: 'pipelined' });
  session.complete('team1', 'implementation', measured('implementation', {}, { filesChanged: ['src/A/main.ts', 'src/B/main.ts'] }));
  session.context('team1').implementation_details.files_created.push('src/A/new.ts');
  session.take(recordActivity(session.state, { team: 'team2', nowMs: session.nowMs }));
  expect(watch(session, 15)).toEqual([]);
  session.take(recordActivity(session.state, { team: 'team2', nowMs: session.nowMs + 1 }));
  const outcome = checkTeams(session.state, { nowMs: session.nowMs + MINUTE });
  if (!outcome.ok) throw new Error('refused');
  expect(outcome.effects.map((effect) => (effect.effect === 'start-agent' ? effect.invocation.description : [effect.effect, effect.team]))).toEqual([
    ['end-agent', 'team1'], ['release-leases', 'team1'], 'team3 quality - A',
  ]);
  const [decision] = session.take(outcome);
  expect(decision).toMatchObject({ action: 'reassign', team_id: 'team1', task_id: 'A', phase: 'quality', reason: 'no sign of life for 900 s' });
  expect(decision?.instructions).toBe('team1 was lost; task A goes on with team3 and keeps what was done. End whatever agent of team1 is still there.\nStart in one message: team3_quality, with the prompts given in invocations.');
  expect(session.context('team1').status).toBe('crashed');
  expect(session.context('team3')).toMatchObject({
    task_id: 'A', phase: 'quality', attempt: 2, assignment: 3,
    predecessor: { team_id: 'team1', phase: 'quality', reason: 'no sign of life for 900 s', files_changed: ['src/A/new.ts', 'src/A/main.ts'] },
  });
  expect(decision?.invocations[0]?.prompt.split('\n')[3]).toBe('team1 had this task before and was lost in quality (no sign of life for 900 s); changed so far: src/A/new.ts, src/A/main.ts. Look at what is there and go on from it.');
  expect(session.teams).toEqual({ team1: null, team2: 'B implementation', team3: 'A quality', team4: null });
});

test('looks that come one upon the other are one, and lose no time of silence', () => {
  const session = new Session();
  session.start([task('A')]);
  watch(session, 1);
  const before = session.state;
  expect(watch(session, 40, 1_000)).toEqual([]);
  expect(session.state).toBe(before);
  watch(session, 1, 20_000);
  expect(session.row('A').silent_ms).toBe(60_000);
});

test('a limit that was given holds for whoever looks after that', () => {
  const session = new Session();
  session.start([task('A')]);
  session.take(checkTeams(session.state, { nowMs: session.nowMs, silentMs: 60 * MINUTE }));
  expect(watch(session, 58)).toEqual([]);
  expect(watch(session, 4)).toMatchObject([{ action: 'reassign', reason: 'no sign of life for 3600 s' }]);
});

test('a team that waits for others may be silent', () => {
  const session = new Session();
  session.start([task('A'), task('B')]);
  session.complete('team1', 'implementation');
  for (let minute = 0; minute < 60; minute++) {
    session.take(recordActivity(session.state, { team: 'team2', nowMs: session.nowMs + 1 }));
    expect(watch(session, 1)).toEqual([]);
  }
});

test.each([
  ['set back by a day', -24 * 60 * MINUTE],
  ['set forward by a day', 24 * 60 * MINUTE],
])('a clock %s makes no team crash', (_, jumpMs) => {
  const session = new Session();
  session.start([task('A')]);
  watch(session, 5);
  session.nowMs += jumpMs;
  expect(watch(session, 4)).toEqual([]);
  // And none that is silent is missed for it.
  expect(watch(session, 15)).toMatchObject([{ action: 'reassign' }]);
});

test('an orchestrator that was dead for hours gives agents their time when it is back', () => {
  const session = new Session();
  session.start([task('A')]);
  watch(session, 2);
  expect(watch(session, 1, 10 * 60 * MINUTE)).toEqual([]);
});

test('without another free team the task stays first and takes the slot that was freed', () => {
  const session = new Session();
  session.start([task('A'), task('B'), task('urgent', { priority: 9, dependencies: ['B'] }), task('D')], { teams: 2 });
  expect(crash(session, 'team1')).toMatchObject({ action: 'reassign', invocations: [{ description: 'team1 implementation - A', assignment: 3 }] });
  const stale = session.tryComplete('team1', 'implementation', measured('implementation'), { assignment: 1 });
  expect(stale.ok ? '' : describeRefusal(stale.refusal)).toBe('this was started for assignment 1 of team1, which now has assignment 3: stop, the task was taken away from you');
});

test('a task that lost three teams has failed, with the reason', () => {
  const session = new Session();
  session.start([task('A'), task('B', { dependencies: ['A'] })], { teams: 1 });
  crash(session, 'team1');
  crash(session, 'team1');
  const decision = crash(session, 'team1');
  expect(decision).toMatchObject({ action: 'escalate', reason: 'its team was lost 3 times, the last time in implementation: its process was killed', session_ended: true });
  expect(session.row('B')).toMatchObject({ status: 'failed', reason: 'it depends on A, which failed' });
});

test('three failures, and one team at a time goes on', () => {
  const session = new Session();
  session.start(['A', 'B', 'C', 'D', 'E'].map((id) => task(id)), { teams: 3 });
  crash(session, 'team1');
  crash(session, 'team2');
  const decision = crash(session, 'team3');
  expect(decision.notes).toEqual(['3 failures in this session: from now on one team at a time; no task is started until the teams at work have ended']);
  expect(decision.instructions.split('\n')[0]).toBe('team3 was lost; task C is first in the queue and keeps what was done. It is started when a team is free.');
  expect(session.coordination).toMatchObject({ execution: 'sequential', failures: 3, active_teams: 2, queue: ['C', 'D', 'E'] });
  expect(session.row('D').reason).toBe('waits until the team at work has ended: one team at a time after repeated failures');
  for (const phase of ['implementation', 'quality', 'testing', 'review', 'report'] as const) for (const team of ['team1', 'team2']) session.complete(team, phase);
  // C goes to a team that was not the one that lost it.
  expect(session.teams).toEqual({ team1: 'C pending', team2: null, team3: null });
});

test('a crash of a team that waits at the barrier holds nobody up', () => {
  const session = new Session();
  session.start([task('A'), task('B'), task('C')], { teams: 3 });
  session.complete('team1', 'implementation');
  session.complete('team2', 'implementation');
  expect(crash(session, 'team3').invocations.map(({ description }) => description)).toEqual(['team1 quality - A', 'team2 quality - B', 'team3 implementation - C']);
});

test('activity and crashes of nobody are refused', () => {
  const session = new Session();
  session.start([task('A')]);
  const sentences = [
    recordActivity(session.state, { team: 'team2', nowMs: 0 }),
    recordActivity(session.state, { team: 'team1', assignment: 7, nowMs: 0 }),
    handleTeamCrash(session.state, { team: 'team9', reason: '', nowMs: 0 }),
    handleTeamCrash(session.state, { team: 'team2', assignment: 4, reason: '', nowMs: 0 }),
  ].map((outcome) => (outcome.ok ? '' : describeRefusal(outcome.refusal)));
  expect(sentences).toEqual([
    'team2 has no task at present: nothing changed',
    'this was started for assignment 7 of team1, which now has assignment 1: stop, the task was taken away from you',
    'there is no team team9 in this session: its teams are team1, team2, team3, team4',
    'this was started for assignment 4 of team2, which now has no task: stop, the task was taken away from you',
  ]);
});
