import { expect, test } from 'vitest';
import { makeProject, type Project } from '../rig/project.ts';
import { runLine } from './run-program.ts';

const TASKS = '- [ ] A: one (files: a/**)\n- [ ] B: two (files: b/**)\n';

function makeSession(): Promise<Project> {
  return makeProject({ 'tasks.md': TASKS, 'package.json': '{}\n', 'a/a.json': '{}\n' }, { git: true });
}

/** What a machine reads of it; that stderr and exit code are the same without `--json`, and stdout is nothing but the document. */
async function ask(project: Project, ...args: string[]): Promise<{ ok: unknown; reason: unknown; message: unknown; exitCode: number }> {
  const plain = await runLine(project.root, ...args);
  const asked = await runLine(project.root, ...args, '--json');
  const document = JSON.parse(asked.stdout) as { version: number; ok: boolean; refusal: { reason: string } | null; message: string | null };
  expect({ exitCode: asked.exitCode, stderr: asked.stderr, version: document.version, ok: document.ok }).toEqual({ exitCode: plain.exitCode, stderr: plain.stderr, version: 1, ok: plain.exitCode === 0 });
  return { ok: document.ok, reason: document.refusal?.reason ?? null, message: document.message, exitCode: asked.exitCode };
}

test.each<[string[], string, RegExp]>([
  [['tasks', '--tasks', 'no.md'], 'tasks', /^no\.md: there is no such file; give a file of tasks$/],
  [['multi-implement', 'A', 'Z'], 'tasks', /^there is no task "Z" in tasks\.md/],
  [['multi-implement', 'A', '--cwd', 'gone'], 'no-such-folder', /gone: there is no such folder/],
  [['status', '--config', 'gone.json'], 'unavailable', /^gone\.json: there is no such file$/],
  [['report'], 'no-session', /^no session has been started/],
  [['phase', 'complete', 'team1', 'quality'], 'no-session', /^no session has been started/],
  [['phase', 'alive', 'team1'], 'no-session', /^no session has been started/],
  [['lock', 'acquire', '../x', '--team', 'team1'], 'outside-root', /is outside/],
])('%j: a refusal is a document, too', async (args, reason, message) => {
  await using project = await makeSession();
  expect(await ask(project, ...args)).toEqual({ ok: false, reason, message: expect.stringMatching(message) as string, exitCode: 2 });
});

test('what is done is a document of the same form', async () => {
  await using project = await makeSession();
  const done = { ok: true, reason: null, message: null, exitCode: 0 };
  expect(await ask(project, 'tasks')).toEqual(done);
  expect(await ask(project, 'status')).toEqual(done);
  expect(JSON.parse((await runLine(project.root, 'multi-implement', 'A', 'B', '--json')).stdout)).toMatchObject({ version: 1, ok: true, action: 'parallel_execute', refusal: null, message: null });
  expect(await ask(project, 'multi-implement', 'A')).toMatchObject({ ok: false, reason: 'session-unfinished', exitCode: 2 });
  expect(await ask(project, 'phase', 'alive', 'team1')).toEqual(done);
  expect(await ask(project, 'report')).toEqual(done);
  expect(await ask(project, 'lock', 'list')).toEqual(done);
  expect(JSON.parse((await runLine(project.root, 'phase', 'complete', 'team1', 'implementation', '--json')).stdout)).toMatchObject({ version: 1, ok: true, action: 'wait_for_other_teams', refusal: null, message: null });
  expect(await ask(project, 'phase', 'complete', 'team1', 'implementation')).toMatchObject({ ok: false, reason: 'phase-repeated', exitCode: 2 });
});
