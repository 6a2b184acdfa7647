import { expect, test } from 'vitest';
import { makeProject } from '../rig/project.ts';
import { runLine } from './run-program.ts';

const OFF = { gates: Object.fromEntries(['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'integration_test'].map((gate) => [gate, { level: 'off' }])) };

test('next lists who is to be started, phase by phase, by the names that the session was begun with', async () => {
  await using project = await makeProject({
    'tasks.md': '- [ ] A: one (files: a/**)\n- [ ] B: two (files: b/**)\n', 'package.json': '{}\n', 'a/a.json': '{}\n', 'b/b.json': '{ "half":\n', 'spark-gates.config.json': JSON.stringify(OFF),
  }, { git: true });
  const next = async (): Promise<[agents: string[], isEnded: boolean]> => {
    const { stdout } = await runLine(project.root, 'next', '--json');
    const { invocations, session_ended: isEnded } = JSON.parse(stdout) as { invocations: { subagent_type: string; prompt: string }[]; session_ended: boolean };
    return [invocations.map(({ subagent_type: agent }) => agent), isEnded];
  };
  const complete = (team: string, phase: string): Promise<unknown> => runLine(project.root, 'phase', 'complete', team, phase);
  expect(await runLine(project.root, 'next')).toEqual({ exitCode: 2, stdout: '', stderr: 'spark-gates: no session has been started: run spark-gates multi-implement with task ids first\n' });
  await runLine(project.root, 'multi-implement', 'A', 'B', '--agent-prefix', 'spark-gates:');
  expect(await next()).toEqual([['spark-gates:team1_implementer', 'spark-gates:team2_implementer'], false]);
  await complete('team1', 'implementation');
  expect(await next()).toEqual([['spark-gates:team2_implementer'], false]);
  await complete('team2', 'implementation');
  await complete('team1', 'quality');
  await complete('team2', 'quality');
  const sentBack = await runLine(project.root, 'next');
  expect(sentBack.stdout.split('\n').slice(0, 3)).toEqual(['Start in one message, as 1 call with description, prompt and subagent_type as given, but none for a team whose agent is still at work:', '', '## spark-gates:team2_quality: team2 quality - B']);
  expect(sentBack.stdout).toContain('b/b.json:2:1');
  await project.write({ 'b/b.json': '{}\n' });
  await complete('team2', 'quality');
  for (const [phase, role] of [['testing', 'tester'], ['review', 'reviewer'], ['report', 'reporter']] as const) {
    expect(await next()).toEqual([[`spark-gates:team1_${role}`, `spark-gates:team2_${role}`], false]);
    for (const team of ['team1', 'team2']) await complete(team, phase);
  }
  expect(await next()).toEqual([[], true]);
  expect((await runLine(project.root, 'next')).stdout).toBe('No task is left. Run spark-gates report and hand the report over.\n');
});
