import { expect, test } from 'vitest';
import type { GateId } from '../../src/model/gate.ts';
import { describeRefusal } from '../../src/model/orchestrator-refusal.ts';
import { PHASES } from '../../src/model/phase.ts';
import { MultiTeamOrchestrator } from '../../src/orchestrator/multi-team-orchestrator.ts';
import type { LeaseView } from '../../src/orchestrator/coordination.ts';
import { NOTHING_MEASURED, type Measured } from '../../src/orchestrator/phase-gates.ts';
import { renderJson, renderMarkdown } from '../../src/orchestrator/report-markdown.ts';
import { MemoryStore } from './memory-store.ts';
import { START_MS, task, verdict } from './session.ts';

interface Rig {
  readonly store: MemoryStore;
  readonly leases: LeaseView[];
  readonly measurements: string[];
  measure: (team: string, gates: readonly GateId[]) => Measured;
  nowMs: number;
  readonly orchestrator: MultiTeamOrchestrator;
}

function passAll(gates: readonly GateId[]): Measured {
  return { ...NOTHING_MEASURED, gates: Object.fromEntries(gates.map((gate) => [gate, verdict()])), tests: { passed: 3, failed: 0 }, coverage: { covered: 19, total: 20 } };
}

function rig(): Rig {
  const store = new MemoryStore();
  const leases: LeaseView[] = [];
  const measurements: string[] = [];
  const made: Rig = {
    store, leases, measurements, nowMs: START_MS, measure: (_, gates) => passAll(gates),
    orchestrator: new MultiTeamOrchestrator({
      store,
      leases: {
        list: () => Promise.resolve([...leases]),
        releaseAll: (team) => {
          leases.splice(0, leases.length, ...leases.filter((lease) => lease.team !== team));
          return Promise.resolve();
        },
      },
      measure: (team, gates) => {
        measurements.push(`${team} ${gates.length}`);
        return Promise.resolve(made.measure(team, gates));
      },
      clock: { now: () => made.nowMs, monotonicMs: () => made.nowMs },
    }),
  };
  return made;
}

const TASKS = [task('A', { files: ['src/a.ts', 'package.json'] }), task('B', { files: ['src/b.ts', 'package.json'] })];

test('a session from start to report: gates where they belong, leases shown and released, events logged', async () => {
  const { orchestrator, store, leases, measurements, ...world } = rig();
  await orchestrator.handleMultiImplement({ tasks: TASKS, taskIds: ['A', 'B'] });
  leases.push({ file: 'package.json', team: 'team1', since: '2025-08-08T10:00:00Z', durationMs: 30_000 });
  leases.push({ file: 'src/of/no/task.ts', team: 'team1', since: '2025-08-08T10:00:00Z', durationMs: 30_000 });
  await orchestrator.recordActivity({ team: 'team2' });
  expect(store.state.coordination?.shared_resources).toEqual({ 'package.json': { locked_by: 'team1', lock_timestamp: '2025-08-08T10:00:00Z', lock_duration_ms: 30_000 } });
  expect(store.state.teams.team2?.shared_resources).toEqual({ 'package.json': { locked_by: 'team1', lock_timestamp: '2025-08-08T10:00:00Z' } });
  for (const phase of PHASES) for (const team of ['team1', 'team2']) expect((await orchestrator.handleTeamCompletion({ team, phase })).ok).toBe(true);
  expect(measurements).toEqual(['team1 8', 'team2 8', 'team1 2', 'team2 2', 'team1 8', 'team2 8']);
  expect(leases).toEqual([]);
  expect(store.state.coordination).toMatchObject({ releases_due: [], active_teams: 0, shared_resources: { 'package.json': { locked_by: null } } });
  const measured = Array.from({ length: 6 }, () => ['team_activity', 'team_phase_complete']).flat();
  expect(store.events.map(({ type }) => type)).toEqual([
    'multi_implement_start', 'team_activity', 'team_phase_complete', 'team_phase_complete', ...measured, 'team_phase_complete', 'leases_released', 'team_phase_complete', 'leases_released',
  ]);
  expect(world.nowMs).toBe(START_MS);
});

test('an orchestrator that dies between writing and releasing is made up for by the next, before any agent is started', async () => {
  const { orchestrator, store, leases } = rig();
  await orchestrator.handleMultiImplement({ tasks: TASKS, taskIds: ['A', 'B'], teams: 1 });
  leases.push({ file: 'package.json', team: 'team1', since: '2025-08-08T10:00:00Z', durationMs: 30_000 });
  // The release fails as the process would: after the new state is on disk.
  const transact = store.transact.bind(store);
  let dead = false;
  store.transact = (event, work) => (dead ? Promise.resolve({ ok: false, problem: 'killed' }) : transact(event, work).finally(() => { dead = true; }));
  const answer = await orchestrator.handleTeamCrash({ team: 'team1', reason: 'killed' });
  expect(answer.ok ? '' : describeRefusal(answer.refusal)).toBe('killed');
  expect(store.state.coordination?.releases_due).toEqual(['team1']);
  store.transact = transact;
  const resumed = await rigOver(store, leases).resume([]);
  expect(resumed.ok && resumed.effects.map((effect) => (effect.effect === 'start-agent' ? effect.invocation.description : effect.effect))).toEqual(['team1 implementation - A']);
  expect([leases, store.state.coordination?.releases_due]).toEqual([[], []]);
  const again = await rigOver(store, leases).resume([{ team: 'team1', assignment: 2, phase: 'implementation', retry: 0 }]);
  expect(again).toEqual({ ok: true, decision: { session_ended: false }, effects: [] });
});

