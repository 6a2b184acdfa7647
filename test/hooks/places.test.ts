import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findSuperproject, findTree } from '../../src/hooks/tree.ts';
import { systemClock } from '../../src/system/clock.ts';
import { runLineAt } from '../commands/run-program.ts';
import { answerIn, recorded } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';
import { makeProject } from '../rig/project.ts';

let session: HookSession;

beforeAll(async () => { session = await makeHookSession(); });
beforeEach(async () => { await session.reset(); });
afterAll(async () => { await session[Symbol.asyncDispose](); });

const FOREIGN = "team2.json belongs to team2 until its task TASK-2 is completed. Leave it as it is; if you need a change there, tell them: spark-gates message team1 team2 '<what you need>' --blocked. Then go on with your own files.";
const DENIED = { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: FOREIGN } };

test.each([
  ['a script of that name', { scripts: { relay: 'relay-compiler' } }],
  ['the settings of another tool', { relay: { src: './src' }, jest: { relay: true, 'spark-gates': { relay: 'elsewhere' } } }],
  ['our settings without it', { 'spark-gates': { gates: {} } }],
  ['settings of ours that are none', { 'spark-gates': 'relay' }],
])('%s in package.json moves no relay', async (_name, more) => {
  await session.write({ 'package.json': JSON.stringify({ name: 'lab', private: true, ...more }) });
  expect(findTree(session.root)?.relay).toBe(path.join(session.root, '.claude', 'workflows'));
  expect(await answer('Stop', { session_id: 'another' })).toEqual({});
});

test('nor does a package.json that is broken', async () => {
  await session.write({ 'package.json': '{ "scripts": { "relay": "relay-compiler" ' });
  expect(findTree(session.root)).toEqual({ root: session.root, roots: [session.root], relay: path.join(session.root, '.claude', 'workflows'), hasSession: true, shared: null });
});

test('with a relay that is elsewhere, too, the ends of other sessions are none of ours', async () => {
  await using project = await makeProject({
    'package.json': JSON.stringify({ name: 'lab', private: true, 'spark-gates': { relay: 'relay' } }),
    'tasks.json': JSON.stringify({ tasks: [{ id: 'TASK-1', description: 'Write it', files: ['team1.json', 'src/types.ts'] }] }),
    'src/types.ts': 'export {};\n',
  }, { git: true });
  const at = async (name: string, id: string): Promise<unknown> => answerIn(await recorded(name, project, { session_id: id }), { cwd: project.root });
  expect((await runLineAt(systemClock, project.root, 'multi-implement', 'TASK-1')).exitCode).toBe(0);
  expect(findTree(project.root)?.relay).toBe(null);
  expect(await at('Stop', 'another')).toEqual({});
  expect(await at('SessionEnd', 'another')).toEqual({});
  await at('SubagentStart', 'leader');
  expect(await at('Stop', 'another')).toEqual({});
  expect(await at('Stop', 'leader')).toMatchObject({ decision: 'block' });
});

test('in a submodule the files are those of the project, wherever the client says that this is', async () => {
  await using library = await makeProject({ 'index.json': '{}' }, { git: true });
  await session.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'lib');
  const cwd = path.join(session.root, 'lib');
  const edit = await recorded('PreToolUse.in-subagent', session, { cwd, tool_input: { file_path: '../team2.json' } });
  expect(await answerIn(edit, { cwd, projectFolder: session.root })).toEqual(DENIED);
  expect(await answerIn(edit, { cwd })).toEqual(DENIED);
  expect(await answerIn({ ...edit, tool_input: { file_path: 'index.json' } }, { cwd })).toEqual({});
  await session.write({ 'team1.json': '{ "a": [ }\n' });
  expect(await answerIn(await recorded('SubagentStop', session, { cwd }), { cwd })).toMatchObject({ decision: 'block' });
});

test("a submodule of an agent's worktree is part of that worktree", async () => {
  await using library = await makeProject({ 'index.json': '{}' }, { git: true });
  const add = ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'lib'];
  await session.git('worktree', 'add', '--quiet', '.claude/worktrees/agent-2');
  const root = path.join(session.root, '.claude', 'worktrees', 'agent-2');
  await session.git('-C', root, ...add);
  const tree = findTree(path.join(root, 'lib'));
  expect(tree).toEqual({ root: path.join(root, 'lib'), roots: [path.join(root, 'lib')], relay: null, hasSession: false, shared: null });
  expect(tree === null ? null : findSuperproject(tree)?.root).toBe(root);
  await session.git('worktree', 'remove', '--force', '.claude/worktrees/agent-2');
});

