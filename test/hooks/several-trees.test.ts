import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { runLineAt } from '../commands/run-program.ts';
import { answerIn, recorded } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';
import { makeProject, type Project } from '../rig/project.ts';

let session: HookSession;
let place: Project;
/** A worktree of the session, beside its main one. */
let other: string;

beforeAll(async () => {
  [session, place] = await Promise.all([makeHookSession(), makeProject({})]);
  other = path.join(place.root, 'other');
});
beforeEach(async () => {
  await session.reset();
  await session.git('worktree', 'prune');
  await session.git('worktree', 'add', '--quiet', '--force', '--detach', other);
  return async () => { await session.git('worktree', 'remove', '--force', other); };
});
afterAll(async () => { await Promise.all([session, place].map((one) => one[Symbol.asyncDispose]())); });

const BROKEN = '{ "a": [ }\n';
const FOUND = { decision: 'block', reason: expect.stringContaining('team1.json:1:10') as string };

test.each([
  ['in the main tree, and ends in another', () => [session.root, other]],
  ['in another tree, and ends in the main one', () => [other, session.root]],
])('an agent that has worked %s is judged where its work is', async (_, places) => {
  const [work = '', end = ''] = places();
  await edit(work, 'team1.json', end);
  await writeFile(path.join(work, 'team1.json'), BROKEN);
  const { reason } = (await stop(end)) as { reason?: string };
  expect(reason).toContain('team1.json:1:10');
  expect(reason).toContain(`syntax_validation: in ${work}`);
  await writeFile(path.join(work, 'team1.json'), '{}\n');
  expect(await stop(end)).toEqual({});
  expect(await phase()).toBe('implementation_completed');
});

test.each([
  ['the main tree', () => [session.root, other]],
  ['another one', () => [other, session.root]],
])('a trifle in the tree that it ends in hides nothing in %s', async (_, places) => {
  const [work = '', end = ''] = places();
  await edit(work, 'team1.json', work);
  await writeFile(path.join(work, 'team1.json'), BROKEN);
  await edit(end, 'lib/note.txt', end);
  expect(await stop(end)).toMatchObject(FOUND);
});

test('work that was brought into the tree where it ends by nothing that a hook has seen is judged there, too', async () => {
  await edit(other, 'team1.json', other);
  await writeFile(path.join(session.root, 'team1.json'), '<<<<<<< HEAD\n{}\n=======\n{"a":1}\n>>>>>>> other\n');
  expect(await stop(session.root)).toMatchObject({ decision: 'block' });
});

test('a tree that is gone is nothing to judge', async () => {
  await edit(other, 'team1.json', other);
  await writeFile(path.join(other, 'team1.json'), BROKEN);
  await session.git('worktree', 'remove', '--force', other);
  expect(await stop(session.root)).toEqual({});
  await session.git('worktree', 'add', '--quiet', '--detach', other);
});

test('the command that completes a phase looks where the hook would', async () => {
  await edit(session.root, 'team1.json', session.root);
  await writeFile(path.join(session.root, 'team1.json'), BROKEN);
  const complete = (name: string) => runLineAt(systemClock, other, 'phase', 'complete', 'team1', name);
  expect(await complete('implementation')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(`in ${session.root}`) as string });
  await writeFile(path.join(session.root, 'team1.json'), '{}\n');
  expect(await complete('implementation')).toMatchObject({ exitCode: 0 });
  await runLineAt(systemClock, session.root, 'phase', 'complete', 'team2', 'implementation');
  await writeFile(path.join(session.root, 'team1.json'), BROKEN);
  expect(await complete('quality')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('team1.json') as string });
});

test('a patch over two trees counts in both', async () => {
  const patch = `*** Begin Patch\n*** Update File: ${session.root}/lib/note.txt\n*** Update File: ${other}/team1.json\n*** End Patch\n`;
  await answerIn(await recorded('PostToolUse', session, { agent_type: 'team1_implementer', agent_id: 'a', tool_name: 'apply_patch', tool_input: { input: patch } }), { cwd: session.root, args: ['--agent', 'codex'] });
  await writeFile(path.join(other, 'team1.json'), BROKEN);
  expect(await stop(session.root)).toMatchObject(FOUND);
});

test('so it is where only the configuration says where the relay is', async () => {
  const off = ['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'integration_test'];
  await using project = await makeProject({
    'package.json': '{ "name": "lab", "private": true }\n',
    'spark-gates.config.json': JSON.stringify({ relay: 'relay', gates: Object.fromEntries(off.map((gate) => [gate, { level: 'off' }])) }),
    'tasks.json': JSON.stringify({ tasks: [{ id: 'TASK-1', description: 'Write it', files: ['team1.json'] }] }),
    'team1.json': '{}\n',
  }, { git: true });
  expect((await runLineAt(systemClock, project.root, 'multi-implement', 'TASK-1')).exitCode).toBe(0);
  const clean = path.join(path.dirname(project.root), 'clean');
  await project.git('worktree', 'add', '--quiet', '--detach', clean);
  await edit(project.root, 'team1.json', project.root);
  await writeFile(path.join(project.root, 'team1.json'), BROKEN);
  expect(await stop(clean, project.root)).toMatchObject(FOUND);
});

/** A hook has seen it. */
async function edit(root: string, file: string, cwd: string): Promise<void> {
  await answerIn(await recorded('PostToolUse', session, { agent_type: 'team1_implementer', agent_id: 'a', cwd, tool_input: { file_path: path.join(root, file) } }), { cwd, projectFolder: session.root });
}

async function stop(cwd: string, projectFolder = session.root): Promise<unknown> {
  return answerIn(await recorded('SubagentStop', session, { agent_type: 'team1_implementer', agent_id: 'a', cwd }), { cwd, projectFolder });
}

async function phase(): Promise<unknown> {
  const { tasks } = JSON.parse(await readFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), 'utf8')) as { tasks: Record<string, { phase: string }> };
  return tasks['TASK-1']?.phase;
}
