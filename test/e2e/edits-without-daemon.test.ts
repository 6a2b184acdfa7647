import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recorded, runHook } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';

/** An agent whose role is no phase's: it is judged when it has edited, and only then. */
const BACKEND = { agent_id: 'backend-1', agent_type: 'team1_backend' };

let session: HookSession;

beforeAll(async () => { session = await makeHookSession(); });
beforeEach(async () => { await session.reset(); });
afterAll(async () => { await session[Symbol.asyncDispose](); });

test('what an agent has broken is found when it ends, though no daemon saw the edit', async () => {
  await session.write({ 'team1.json': '{ "a": [ }\n' });
  expect(await hook('SubagentStop')).toEqual({});
  expect(await hook('PostToolUse', { tool_name: 'Write', tool_input: { file_path: `${session.root}/team1.json` } })).toEqual({});
  const { decision, reason } = await hook('SubagentStop');
  expect([decision, String(reason).split('\n')[0]]).toEqual(['block', 'team1 has not completed implementation (sent back 1 of 3): syntax_validation failed. Mend what follows in your own files, without weakening a rule, a threshold or a test.']);
});

test('so is gate configuration that it changed by a shell command', async () => {
  const { gates } = JSON.parse(await readFile(path.join(session.root, 'spark-gates.config.json'), 'utf8')) as { gates: object };
  await session.write({ 'spark-gates.config.json': JSON.stringify({ gates: { ...gates, syntax_validation: { level: 'off' } } }) });
  expect(await hook('PostToolUse.bash-edit-diff', { tool_response: { bashEditDiff: { changedFiles: [`${session.root}/spark-gates.config.json`] } } })).toEqual({});
  const { decision, reason } = await hook('SubagentStop');
  expect([decision, String(reason).split('\n')[1]]).toEqual(['block', "spark-gates.config.json says what the gates look for, it is not team1's, and team1 has changed it: take the change back (git checkout -- spark-gates.config.json), or have the file assigned."]);
});

/** The built program's answer, without a daemon. */
async function hook(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
  const { exitCode, stderr, answer } = await runHook(await recorded(name, session, { cwd: session.root, ...BACKEND, ...more }), { cwd: session.root });
  expect([exitCode, stderr]).toEqual([0, '']);
  return answer;
}