test('a worktree of a bare repository goes by the session of the project, whose tree does not tell what was done in it', async () => {
  await using place = await makeProject({});
  const [bare, main, other] = ['bare.git', 'main', 'other'].map((name) => path.join(place.root, name)) as [string, string, string];
  await place.git('clone', '--quiet', '--bare', session.root, bare);
  await place.git('-C', bare, 'worktree', 'add', '--quiet', main);
  await place.git('-C', bare, 'worktree', 'add', '--quiet', other, '-b', 'other');
  expect((await runLineAt(systemClock, main, 'multi-implement', 'TASK-1', 'TASK-2', '--teams', '2')).exitCode).toBe(0);
  expect(findTree(other)).toEqual({ root: other, roots: [other], relay: null, hasSession: false, shared: bare });
  const at = async (name: string, more: object = {}): Promise<unknown> => answerIn(await recorded(name, { root: other }, { cwd: other, ...more }), { cwd: other, projectFolder: main });
  expect(await at('PreToolUse.in-subagent', { tool_input: { file_path: 'team2.json' } })).toEqual(DENIED);
  expect(await at('SubagentStop')).toEqual({
    decision: 'block',
    reason: `NOT RUN: the gates of team1 have no verdict: ${other} is a worktree of a bare repository, and the session is in ${main}: bring the work there and end there. This is no fault of your code as far as is known. See what is wrong by "spark-gates doctor" or "spark-gates run", mend it if you can, then end again and repeat your final report in full.`,
  });
});

const TASKS = JSON.stringify({ tasks: [{ id: 'TASK-1', description: 'Write it', files: ['team1.json'] }] });

test('the command of the first session of a repository is remembered, and nothing that git sees', async () => {
  await using project = await makeProject({ 'package.json': '{ "name": "lab", "private": true }\n', 'tasks.json': TASKS }, { git: true });
  const at = async (name: string, more: object = {}): Promise<unknown> => answerIn(await recorded(name, project, { session_id: 'leader', ...more }), { cwd: project.root });
  expect(await at('UserPromptExpansion', { command_name: 'review' })).toEqual({});
  expect(existsSync(path.join(project.root, '.claude'))).toBe(false);
  expect(await at('UserPromptExpansion')).toEqual({});
  expect(existsSync(path.join(project.root, '.claude', 'workflows', 'hook_agents.json'))).toBe(true);
  expect(await project.git('status', '--porcelain', '--untracked-files=all')).toBe('');
  expect((await runLineAt(systemClock, project.root, 'multi-implement', 'TASK-1')).exitCode).toBe(0);
  expect(await at('Stop', { session_id: 'another' })).toEqual({});
  expect(await at('Stop')).toMatchObject({ decision: 'block' });
});

test('sent by its own name, the event starts the first session', async () => {
  await using project = await makeProject({ 'package.json': '{ "name": "lab", "private": true }\n', 'tasks.json': TASKS }, { git: true });
  const options = { cwd: project.root, args: ['--event', 'multi_implement_start'] };
  expect(await answerIn({ session_id: 'leader', command_args: 'TASK-2' }, options)).toMatchObject({ decision: 'block' });
  expect(existsSync(path.join(project.root, '.claude', 'workflows', 'hook_agents.json'))).toBe(false);
  expect(JSON.stringify(await answerIn({ session_id: 'leader', command_args: 'TASK-1' }, options))).toContain('team1_implementer');
  expect(findTree(project.root)?.hasSession).toBe(true);
  expect(await answerIn(await recorded('Stop', project, { session_id: 'leader' }), { cwd: project.root })).toMatchObject({ decision: 'block' });
});

test.each(['multi_implement', 'other:multi-implement', 'review'])('a repository that has no tasks, configuration or relay is left as it is by /%s', async (command) => {
  await using project = await makeProject({ 'package.json': '{ "name": "lab", "private": true }\n' }, { git: true });
  expect(await answerIn(await recorded('UserPromptExpansion', project, { command_name: command }), { cwd: project.root, projectFolder: project.root })).toEqual({});
  expect(await readdir(project.root)).toEqual(['.git', '.gitignore', 'package.json']);
});

async function answer(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  return answerIn(await recorded(name, session, more), { cwd: session.root });
}
