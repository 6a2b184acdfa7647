import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/model/limits.ts';
import { describeRelayFault, describeRelayRefusal } from '../../src/model/relay-refusal.ts';
import { RELAY_FOLDER, relayFolder } from '../../src/model/relay-files.ts';
import { Relay } from '../../src/relay/relay.ts';
import { findTeam } from '../../src/relay/relay-state.ts';
import { readRelayTeams } from '../../src/workspace/relay-teams.ts';
import { findRoot } from '../../src/workspace/root.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject } from '../rig/project.ts';
import { adoptedValue, begin, contextOf, coordinationOf, makeRelay, retry, teamOf, valueOf } from './relay-rig.ts';
import { SPECIFICATION } from './specification.ts';

describe('documents', () => {
  test('an empty folder, or none, is an empty state, and a look leaves no trace', async () => {
    await using rig = await makeRelay();
    expect(valueOf(await rig.relay.read())).toEqual({ seq: 0, coordination: null, teams: {} });
    expect(await rig.names()).toEqual([]);
    await rig.put({ 'notes.md': 'Ours.' });
    expect(valueOf(await rig.relay.read())).toEqual({ seq: 0, coordination: null, teams: {} });
    expect(valueOf(await rig.relay.transact((state) => ({ event: null, value: state.seq })))).toBe(0);
    expect(await rig.names()).toEqual(['notes.md']);
  });

  test("the specification's examples are taken as they are but for what only a measurement can say, and stay so to the byte until something changes", async () => {
    const coordinationText = SPECIFICATION.coordination.replace('"tests_passed": 145', '"tests_passed": 0').replace('"coverage_percentage": 92.5', '"coverage_percentage": null');
    const coordination = { ...coordinationOf(), quality_metrics: { total_violations: 0, tests_passed: 0, tests_failed: 0, coverage_percentage: null } };
    await using rig = await makeRelay({ 'team1_current_task.json': SPECIFICATION.context, 'multi_task_coordination.json': coordinationText });
    const state = adoptedValue(await rig.relay.read());
    expect(state.teams).toEqual({ team1: contextOf('team1') });
    expect(state.coordination).toEqual(coordination);
    expect(valueOf(await rig.open().read())).toEqual(state);
    expect(await rig.file('team1_current_task.json')).toBe(SPECIFICATION.context);
    expect(await rig.file('multi_task_coordination.json')).toBe(coordinationText);
    expect(valueOf(await rig.relay.readEvents()).map(({ seq, type, data }) => [seq, type, data.file])).toEqual([[1, 'adopted', 'multi_task_coordination.json'], [2, 'adopted', 'team1_current_task.json']]);
    valueOf(await retry(rig.relay, 'team1'));
    expect(JSON.parse((await rig.file('team1_current_task.json')) ?? '')).toEqual({ ...contextOf('team1'), retry_count: 1, revision: 1 });
    expect(await rig.file('multi_task_coordination.json')).toBe(coordinationText);
  });

  test('keys of others are kept at every level, through writes and replay', async () => {
    const context = { ...JSON.parse(SPECIFICATION.context) as object, vendor: { deep: [1, { more: null }] }, communication: { messages_for_orchestrator: [], dependencies_on_other_teams: [], blockers: [], channel: 'a~b/c' } };
    const coordination = JSON.parse(SPECIFICATION.coordination) as { teams: Record<string, object> };
    coordination.teams.team1 = { ...coordination.teams.team1, 'a/b~c': '/~' };
    await using rig = await makeRelay({ 'team1_current_task.json': JSON.stringify(context), 'multi_task_coordination.json': JSON.stringify(coordination) });
    adoptedValue(await retry(rig.relay, 'team1'));
    valueOf(await rig.relay.transact((state) => ({ event: { type: 'x', team: null }, coordination: { ...coordinationOf(), ...state.coordination, overall_progress: 99 }, value: null })));
    const state = valueOf(await rig.open().read());
    expect(teamOf(state, 'team1')).toMatchObject({ vendor: context.vendor, communication: context.communication, retry_count: 1 });
    expect(state.coordination?.teams.team1).toEqual(coordination.teams.team1);
    expect(valueOf(await rig.relay.rebuild())).toEqual(state);
  });

  test('a document of a newer version is refused and left alone', async () => {
    const text = JSON.stringify({ ...contextOf('team1'), schema_version: 2 });
    await using rig = await makeRelay({ 'team1_current_task.json': text });
    const read = await rig.relay.read();
    expect(!read.ok && describeRelayRefusal(read.refusal)).toBe(`${rig.folder}/team1_current_task.json was written by a newer spark-gates (version 2 of its form, this one knows 1); update spark-gates`);
    expect((await retry(rig.relay, 'team1')).ok).toBe(false);
    expect([await rig.names(), await rig.file('team1_current_task.json')]).toEqual([['events.ndjson', 'team1_current_task.json'], text]);
  });

  test('a log of a newer version is refused and left alone', async () => {
    const text = JSON.stringify({ snapshot: 2, everything: 'different' });
    await using rig = await makeRelay({ 'events.ndjson': text });
    const read = await rig.relay.read();
    expect(!read.ok && read.refusal).toEqual({ reason: 'newer-version', file: `${rig.folder}/events.ndjson`, found: 2, known: 1 });
    expect(await rig.file('events.ndjson')).toBe(text);
  });

  test('version 0, said or not, is migrated with the next write', async () => {
    await using rig = await makeRelay({ 'team1_current_task.json': JSON.stringify({ schema_version: 0, ...JSON.parse(SPECIFICATION.context) as object }) });
    expect(teamOf(adoptedValue(await rig.relay.read()), 'team1').schema_version).toBe(1);
    valueOf(await retry(rig.relay, 'team1'));
    expect(JSON.parse((await rig.file('team1_current_task.json')) ?? '')).toMatchObject({ schema_version: 1, revision: 1 });
  });
});

