import { readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { runLineAt } from '../commands/run-program.ts';
import { answerIn, recorded } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';

let session: HookSession;

beforeAll(async () => { session = await makeHookSession(); });
beforeEach(async () => { await session.reset(); });
afterAll(async () => { await session[Symbol.asyncDispose](); });

const UNFINISHED = 'spark-gates: the session is not finished: team1 (TASK-1) in implementation, team2 (TASK-2) in pending; go on with spark-gates status, or give it up with spark-gates end-session';

test('the agent that leads is told what is not finished and whom to start, twice for one state of affairs', async () => {
  await answer('SubagentStart');
  const first = await answer('Stop');
  expect(first.decision).toBe('block');
  expect(String(first.reason).split('\n').filter((line) => /^(?:Not|Start|##) /.test(line)).map((line) => line.replace(/^## \S+ /, ''))).toEqual([
    'Not every team is finished: team1 (TASK-1) in implementation, team2 (TASK-2) in pending. Go on, unless you were asked to stop; then say so and end.',
    'Start in one message, as 2 calls of the Agent tool:',
    'team1 implementation - TASK-1',
    'team2 implementation - TASK-2',
  ]);
  expect(await answer('Stop', { stop_hook_active: true })).toEqual(first);
  expect(await answer('Stop', { stop_hook_active: true })).toEqual({ systemMessage: UNFINISHED });
  await answer('SubagentStop');
  expect(await answer('Stop')).toMatchObject({ decision: 'block' });
});

test('it may end while its agents run, and when nothing is left', async () => {
  await answer('SubagentStart');
  const running = [{ id: 'af2ad31c10a3b37b7', type: 'subagent', status: 'running', agent_type: 'team1_implementer' }];
  expect(await answer('Stop', { background_tasks: running })).toEqual({});
  // A teammate is listed without its name; whether one of ours is at work, the ledger knows.
  const teammate = [{ id: 't1', type: 'teammate', status: 'running', description: 'alice works' }];
  expect(await answer('Stop', { background_tasks: teammate })).toEqual({});
  await session.write({ 'team1.json': '{' });
  for (let round = 1; round <= 2; round += 1) await answer('SubagentStop');
  expect(await answer('Stop', { background_tasks: running })).toMatchObject({ decision: 'block' });
  expect(await answer('Stop', { background_tasks: teammate })).toMatchObject({ decision: 'block' });
  await runLineAt(systemClock, session.root, 'end-session');
  expect(await answer('Stop')).toEqual({ systemMessage: 'spark-gates: the session has ended, and TASK-1, TASK-2 failed: spark-gates report' });
});

test("another client's session in the same repository is none of ours", async () => {
  await answer('SubagentStart');
  expect(await answer('Stop', { session_id: 'another' })).toEqual({});
});

test('the command by which a session is led is remembered', async () => {
  expect(await answer('UserPromptExpansion', { session_id: 'leader' })).toEqual({});
  expect(await answer('Stop', { session_id: 'leader' })).toMatchObject({ decision: 'block' });
});

test('agents that come back together say once whom to start next', async () => {
  await answer('SubagentStart', { agent_id: 'a1' });
  await answer('SubagentStart', { agent_id: 'b1', agent_type: 'team2_implementer' });
  await answer('SubagentStop', { agent_id: 'a1' });
  expect(await back('team1_implementer', 'a1')).toEqual({});
  await answer('SubagentStop', { agent_id: 'b1', agent_type: 'team2_implementer' });
  expect(JSON.stringify(await back('team1_implementer', 'a1'))).toContain(': team1 quality - TASK-1');
  expect(await back('team2_implementer', 'b1')).toEqual({});
});

test('an agent that died without a word is started again', async () => {
  await answer('SubagentStart', { agent_id: 'a1' });
  const { hookSpecificOutput } = await back('team1_implementer', 'a1');
  expect(JSON.stringify(hookSpecificOutput)).toContain(': team1 implementation - TASK-1');
});

test('an agent that an error of the API has ended is started again, as often as it happens', async () => {
  for (const id of ['a1', 'a2']) {
    await answer('SubagentStart', { session_id: CALLER, agent_id: id, agent_type: 'team2_implementer' });
    expect(await failed(id)).toEqual({});
    expect(startsIn(await called())).toEqual(['Start in one message, as 2 calls of the Agent tool:', 'team1 implementation - TASK-1', 'team2 implementation - TASK-2']);
    expect(await called()).toEqual({});
  }
});

test('one that runs in the background has only its own error, and then keeps nobody from being started', async () => {
  await answer('SubagentStart', { agent_id: 'a1' });
  await answer('SubagentStart', { agent_id: 'b1', agent_type: 'team2_implementer' });
  await failed('b1');
  expect(startsIn(await back('team1_implementer', 'a1'))).toEqual(['Start in one message, as 2 calls of the Agent tool:', 'team1 implementation - TASK-1', 'team2 implementation - TASK-2']);
});

test.each([{ agent_id: 'other', agent_type: 'team2_reviewer' }, { agent_id: 'other' }])('where only the call tells of it, the agent of its team and role has ended, and none but that: not %j', async (other) => {
  await answer('SubagentStart', { agent_id: 'elsewhere', agent_type: 'team2_implementer' });
  await answer('SubagentStart', { session_id: CALLER, agent_id: 'c1', agent_type: 'team2_implementer' });
  await answer('SubagentStart', { session_id: CALLER, ...other });
  expect(await called()).toEqual({});
  expect(await stoppedIn()).toEqual(['c1']);
});

test('a call that has started nobody ends nobody', async () => {
  await answer('SubagentStart', { session_id: CALLER, agent_id: 'c1', agent_type: 'team2_implementer' });
  expect(await called({ error: "Agent type 'team2_implementer' not found" })).toEqual({});
  expect(await called({ tool_name: 'Bash' })).toEqual({});
  expect(await stoppedIn()).toEqual([]);
  expect(startsIn(await called({ error: 'Interrupted', is_interrupt: true }))).toHaveLength(3);
});

test('after an edit the team is told what the fast gates find in it, and never kept', async () => {
  await session.write({ 'team1.json': '{ "a": [ }\n', 'team2.json': '{ "theirs" }\n' });
  const file = `${session.root}/team1.json`;
  const text = 'spark-gates, after this edit:\nteam1.json:1:10 value expected (syntax/json)\nteam1.json:2:1 close bracket expected (syntax/json)';
  expect(await answer('PostToolUse', { tool_input: { file_path: file } })).toEqual({ hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext: text } });
  expect(await answer('PostToolBatch', { tool_calls: [{ tool_name: 'Write', tool_input: { file_path: file } }] })).toEqual({ hookSpecificOutput: { hookEventName: 'PostToolBatch', additionalContext: text } });
  await session.write({ 'team1.json': '{}\n' });
  expect(await answer('PostToolUse', { tool_input: { file_path: file } })).toEqual({});
});

test('a tree that the client knows by a link is the same tree', async () => {
  const link = `${session.root}-link`;
  await symlink(session.root, link);
  onTestFinished(() => rm(link));
  await session.write({ 'team1.json': '{ "a" }\n' });
  expect(await answer('PostToolUse', { cwd: link, tool_input: { file_path: `${link}/team1.json` } })).toMatchObject({ hookSpecificOutput: { additionalContext: expect.stringContaining('after this edit:\nteam1.json:1:') as string } });
});

test('what a shell command has changed is looked at, where the client tells it', async () => {
  await session.write({ 'team1.json': '{ "a" }\n' });
  const changedFiles = [`${session.root}/team1.json`, '/elsewhere/team1.json'];
  expect(await answer('PostToolUse.bash-edit-diff', { cwd: session.root, agent_type: 'team1_implementer', agent_id: 'a1', tool_response: { bashEditDiff: { changedFiles } } })).toMatchObject({ hookSpecificOutput: { hookEventName: 'PostToolUse' } });
});

test("with the client's session its teams' leases end", async () => {
  await answer('SubagentStart', { session_id: 's1' });
  await answer('PreToolUse.in-subagent', { tool_input: { file_path: `${session.root}/src/types.ts` } });
  expect(await heldBy()).toEqual(['team1']);
  expect(await answer('SessionEnd', { session_id: 'another' })).toEqual({});
  expect(await heldBy()).toEqual(['team1']);
  expect(await answer('SessionEnd', { session_id: 's1' })).toEqual({});
  expect(await heldBy()).toEqual([]);
});

test('what another client goes on with stays leased when the one that began it ends', async () => {
  await answer('SubagentStart', { session_id: 'old', agent_id: 'a1' });
  await answer('SubagentStop', { session_id: 'old', agent_id: 'a1' });
  await answer('SubagentStart', { session_id: 'new', agent_id: 'a2', agent_type: 'team1_quality' });
  await answer('PreToolUse.in-subagent', { session_id: 'new', agent_id: 'a2', agent_type: 'team1_quality', tool_input: { file_path: `${session.root}/src/types.ts` } });
  expect(await answer('SessionEnd', { session_id: 'old' })).toEqual({});
  expect(await heldBy()).toEqual(['team1']);
  expect(await answer('SessionEnd', { session_id: 'new' })).toEqual({});
  expect(await heldBy()).toEqual([]);
});

test.each([
  ['its agent began last, though it was the first that was ever seen', [{ session_id: 'new', started_at: '2026-01-01T12:00:00.000Z' }, { session_id: 'old', started_at: '2026-01-01T11:00:00.000Z' }]],
  ['its agent began last, though the other one ended later', [{ session_id: 'old', started_at: '2026-01-01T11:00:00.000Z', stopped_at: '2026-01-01T13:00:00.000Z' }, { session_id: 'new', started_at: '2026-01-01T12:00:00.000Z' }]],
  ['its agent was seen after the other, but not how it began', [{ session_id: 'old', started_at: '2026-01-01T11:00:00.000Z' }, { session_id: 'new', edited: true }]],
])('a team is the session\'s when %s', async (_name, agents) => {
  await answer('PreToolUse.in-subagent', { tool_input: { file_path: `${session.root}/src/types.ts` } });
  const unknown = { team: 'team1', role: null, started_at: null, stopped_at: null, phase: null, fingerprint: null, outcome: null };
  await session.write({ '.claude/workflows/hook_agents.json': JSON.stringify({ agents: Object.fromEntries(agents.map((agent, at) => [`a${String(at)}`, { ...unknown, ...agent }])) }) });
  await answer('SessionEnd', { session_id: 'old' });
  expect(await heldBy()).toEqual(['team1']);
  await answer('SessionEnd', { session_id: 'new' });
  expect(await heldBy()).toEqual([]);
});

async function answer(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
  return (await answerIn(await recorded(name, session, more), { cwd: session.root, projectFolder: session.root })) as Record<string, unknown>;
}

function back(agent: string, id: string): Promise<Record<string, unknown>> {
  return answer('PostToolUse.agent-foreground', { tool_input: { subagent_type: agent }, tool_response: { status: 'completed', agentId: id } });
}

/** The session of the recorded error. */
const CALLER = '9ecd922f-6df5-4fea-9104-529410ee8e50';

function called(more: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
  return answer('PostToolUseFailure.agent-api-error', more);
}

function failed(id: string): Promise<Record<string, unknown>> {
  return answer('StopFailure.in-subagent', { agent_id: id });
}

function startsIn({ hookSpecificOutput }: Readonly<Record<string, unknown>>): string[] {
  const { additionalContext = '' } = (hookSpecificOutput ?? {}) as { additionalContext?: string };
  return additionalContext.split('\n').filter((line) => /^(?:Start|##) /.test(line)).map((line) => line.replace(/^## \S+ /, ''));
}

async function stoppedIn(): Promise<string[]> {
  const { agents } = JSON.parse(await readFile(path.join(session.root, '.claude/workflows/hook_agents.json'), 'utf8')) as { agents: Record<string, { stopped_at: string | null }> };
  return Object.entries(agents).flatMap(([id, agent]) => (agent.stopped_at === null ? [] : [id]));
}

async function heldBy(): Promise<string[]> {
  const { stdout } = await runLineAt(systemClock, session.root, 'lock', 'list', '--json');
  return (JSON.parse(stdout) as { locks: { holder: { team: string } }[] }).locks.map(({ holder }) => holder.team);
}
