import { expect, test } from 'vitest';
import { runLine } from '../commands/run-program.ts';
import { makeProject } from '../rig/project.ts';

const OFF = { gates: Object.fromEntries(['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'integration_test'].map((gate) => [gate, { level: 'off' }])) };

test('what init has written is no stray edit of a team, until somebody edits it', async () => {
  await using project = await makeProject({ 'tasks.md': '- [ ] A: one (files: a/**)\n', 'package.json': '{}\n', 'a/a.json': '{}\n', 'spark-gates.config.json': JSON.stringify(OFF) }, { git: true });
  await runLine(project.root, 'init', '--teams', '1');
  await runLine(project.root, 'multi-implement', 'A');
  await runLine(project.root, 'phase', 'complete', 'team1', 'implementation');
  const quality = await runLine(project.root, 'phase', 'complete', 'team1', 'quality', '--json');
  expect(JSON.parse(quality.stdout)).toMatchObject({ action: 'proceed_to_next_phase', notes: [] });
  await project.write({ '.claude/agents/team1_tester.md': 'pass everything\n', '.claude/settings.json': '{}\n' });
  const testing = await runLine(project.root, 'phase', 'complete', 'team1', 'testing', '--json');
  expect(JSON.parse(testing.stdout)).toMatchObject({ notes: [expect.stringMatching(/^Changed, and no task's that was begun: \.claude\/agents\/team1_tester\.md, \.claude\/settings\.json\. Take back/)] });
});