describe('transactions', () => {
  test('change several documents as one line of the log', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    expect(await rig.names()).toEqual(['events.ndjson', 'multi_task_coordination.json', 'team1_current_task.json', 'team2_current_task.json']);
    valueOf(await rig.relay.transact((state) => ({
      event: { type: 'phase-completed', team: 'team1', data: { phase: 'implementation' } },
      coordination: { ...coordinationOf(), ...state.coordination, overall_progress: 70 },
      teams: { team1: { ...teamOf(state, 'team1'), phase: 'implementation_completed' } },
      value: null,
    })));
    expect(valueOf(await rig.relay.readEvents({ after: 1 })).map(({ by, ...event }) => ({ ...event, by: typeof by }))).toEqual([{
      seq: 2, at: '2025-08-08T10:20:00.000Z', type: 'phase-completed', team: 'team1', data: { phase: 'implementation' }, by: 'string',
      changes: [
        { document: 'multi_task_coordination.json', revision: 2, patch: [{ op: 'replace', path: '/overall_progress', value: 70 }, { op: 'replace', path: '/revision', value: 2 }] },
        { document: 'team1_current_task.json', revision: 2, patch: [{ op: 'replace', path: '/phase', value: 'implementation_completed' }, { op: 'replace', path: '/revision', value: 2 }] },
      ],
    }]);
    const state = valueOf(await rig.open().read());
    expect([state.seq, state.coordination?.overall_progress, teamOf(state, 'team1').phase, teamOf(state, 'team2').revision]).toEqual([2, 70, 'implementation_completed', 1]);
    expect(valueOf(await rig.relay.rebuild())).toEqual(state);
  });

  test('an event may change nothing, a decision may be to do nothing', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    valueOf(await rig.relay.transact(() => ({ event: { type: 'noted', team: 'team2', data: { why: 'so' } }, value: null })));
    valueOf(await rig.relay.transact(() => ({ event: null, coordination: coordinationOf({ overall_progress: 1 }), value: null })));
    const state = valueOf(await rig.relay.read());
    expect([state.seq, state.coordination?.overall_progress]).toEqual([2, 68]);
  });

  test('what work throws comes through and leaves nothing; so does a document against its schema', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    await expect(rig.relay.transact(() => { throw new RangeError('mine'); })).rejects.toThrow(new RangeError('mine'));
    await expect(rig.relay.transact(() => ({ event: { type: 'x', team: null }, teams: { team1: contextOf('team1', { retry_count: -1 }) }, value: null })))
      .rejects.toThrow(new TypeError('team1_current_task.json may not become this: retry_count is -1, expected at least 0'));
    await expect(rig.relay.transact(() => ({ event: { type: 'x', team: null }, teams: { team1: contextOf('team2') }, value: null })))
      .rejects.toThrow(new TypeError('team1_current_task.json may not become this: team_id is "team2", expected "team1"'));
    expect(valueOf(await rig.relay.read()).seq).toBe(1);
    expect(valueOf(await retry(rig.relay, 'team1'))).toBe(1);
  });

  test('work that spoils the state it was given changes nothing', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    valueOf(await rig.relay.transact((state) => {
      teamOf(state, 'team1').retry_count = 7;
      return { event: { type: 'x', team: null }, value: null };
    }));
    expect(teamOf(valueOf(await rig.relay.read()), 'team1').retry_count).toBe(0);
  });

  test('a document too large is refused', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const outcome = await rig.relay.transact(() => ({ event: { type: 'x', team: null }, teams: { team1: contextOf('team1', { description: 'x'.repeat(LIMITS.documentBytesMax) }) }, value: null }));
    expect(!outcome.ok && describeRelayRefusal(outcome.refusal)).toMatch(/^team1_current_task\.json would be \d+ bytes, more than the 8388608 that a document may have; nothing was written$/);
    expect(valueOf(await rig.relay.read()).seq).toBe(1);
  });

  test('a team that is not there', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const state = valueOf(await rig.relay.read());
    const none = findTeam(state, 'team3');
    expect(!none.ok && describeRelayRefusal(none.refusal)).toBe('there is no team "team3"; there are team1, team2');
    expect(findTeam(state, 'constructor').ok).toBe(false);
    expect(findTeam(state, 'team2')).toEqual({ ok: true, value: state.teams.team2 });
  });

  test('others that hold the relay are waited for, but not for ever', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const impatient = rig.open({ waitMs: 0 });
    await mkdir(`${rig.folder}/.staging/transaction.lock`);
    const outcome = await impatient.transact(() => ({ event: null, value: null }));
    expect(!outcome.ok && describeRelayRefusal(outcome.refusal)).toBe(`${rig.folder}: others kept the relay busy for 0 ms; try again`);
    // Reading what is in step needs nobody's leave.
    expect(valueOf(await impatient.read()).seq).toBe(1);
    await rig.put({ 'team1_current_task.json': '{' });
    const read = await impatient.read();
    expect(read.ok && [read.value.seq, read.faults.map(describeRelayFault)]).toEqual([1, [`what was done is recorded, but the files of the relay do not show it yet, because others kept ${rig.folder} busy for 0 ms; the next command that can write them brings them up to date`]]);
  });
});

