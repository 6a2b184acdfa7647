import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Coordination } from '../../src/model/documents.ts';
import { answerIn, recorded } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';

let session: HookSession;

beforeAll(async () => { session = await makeHookSession(); });
beforeEach(async () => { await session.reset(); });
afterAll(async () => { await session[Symbol.asyncDispose](); });

const ENDS = ['SubagentStop.teammate', 'TeammateIdle', 'TaskCompleted'] as const;

test('a teammate with a name of its own is held to the files of the team whose agent it was started from', async () => {
  expect(await answer('PostToolUse.agent-teammate')).toEqual({});
  expect(await answer('PreToolUse.in-teammate', edit('team1.json'))).toEqual({});
  expect(await answer('PreToolUse.in-teammate', edit('team2.json'))).toEqual({ hookSpecificOutput: {
    hookEventName: 'PreToolUse', permissionDecision: 'deny',
    permissionDecisionReason: "team2.json belongs to team2 until its task TASK-2 is completed. Leave it as it is; if you need a change there, tell them: spark-gates message team1 team2 '<what you need>' --blocked. Then go on with your own files.",
  } });
});

test.each(ENDS)('by %s it is sent back while its files are broken, and completes its phase when they are sound', async (name) => {
  await answer('PostToolUse.agent-teammate');
  await session.write({ 'team1.json': '{ "a" }\n' });
  const { decision, reason } = await answer(name);
  expect([decision, String(reason).split(' (')[0]]).toEqual(['block', 'team1 has not completed implementation']);
  await session.write({ 'team1.json': '{}\n' });
  expect(await answer(name)).toEqual({});
  expect(await phaseOf('TASK-1')).toBe('implementation_completed');
});

test('it is told what is its own when it begins once more', async () => {
  await answer('PostToolUse.agent-teammate');
  expect(JSON.stringify(await answer('SubagentStart.teammate'))).toContain('"You work for team1 on TASK-1, phase implementation: Write the first');
});

test('it is at work for its team until it ends', async () => {
  const teammate = async (): Promise<unknown> => {
    const { agents } = JSON.parse(await readFile(path.join(session.root, '.claude/workflows/hook_agents.json'), 'utf8')) as { agents: Record<string, Record<string, unknown>> };
    const { team, role, phase, started_at: started, stopped_at: stopped } = agents['aalice-10b4064bd6865963'] ?? {};
    return { team, role, phase, started: typeof started, stopped: typeof stopped };
  };
  await answer('PostToolUse.agent-teammate');
  const row = { team: 'team1', role: 'implementer', phase: 'implementation', started: 'string' };
  expect(await teammate()).toEqual({ ...row, stopped: 'object' });
  await answer('SubagentStop.teammate');
  expect(await teammate()).toEqual({ ...row, stopped: 'string' });
});

test('one that was started from no team, and one of the same name with another number, pass untouched', async () => {
  await answer('PostToolUse.agent-teammate', { tool_input: { subagent_type: 'general-purpose', name: 'bob' }, tool_response: { status: 'teammate_spawned', agentId: 'abob-1', agent_id: 'abob-1', agent_type: 'general-purpose' } });
  await answer('PostToolUse.agent-teammate');
  await session.write({ 'team1.json': '{ "a" }\n' });
  for (const who of [{ agent_type: 'bob', agent_id: 'abob-1' }, { agent_type: 'alice', agent_id: 'aalice-2' }, { agent_type: 'alice', agent_id: 'constructor' }]) {
    expect(await answer('PreToolUse.in-teammate', { ...edit('team2.json'), ...who })).toEqual({});
    for (const name of ENDS) expect(await answer(name, who)).toEqual({});
  }
});

test('where only the configuration says where the relay is, it is known all the same, and an unknown one passes', async () => {
  const config = path.join(session.root, 'spark-gates.config.json');
  await writeFile(config, JSON.stringify({ ...(JSON.parse(await readFile(config, 'utf8')) as object), relay: '.claude/workflows' }));
  await answer('PostToolUse.agent-teammate');
  expect(await answer('PreToolUse.in-teammate', edit('team2.json'))).toMatchObject({ hookSpecificOutput: { permissionDecision: 'deny' } });
  expect(await answer('SubagentStop.teammate', { agent_id: 'aalice-2' })).toEqual({});
  const broken = await recorded('SubagentStop.teammate', session, { agent_id: 'aalice-2' });
  expect(await answerIn(broken, { cwd: session.root, handle: () => Promise.reject(new Error('out of memory')) })).toEqual({ systemMessage: 'spark-gates: the hook broke: out of memory' });
});

test('an unknown one where there is no session passes without a word', async () => {
  expect(await answerIn(await recorded('SubagentStop.teammate', session, { cwd: '/' }), { cwd: '/' })).toEqual({});
});

async function answer(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
  return (await answerIn(await recorded(name, session, more), { cwd: session.root, projectFolder: session.root })) as Record<string, unknown>;
}

function edit(file: string): Record<string, unknown> {
  return { tool_name: 'Write', tool_input: { file_path: path.join(session.root, file), content: 'x' } };
}

async function phaseOf(task: string): Promise<string | undefined> {
  const text = await readFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), 'utf8');
  return (JSON.parse(text) as Coordination).tasks[task]?.phase;
}
