import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeRelayFault } from '../../src/model/relay-refusal.ts';
import type { Relay } from '../../src/relay/relay.ts';
import type { RelayState } from '../../src/relay/relay-state.ts';
import { AT, begin, contextOf, coordinationOf, makeRelay, teamOf, valueOf, type RelayRig } from './relay-rig.ts';

const FILE = 'team1_current_task.json';

async function begun(): Promise<RelayRig> {
  const rig = await makeRelay();
  await begin(rig.relay);
  return rig;
}

async function readWithFaults(relay: Relay): Promise<{ state: RelayState; faults: string[] }> {
  const outcome = await relay.read();
  if (!outcome.ok) throw new Error(outcome.refusal.reason);
  return { state: outcome.value, faults: outcome.faults.map((fault) => describeRelayFault(fault)) };
}

describe('a log that is gone', () => {
  const PASS = { status: 'passed', reason: null, blocking: true, violations: 0, findings: [], phase: 'review', measured_at: AT };
  const GATES = Object.fromEntries(Object.keys(contextOf('team1').quality_gates).map((gate) => [gate, PASS]));

  test('does not make measurements of claims, nor spares a task the review', async () => {
    await using rig = await begun();
    const row = { status: 'active', team: 'team1', attempts: 1, reason: null, description: '', files: ['a.ts'], dependencies: [], priority: 0, started_at: null, ended_at: null, phase: 'report' };
    await rm(path.join(rig.folder, 'events.ndjson'));
    await rig.put({
      [FILE]: JSON.stringify({ ...contextOf('team1'), phase: 'report', quality_gates: { ...contextOf('team1').quality_gates, lint_enforcement: 'passed' }, implementation_details: { ...contextOf('team1').implementation_details, quality_results: { tests_passed: 9 } } }),
      'multi_task_coordination.json': JSON.stringify({ ...coordinationOf(), tasks: { A: { ...row, result: { gates: GATES, tests_passed: 9 } }, B: { ...row, status: 'completed', team: 'team2', phase: 'report_completed', result: { gates: GATES } } } }),
    });
    const { state, faults } = await readWithFaults(rig.relay);
    expect(faults).toEqual([
      `${path.join(rig.folder, 'multi_task_coordination.json')} is not in the event log and was taken over from the file; what it says to have been measured does not count (quality_metrics, tasks.A.result, tasks.A.phase, tasks.B.result); noted in its discrepancies`,
      `${path.join(rig.folder, FILE)} is not in the event log and was taken over from the file; what it says to have been measured does not count (quality_gates, implementation_details.quality_results, phase); noted in its discrepancies`,
      `${path.join(rig.folder, 'team2_current_task.json')} is not in the event log and was taken over from the file`,
    ]);
    expect(state.coordination?.tasks).toMatchObject({ A: { phase: 'review', result: { gates: {}, tests_passed: 0 } }, B: { status: 'completed', result: { gates: {} } } });
    expect(teamOf(state, 'team1')).toMatchObject({ phase: 'review', quality_gates: contextOf('team1').quality_gates, implementation_details: { quality_results: {} } });
    expect(state.coordination?.discrepancies.map(({ claim }) => claim.split(':')[0])).toEqual(['quality_metrics', 'tasks.A.result', 'tasks.A.phase', 'tasks.B.result']);
    expect((await readWithFaults(rig.open())).faults).toEqual([]);
    expect(valueOf(await rig.open().rebuild())).toEqual(state);
  });

  test('nor does one that is damaged: what it still knows was measured stands', async () => {
    await using rig = await begun();
    const log = (await rig.file('events.ndjson')) ?? '';
    await rig.put({
      'events.ndjson': `${log}\n${(log.split('\n').at(-1) ?? '').replace('"seq":1', '"seq":9')}`,
      'multi_task_coordination.json': JSON.stringify({ ...coordinationOf(), revision: 9, overall_progress: 90, quality_metrics: { ...coordinationOf().quality_metrics, tests_passed: 500 } }),
    });
    const { state, faults } = await readWithFaults(rig.relay);
    expect(faults.map((fault) => fault.includes('(quality_metrics)'))).toEqual([false, true]);
    expect(state.coordination).toMatchObject({ overall_progress: 90, quality_metrics: coordinationOf().quality_metrics });
    expect((await readWithFaults(rig.open())).faults).toEqual([]);
  });
});
