import fc from 'fast-check';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { answerIn, recorded, type AnswerOptions } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';
import { makeProject } from '../rig/project.ts';

let session: HookSession;

beforeAll(async () => { session = await makeHookSession(); });
beforeEach(async () => { await session.reset(); });
afterAll(async () => { await session[Symbol.asyncDispose](); });

const notRun = (why: string): object => ({
  decision: 'block',
  reason: `NOT RUN: the gates of team1 have no verdict: ${why}. This is no fault of your code as far as is known. See what is wrong by "spark-gates doctor" or "spark-gates run", mend it if you can, then end again and repeat your final report in full.`,
});
const letGo = (why: string): object => ({ systemMessage: `spark-gates: ${why}; team1 was not judged and may end, its phase is not completed` });

const breaks: AnswerOptions['handle'] = () => Promise.reject(new Error('out of memory'));
const hangs: AnswerOptions['handle'] = () => new Promise(() => undefined);

test('a crash of ours keeps the agent, three times, and never opens the gate in silence', async () => {
  for (let round = 1; round <= 3; round += 1) expect(await stop({ handle: breaks })).toEqual(notRun('the hook broke: out of memory'));
  expect(await stop({ handle: breaks })).toEqual(letGo('the hook broke: out of memory'));
});

test('so does what the other half prints that is no decision', async () => {
  expect(await stop({ handle: () => Promise.resolve('spark-gates: the disk is full\n') })).toEqual(notRun('the hook broke: spark-gates: the disk is full'));
  expect(await stop({ handle: () => Promise.resolve('{"kind":"pas') })).toEqual(notRun('the hook broke: {"kind":"pas'));
  expect(await stop({ handle: () => Promise.resolve('{"kind":"block"}') })).toEqual(notRun('the hook broke: {"kind":"block"}'));
});

test('a gate that hangs is answered for when time is up', async () => {
  expect(await stop({ handle: hangs, args: ['--deadline', '0.05'] })).toEqual(notRun('not finished within 0 s'));
});

test('a hook that is told to end answers first', async () => {
  const end = new AbortController();
  const answer = stop({ signal: end.signal, handle: () => { end.abort(143); return new Promise(() => undefined); } });
  expect(await answer).toEqual(notRun('the hook was told to end'));
});

test('elsewhere nobody is kept for a fault of ours', async () => {
  const payload = await recorded('SubagentStart', session);
  expect(await answerIn(payload, { cwd: session.root, handle: breaks })).toEqual({ systemMessage: 'spark-gates: the hook broke: out of memory' });
  expect(await answerIn(payload, { cwd: session.root, handle: hangs, args: ['--deadline', '0.05'] })).toEqual({});
});

test('a relay that cannot be read is a fault, and no pass', async () => {
  await writeFile(path.join(session.root, '.claude/workflows/events.ndjson'), '');
  await mkdir(path.join(session.root, '.claude/workflows/team1_current_task.json.d'), { recursive: true });
  const answer = (await stop({})) as Record<string, unknown>;
  // The documents are adopted; what is judged is what they say.
  expect(answer).toEqual({});
  const coordination = await readFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), 'utf8');
  expect((JSON.parse(coordination) as { tasks: Record<string, { phase: string }> }).tasks['TASK-1']?.phase).toBe('implementation_completed');
});

test.each([
  ['nothing', ''],
  ['a blank', ' \n'],
  ['no JSON', 'PreToolUse'],
  ['a list', '[{"hook_event_name":"SubagentStop"}]'],
  ['a number', '7'],
  ['null', 'null'],
])('%s on stdin passes, and it is said that nothing was checked', async (_name, input) => {
  expect(await answerIn(input, { cwd: session.root })).toEqual({ systemMessage: 'spark-gates: what the client sent is no JSON object; nothing was checked' });
});

test("the end of a team's agent that was cut off on its way is not taken for consent, three times", async () => {
  const whole = JSON.stringify(await recorded('SubagentStop', session));
  const cut = whole.slice(0, whole.indexOf('"last_assistant_message"') + 30);
  const idle = '{"hook_event_name":"TeammateIdle","teammate_name":"team1_quality","se';
  const why = "the client's message to the hook could not be read";
  for (const bytes of [cut, idle]) {
    for (let round = 1; round <= 3; round += 1) expect(await answerIn(bytes, { cwd: session.root })).toEqual(notRun(why));
    expect(await answerIn(bytes, { cwd: session.root })).toEqual(letGo(why));
  }
  // Where there is no session nobody would have been judged.
  expect(await answerIn(idle, { cwd: '/' })).toEqual({ systemMessage: 'spark-gates: what the client sent is no JSON object; nothing was checked' });
});

