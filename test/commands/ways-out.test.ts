import { expect, test } from 'vitest';
import { makeProject, type Project } from '../rig/project.ts';
import { runLine } from './run-program.ts';

const TASKS = '- [ ] A: one (files: a/**)\n- [ ] B: two (files: b/**; after: A)\n- [ ] C: think about it\n';
const OFF = Object.fromEntries(['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'integration_test'].map((gate) => [gate, { level: 'off' }]));

function makeSession(): Promise<Project> {
  return makeProject({ 'tasks.md': TASKS, 'package.json': '{}\n', 'a/a.json': '{}\n', 'spark-gates.config.json': JSON.stringify({ gates: OFF }) }, { git: true });
}

test('end-session ends any session, gives its leases back, and lets another begin', async () => {
  await using project = await makeSession();
  const { root } = project;
  expect(await runLine(root, 'end-session')).toEqual({ exitCode: 2, stdout: '', stderr: 'spark-gates: no session has been started: run spark-gates multi-implement with task ids first\n' });
  await runLine(root, 'multi-implement', 'A', 'B');
  await runLine(root, 'lock', 'acquire', 'a/a.json', '--team', 'team1');
  expect(await runLine(root, 'end-session', '--reason', 'wrong tasks')).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^ended multi_\d+, giving up A, B\nend the agents of team1, where they still run\n$/) as string, stderr: '' });
  expect((await runLine(root, 'lock', 'list')).stdout).toBe('nothing is locked\n');
  expect((await runLine(root, 'status')).stdout).toMatch(/ {2}A {2}failed {2}team1 {4}wrong tasks\n {2}B {2}failed {11}wrong tasks\n$/);
  expect(await runLine(root, 'phase', 'complete', 'team1', 'implementation')).toMatchObject({ exitCode: 2, stderr: 'spark-gates: task A of team1 is failed already: there is nothing left to complete\n' });
  expect((await runLine(root, 'plan')).stderr).not.toContain('relay');
  expect(await runLine(root, 'end-session')).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^spark-gates: session multi_\d+ has ended already: nothing changed\n$/) as string });
  expect(await runLine(root, 'multi-implement', 'A')).toMatchObject({ exitCode: 0 });
});

test('what is completed is done once more with --again', async () => {
  await using project = await makeSession();
  const { root } = project;
  await runLine(root, 'multi-implement', 'A');
  for (const phase of ['implementation', 'quality', 'testing', 'review', 'report']) expect(await runLine(root, 'phase', 'complete', 'team1', phase)).toMatchObject({ exitCode: 0 });
  expect(await runLine(root, 'multi-implement', 'A', '--replace')).toEqual({ exitCode: 2, stdout: '', stderr: 'spark-gates: task "A" is completed already; give --again to have it done once more\n' });
  const { exitCode, stdout, stderr } = await runLine(root, 'multi-implement', 'B', 'A', '--again', '--json');
  expect({ exitCode, stderr, ...(JSON.parse(stdout) as object) }).toMatchObject({ exitCode: 0, stderr: '', teams: { team1: null, team2: 'A' }, queued: [{ task_id: 'B' }] });
});

test('a task without files is marked in tasks, and said once when it is started', async () => {
  await using project = await makeSession();
  const { root } = project;
  expect(await runLine(root, 'tasks')).toEqual({ exitCode: 0, stdout: 'tasks.md\n  A  open  one\n  B  open  two (after A)\n  C  open  think about it (names no files)\n', stderr: '' });
  expect((await runLine(root, 'multi-implement', 'A')).stderr).toBe('');
  const { stdout, stderr } = await runLine(root, 'multi-implement', 'C', '--replace');
  expect(stderr).toBe('');
  expect(stdout.match(/names no files/g)).toHaveLength(2);
  expect(stdout).toContain('\ntask C names no files: its team owns none, and gates have nothing of it to inspect\n');
  expect(stdout).toContain('you are team1. Do what the task asks. It names no files,');
});

test('while there is a session only its teams get leases, before and after it any name does', async () => {
  await using project = await makeSession();
  const { root } = project;
  const acquire = (team: string): ReturnType<typeof runLine> => runLine(root, 'lock', 'acquire', 'a/a.json', '--team', team);
  expect(await acquire('ann')).toMatchObject({ exitCode: 0 });
  await runLine(root, 'multi-implement', 'A', '--teams', '2');
  const refused = { exitCode: 2, stdout: '', stderr: 'spark-gates: there is no team ann in this session: its teams are team1, team2\n' };
  expect(await acquire('ann')).toEqual(refused);
  expect(await runLine(root, 'lock', 'wait', 'a/a.json', '--team', 'ann')).toEqual(refused);
  expect(await runLine(root, 'lock', 'release', 'a/a.json', '--team', 'ann')).toMatchObject({ exitCode: 0 });
  expect(await acquire('team2')).toMatchObject({ exitCode: 0 });
  await runLine(root, 'end-session');
  expect(await runLine(root, 'lock', 'acquire', 'b', '--team', 'ann')).toMatchObject({ exitCode: 0 });
});

test('a name that no disk takes is not printed in all its length', async () => {
  await using project = await makeSession();
  const { exitCode, stdout, stderr } = await runLine(project.root, 'lock', 'acquire', `${'x'.repeat(300)}.ts`, '--team', 'team1');
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${`${project.root}/${'x'.repeat(300)}`.slice(0, 80)}…${'x'.repeat(37)}.ts cannot be used (ENAMETOOLONG: name too long), nothing was changed: give a file with a shorter name\n` });
});