function rigOver(store: MemoryStore, leases: LeaseView[]): MultiTeamOrchestrator {
  const releaseAll = (team: string): Promise<void> => {
    leases.splice(0, leases.length, ...leases.filter((lease) => lease.team !== team));
    return Promise.resolve();
  };
  return new MultiTeamOrchestrator({ store, leases: { list: () => Promise.resolve(leases), releaseAll }, measure: (_, gates) => Promise.resolve(passAll(gates)), clock: { now: () => START_MS, monotonicMs: () => 0 } });
}

test('two completions of one phase at once: one counts', async () => {
  const { orchestrator, store } = rig();
  await orchestrator.handleMultiImplement({ tasks: TASKS, taskIds: ['A'] });
  await orchestrator.handleTeamCompletion({ team: 'team1', phase: 'implementation' });
  const both = await Promise.all([1, 2].map(() => orchestrator.handleTeamCompletion({ team: 'team1', phase: 'quality' })));
  expect(both.map((answer) => (answer.ok ? answer.decision.action : answer.refusal.reason))).toEqual(['proceed_to_next_phase', 'phase-repeated']);
  expect(store.state.coordination?.tasks.A?.phase).toBe('testing');
});

test('a relay that cannot be reached is a sentence, not an exception', async () => {
  const { orchestrator, store } = rig();
  store.problem = 'cannot write .claude/workflows: the disk is full';
  const answers = [
    await orchestrator.handleMultiImplement({ tasks: TASKS, taskIds: ['A'] }),
    await orchestrator.handleTeamCompletion({ team: 'team1', phase: 'quality' }),
    await orchestrator.resume([]),
    await orchestrator.report(null),
    await orchestrator.checkTeams(),
  ];
  expect(new Set(answers.map((answer) => (answer.ok ? '' : describeRefusal(answer.refusal))))).toEqual(new Set(['cannot write .claude/workflows: the disk is full']));
});

test('the report has what was measured, and says of the rest why it has not', async () => {
  const world = rig();
  const { orchestrator } = world;
  expect(await orchestrator.report(null)).toMatchObject({ ok: true, decision: null });
  await orchestrator.handleMultiImplement({ tasks: TASKS, taskIds: ['A', 'B'] });
  world.measure = (team, gates) => (team === 'team1' ? passAll(gates) : { ...passAll(gates), gates: { ...passAll(gates).gates, lint_enforcement: verdict({ status: 'failed', findings: [{ gate: 'lint_enforcement', rule: 'no-var', message: 'no <var>\n# at all', file: 'src/b.ts', line: 1, column: 2, severity: 'error' }] }) } });
  for (const phase of ['implementation', 'quality', 'quality', 'quality', 'quality'] as const) {
    for (const team of ['team1', 'team2']) {
      world.nowMs += 30_000;
      await orchestrator.handleTeamCompletion({ team, phase });
    }
  }
  const answer = await orchestrator.report({ acquisitions: 8, contended: 1 });
  const report = answer.ok ? answer.decision : null;
  if (report === null) throw new Error('no report');
  expect(report.execution_metrics).toEqual({ total_time_saved: '16%', parallel_efficiency: '60%', lock_contention_rate: '12%', quality_gate_pass_rate: '93%' });
  expect(report.quality_metrics).toEqual({ bugs_introduced: null, test_coverage: '95%', code_duplication: null });
  expect(Object.keys(report.unmeasured)).toEqual(['resource_metrics.token_overhead', 'resource_metrics.memory_usage', 'resource_metrics.cpu_utilization', 'quality_metrics.bugs_introduced', 'quality_metrics.code_duplication']);
  expect(JSON.parse(renderJson(report))).toEqual(report);
  expect(renderMarkdown(report).split('\n').slice(0, 13)).toEqual([
    '# Session multi_20250808100000',
    '',
    '0 of 2 tasks completed, 1 failed, 1 not ended; 300.0 s, barrier.',
    '',
    '| Task | Status | Team | Phase | Teams tried | Retries | Worked |',
    '|---|---|---|---|---|---|---|',
    '| A | active | team1 | testing | 1 | 0 | 60.0 s |',
    '| B | failed | team2 | quality_retry | 1 | 3 | 300.0 s |',
    '',
    '## B',
    '',
    '- Reason: quality was not passed after 3 retries: lint_enforcement failed with 1 finding',
    '- lint_enforcement (quality): failed, 1 finding',
  ]);
  expect(renderMarkdown(report)).toContain('\n  - src/b.ts:1:2 no &lt;var&gt; # at all (no-var)\n');
});
