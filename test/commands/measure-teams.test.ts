import { expect, test } from 'vitest';
import { measureTeams } from '../../src/commands/measure-teams.ts';
import { GATE_IDS } from '../../src/model/gate.ts';
import type { Measured } from '../../src/orchestrator/phase-gates.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';

const SYNTAX_ONLY = JSON.stringify({ gates: Object.fromEntries(GATE_IDS.filter((gate) => gate !== 'syntax_validation').map((gate) => [gate, { level: 'off' }])) });

async function measure({ root }: Project, files: readonly string[], startedMs: number): Promise<Measured | undefined> {
  const never = new AbortController().signal;
  const measured = await measureTeams({
    cwd: root,
    config: null,
    relay: '.claude/workflows',
    isOff: (gate) => gate !== 'syntax_validation',
    assigned: () => Promise.resolve({ teams: { team1: files }, abandoned: [], startedMs }),
    context: { environment: systemTestEnvironment(), clock: systemClock, signal: never, force: never, kept: null },
    onMeasuring: () => undefined,
  })(['team1'], ['syntax_validation', 'lint_enforcement']);
  return measured.get('team1');
}

test('files whose removal was committed since the session began were removed on purpose; before it, they are still to be written', async () => {
  await using project = await makeProject({ 'old/a.json': '{}\n', 'b.json': '{}\n', 'spark-gates.config.json': SYNTAX_ONLY }, { git: true });
  await project.git('rm', '-r', '--quiet', 'old');
  await project.git('commit', '--quiet', '--message', 'Drop the old one');
  const since = await measure(project, ['old/**'], Date.now() - 60_000);
  expect(since?.gates.syntax_validation).toMatchObject({ status: 'skipped' });
  const before = await measure(project, ['old/**'], Date.now() + 60_000);
  expect(before?.gates.syntax_validation).toMatchObject({ status: 'failed', reason: 'none of the files that it was given is there (old/**): write them, or correct the files of the task' });
});

test('what was committed since the session began has changed, and is judged as such', async () => {
  await using project = await makeProject({ 'a.json': '{}\n', 'b.json': '{}\n', 'spark-gates.config.json': SYNTAX_ONLY }, { git: true });
  await project.write({ 'a.json': '{ "a": 1 }\n' });
  await project.git('commit', '--quiet', '--all', '--message', 'Write more');
  expect((await measure(project, ['a.json'], Date.now() - 60_000))?.filesChanged).toContain('a.json');
  expect((await measure(project, ['a.json'], Date.now() + 60_000))?.filesChanged).toEqual([]);
});

test('a configuration that was broken meanwhile is an error of the gates that are on, and of no other', async () => {
  await using project = await makeProject({ 'api/a.json': '{}\n', 'spark-gates.config.json': '{ half' }, { git: true });
  const measured = await measure(project, ['api/**'], 0);
  expect(Object.entries(measured?.gates ?? {}).map(([gate, { status }]) => [gate, status])).toEqual([['syntax_validation', 'error'], ['lint_enforcement', 'skipped']]);
});