describe('status updates', () => {
  test('that come within a moment are one event, and a later one wins', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const outcomes = await Promise.all([...Array.from({ length: 40 }, (_, index) => rig.relay.report({ team: 'team1', progress: index })), rig.relay.report({ team: 'team2' }), rig.relay.report({ team: 'team9' })]);
    expect(outcomes.slice(0, -1).every((outcome) => outcome.ok)).toBe(true);
    expect(outcomes.at(-1)).toEqual({ ok: false, refusal: { reason: 'unknown-team', team: 'team9', known: ['team1', 'team2'] } });
    const state = valueOf(await rig.relay.read());
    expect(valueOf(await rig.relay.readEvents({ after: 1 })).map(({ type, data }) => ({ type, data }))).toEqual([{ type: 'progress', data: { team1: { progress: 39, updates: 40 }, team2: { progress: null, updates: 1 } } }]);
    expect(state.coordination?.teams.team1).toMatchObject({ progress: 39, last_update: '2025-08-08T10:20:00.000Z' });
    expect(state.coordination?.teams.team2).toMatchObject({ progress: 70, last_update: '2025-08-08T10:20:00.000Z' });
    expect(teamOf(state, 'team2').last_activity).toBe('2025-08-08T10:20:00.000Z');
  });

  test('are written by close', async () => {
    await using rig = await makeRelay();
    await begin(rig.relay);
    const reported = rig.relay.report({ team: 'team1', progress: 5 });
    await rig.relay.close();
    expect(valueOf(await rig.open().read()).coordination?.teams.team1?.progress).toBe(5);
    expect((await reported).ok).toBe(true);
    await rig.relay.close();
  });
});

test('teams meet in one folder, wherever they stand', async () => {
  await using project = await makeProject({ 'src/a.ts': '' }, { git: true });
  const linked = path.join(project.root, 'worktrees', 'team one');
  await project.git('worktree', 'add', '--quiet', '-b', 'team', linked);
  const relayAt = async (cwd: string): Promise<Relay> => Relay.open({ folder: relayFolder((await findRoot(cwd, systemTestEnvironment())).mainRoot, RELAY_FOLDER) });
  await begin(await relayAt(path.join(linked, 'src')));
  expect(valueOf(await (await relayAt(path.join(project.root, 'src'))).read()).seq).toBe(1);
  expect((await relayAt(linked)).folder).toBe(path.join(project.root, '.claude', 'workflows'));
});

test('the teams of a run can be read from what is written here', async () => {
  await using rig = await makeRelay();
  await begin(rig.relay);
  valueOf(await rig.relay.transact((state) => ({ event: { type: 'lost', team: 'team2' }, teams: { team2: { ...teamOf(state, 'team2'), status: 'crashed' } }, value: null })));
  expect(readRelayTeams(rig.project.root, RELAY_FOLDER)).toEqual({ ok: true, globs: { team1: ['src/api/auth/endpoint.py', 'tests/test_auth.py'] }, notes: [] });
});
