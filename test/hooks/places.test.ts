import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findTree } from '../../src/hooks/tree.ts';
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
  expect(findTree(session.root)).toEqual({ root: session.root, roots: [session.root], relay: path.join(session.root, '.claude', 'workflows'), hasSession: true });
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

async function answer(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  return answerIn(await recorded(name, session, more), { cwd: session.root });
}