test('a verdict in between, and the count begins anew', async () => {
  for (let round = 1; round <= 3; round += 1) expect(await stop({ handle: breaks })).toEqual(notRun('the hook broke: out of memory'));
  await session.write({ 'team1.json': '{' });
  expect(await stop({})).toMatchObject({ decision: 'block', reason: expect.stringContaining('team1.json:1:2') as string });
  for (let round = 1; round <= 3; round += 1) expect(await stop({ handle: breaks })).toEqual(notRun('the hook broke: out of memory'));
  expect(await stop({ handle: breaks })).toEqual(letGo('the hook broke: out of memory'));
});

test('unknown events, missing fields and fields of another kind pass', async () => {
  for (const payload of [
    { hook_event_name: 'Whatever' },
    { hook_event_name: 'PreToolUse' },
    { hook_event_name: 'PreToolUse', tool_name: 'Edit' },
    { hook_event_name: 'PreToolUse', tool_name: 'Edit', tool_input: null, agent_type: 'team1' },
    { hook_event_name: 'PreToolUse', tool_name: ['Edit'], tool_input: { file_path: 'team2.json' }, agent_type: 'team1' },
    { hook_event_name: 'SubagentStop' },
    { hook_event_name: 'SubagentStop', agent_type: 7, agent_id: {} },
    { hook_event_name: 'PostToolBatch', tool_calls: 'none' },
    { hook_event_name: 'constructor' },
  ]) expect(await answerIn({ cwd: session.root, ...payload }, { cwd: session.root }), JSON.stringify(payload)).toEqual({});
  for (const payload of [{}, { hook_event_name: 7 }]) expect(await answerIn({ cwd: session.root, ...payload }, { cwd: session.root })).toEqual({ systemMessage: 'spark-gates: the hook was told no event; nothing was checked' });
  expect(await answerIn({}, { cwd: session.root, args: ['--agent', 'nobody'] })).toEqual({ systemMessage: 'spark-gates: there is no agent "nobody"; nothing was checked' });
});

test('where there is no repository, or no session, a team passes, and it is said', async () => {
  await using project = await makeProject({ 'package.json': '{}' });
  const payload = await recorded('SubagentStop', project);
  expect(await answerIn(payload, { cwd: project.root })).toEqual({ systemMessage: `spark-gates: there is no session in ${project.root}, so team1 was not judged, and no phase is completed` });
  expect(await answerIn({ ...payload, cwd: '/' }, { cwd: '/' })).toEqual({ systemMessage: 'spark-gates: there is no session in /, so team1 was not judged, and no phase is completed' });
  expect(await answerIn(await recorded('PreToolUse.in-subagent', project), { cwd: project.root })).toEqual({});
  expect(await answerIn(await recorded('Stop', project), { cwd: project.root })).toEqual({});
});

test('whatever a payload holds, one object is answered', async () => {
  const names = ['hook_event_name', 'cwd', 'session_id', 'agent_id', 'agent_type', 'tool_name', 'tool_input', 'tool_response', 'tool_calls', 'background_tasks', 'stop_hook_active', 'command_name'];
  const words = fc.constantFrom('SubagentStop', 'Stop', 'PreToolUse', 'PostToolUse', 'SessionEnd', 'UserPromptExpansion', 'team1', 'team2_quality', 'Edit', 'Agent', 'multi_implement', session.root, '.');
  const value = fc.oneof(words, fc.jsonValue(), fc.record({ file_path: fc.oneof(words, fc.string()), agentId: words, subagent_type: words }, { requiredKeys: [] }));
  const payload = fc.dictionary(fc.constantFrom(...names), value);
  await fc.assert(fc.asyncProperty(fc.oneof(payload.map((one) => JSON.stringify(one)), fc.string(), fc.json()), fc.constantFrom('claude', 'codex', 'cursor', 'copilot', 'gemini'), async (input, agent) => {
    const answer = await answerIn(input, { cwd: session.root, args: ['--agent', agent], handle: () => Promise.resolve('{"kind":"pass"}') });
    expect(typeof answer === 'object' && answer !== null && !Array.isArray(answer)).toBe(true);
  }), { numRuns: 400 });
});

async function stop(options: Omit<AnswerOptions, 'cwd'>): Promise<unknown> {
  return answerIn(await recorded('SubagentStop', session), { cwd: session.root, ...options });
}
