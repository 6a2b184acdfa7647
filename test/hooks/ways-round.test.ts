import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Coordination } from '../../src/model/documents.ts';
import { systemClock } from '../../src/system/clock.ts';
import { runLineAt } from '../commands/run-program.ts';
import { answerIn, recorded } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';
import { makeProject } from '../rig/project.ts';

let session: HookSession;

beforeAll(async () => { session = await makeHookSession(); });
beforeEach(async () => { await session.reset(); });
afterAll(async () => { await session[Symbol.asyncDispose](); });

const BROKEN = { 'team1.json': '{ "a": [ }\n' };
const CONFIG = 'spark-gates.config.json';
const OFF_TEXT = '{ "gates": { "syntax_validation": { "level": "off" } } }\n';
const OFF = { [CONFIG]: OFF_TEXT };

test('what a reporter leaves behind is measured, though its phase has no gates', async () => {
  await completeUntil('report');
  await edits('team1_reporter');
  await session.write(BROKEN);
  expect(await stop('team1_reporter')).toMatchObject({ decision: 'block', reason: expect.stringContaining('syntax_validation failed') as string });
  expect(await rowOf('TASK-1')).toMatchObject({ phase: 'report', status: 'active' });
  await session.write({ 'team1.json': '{}\n' });
  expect(await stop('team1_reporter')).toEqual({});
  expect(await rowOf('TASK-1')).toMatchObject({ status: 'completed' });
});

test('who edits after its phase is sent back with what it broke; let go, the last phase still sees it', async () => {
  await stop('team1_implementer');
  await completeUntil('report');
  await edits('team1_implementer');
  await session.write(BROKEN);
  expect(await stop('team1_implementer')).toMatchObject({ decision: 'block' });
  expect((await stop('team1_implementer')).systemMessage).toContain('team1 may end report of TASK-1 without having completed it (syntax_validation)');
  expect(await rowOf('TASK-1')).toMatchObject({ phase: 'report', attempts: 1 });
  expect(await stop('team1_reporter', { agent_id: 'r1' })).toMatchObject({ decision: 'block' });
});

test('the command that completes a phase says what the end of the agent would', async () => {
  await answerIn(await recorded('SubagentStart', session, { agent_type: 'team1_implementer', agent_id: 'team1_implementer' }), { cwd: session.root });
  await session.write(BROKEN);
  const refused = await phaseComplete('implementation');
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.stdout.split('\n').slice(0, 3)).toEqual(['implementation of TASK-1 is not completed', 'syntax_validation failed', 'team1.json:1:10 value expected (syntax/json)']);
  await session.write({ 'team1.json': '{}\n', ...OFF });
  await edits('team1_implementer', CONFIG);
  expect((await phaseComplete('implementation')).stdout).toContain(`${CONFIG} says what the gates look for`);
  await session.git('checkout', '--quiet', '--', CONFIG);
  expect(await phaseComplete('implementation')).toMatchObject({ exitCode: 0 });
});

test('configuration that was made a link, or a folder, is named', async () => {
  await session.write({ 'lib/own.json': OFF_TEXT });
  await rm(path.join(session.root, CONFIG));
  await symlink('lib/own.json', path.join(session.root, CONFIG));
  await shellChanged(CONFIG);
  expect((await stop('team1_implementer')).reason).toContain(`${CONFIG} says what the gates look for`);
});

test('configuration by a name that only the settings know is configuration', async () => {
  const config = JSON.parse(await readFile(path.join(session.root, CONFIG), 'utf8')) as { gates: Record<string, object> };
  await session.write({ [CONFIG]: JSON.stringify({ gates: { ...config.gates, lint_enforcement: { level: 'off', configFile: './lint/rules.mjs' } } }), 'lint/rules.mjs': 'export default [];\n' });
  await edits('team1_implementer', 'lint/rules.mjs');
  expect((await stop('team1_implementer')).reason).toContain('lint/rules.mjs says what the gates look for');
  await session.git('clean', '--quiet', '-fd', 'lint');
  await session.write({ 'lint/rules.mjs': 'export default [{}];\n' });
  await shellChanged('lint/rules.mjs', 'team2');
  expect((await stop('team2_implementer')).reason).toContain('lint/rules.mjs says what the gates look for');
});

test('what a team that is at work no more has done to the configuration is said to the others, and at last to whoever leads', async () => {
  await completeUntil('report');
  await edits('team1_reporter');
  expect(await stop('team1_reporter')).toEqual({});
  expect(await rowOf('TASK-1')).toMatchObject({ status: 'completed' });
  await session.write({ [CONFIG]: `${await readFile(path.join(session.root, CONFIG), 'utf8')}\n` });
  await shellChanged(CONFIG);
  expect(await stop('team1_reporter')).toEqual({});
  const told = `${CONFIG} says what the gates look for, it is not team1's, and team1 has changed it: take the change back (git checkout -- ${CONFIG}), or have the file assigned.`;
  const other = await stop('team2_reporter');
  expect(other).toMatchObject({ decision: 'block', reason: expect.stringContaining(told) as string });
  expect((await stop('team2_reporter')).systemMessage).toContain('team2 may end report of TASK-2 without having completed it');
  await runLineAt(systemClock, session.root, 'end-session');
  const leader = async (): Promise<unknown> => answerIn(await recorded('Stop', session), { cwd: session.root });
  for (let round = 1; round <= 2; round += 1) expect(await leader()).toEqual({ decision: 'block', reason: `${told} Go on, unless you were asked to stop; then say so and end.` });
  const failed = { systemMessage: 'spark-gates: the session has ended, and TASK-2 failed: spark-gates report' };
  expect(await leader()).toEqual(failed);
  await session.git('checkout', '--quiet', '--', CONFIG);
  expect(await leader()).toEqual(failed);
});

test('what a person makes of the configuration afterwards is no fault of a team that is gone', async () => {
  await completeUntil('report');
  await answerIn(await recorded('PreToolUse.in-subagent', session, { agent_type: 'team1_reporter', agent_id: 'asked', tool_input: { file_path: path.join(session.root, CONFIG) } }), { cwd: session.root });
  await phaseComplete('report');
  await edits('team2_reporter', 'team2.json');
  const text = await readFile(path.join(session.root, CONFIG), 'utf8');
  await session.write({ [CONFIG]: `${text}\n` });
  expect(await stop('team2_reporter')).toEqual({});
  await session.reset();
  await completeUntil('report');
  await session.write({ [CONFIG]: `${text}\n\n` });
  await shellChanged(CONFIG);
  await phaseComplete('report');
  await session.write({ [CONFIG]: `${text}\n` });
  await edits('team2_reporter', 'team2.json');
  expect(await stop('team2_reporter')).toEqual({});
});

test('configuration that an earlier task of the team allowed it to change is not held against it in the next', async () => {
  await session.write({ 'tasks.json': JSON.stringify({ tasks: [{ id: 'TASK-1', description: 'One', files: ['team1.json', CONFIG] }, { id: 'TASK-3', description: 'Three', files: ['team3.json'] }] }) });
  await runLineAt(systemClock, session.root, 'multi-implement', 'TASK-1', 'TASK-3', '--teams', '1', '--replace');
  await edits('team1_implementer', CONFIG);
  await session.write({ [CONFIG]: `${await readFile(path.join(session.root, CONFIG), 'utf8')}\n` });
  for (const phase of ['implementation', 'quality', 'testing', 'review', 'report']) await phaseComplete(phase);
  await runLineAt(systemClock, session.root, 'next');
  expect(await rowOf('TASK-3')).toMatchObject({ team: 'team1', status: 'active' });
  await session.write({ 'team3.json': '{}\n' });
  await edits('team1_implementer', 'team3.json');
  expect(await stop('team1_implementer', { agent_id: 'next' })).toEqual({});
  expect(await rowOf('TASK-3')).toMatchObject({ phase: 'quality' });
});

test.each([
  ['that is no repository', async () => makeProject({}), undefined],
  ['that has a session of its own', async () => makeHookSession(), 'project'],
])('an edit by an agent in a folder %s is one of the session that its file is of', async (_name, make, project) => {
  await using elsewhere = await make();
  const edit = await recorded('PreToolUse.in-subagent', session, { cwd: elsewhere.root, tool_input: { file_path: path.join(session.root, 'team2.json') } });
  const where = { cwd: elsewhere.root, ...(project === undefined ? {} : { projectFolder: session.root }) };
  expect(JSON.stringify(await answerIn(edit, where))).toContain('team2.json belongs to team2');
  expect(JSON.stringify(await answerIn({ ...edit, cwd: path.join(elsewhere.root, 'gone') }, where))).toContain('team2.json belongs to team2');
});

test('the document of the session taken away, the log still has it', async () => {
  await session.write(BROKEN);
  await rm(path.join(session.root, '.claude/workflows/multi_task_coordination.json'));
  expect(await stop('team1_implementer')).toMatchObject({ decision: 'block', reason: expect.stringContaining('team1.json:1:10') as string });
});

test('an edit is remembered when the log has been rolled over, and forgotten when a session before this one made it', async () => {
  await session.write({ [CONFIG]: `${await readFile(path.join(session.root, CONFIG), 'utf8')}\n` });
  const line = (at: string): string => `${JSON.stringify({ at, team: 'team1', agent_id: 'x', file: CONFIG, gate_config: true })}\n`;
  const old = path.join(session.root, '.claude/workflows/hook_edits.old.ndjson');
  await writeFile(old, line('2020-01-01T00:00:00.000Z'));
  expect(await stop('team1_implementer')).toEqual({});
  await stop('team2_implementer');
  await writeFile(old, line(new Date().toISOString()));
  expect((await stop('team1_quality')).reason).toContain(`${CONFIG} says what the gates look for`);
});

test('a session that is a team\'s agent ends as one', async () => {
  await session.write(BROKEN);
  expect(await answerIn(await recorded('Stop', session, { agent_type: 'team1_implementer' }), { cwd: session.root })).toMatchObject({ decision: 'block', reason: expect.stringContaining('team1 has not completed implementation') as string });
});

test.each([
  ['behind a long one', `*** Add File: lib/a.txt\n+${'x'.repeat(9_000)}\n*** Update File: team2.json\n`],
  ['as where another one goes', '*** Update File: team1.json\n*** Move to: team2.json\n'],
])('a patch of another team\'s file %s is refused', async (_, patch) => {
  const call = await recorded('PreToolUse.in-subagent', session, { tool_name: 'apply_patch', tool_input: { input: `*** Begin Patch\n${patch}*** End Patch\n` } });
  expect(JSON.stringify(await answerIn(call, { cwd: session.root, args: ['--agent', 'codex'] }))).toContain('team2.json belongs to team2');
});

test('of a task with very many files the last one is owned, too', async () => {
  const files = Array.from({ length: 1_200 }, (_, index) => `many/f${String(index)}.ts`);
  await session.write({ 'tasks.json': JSON.stringify({ tasks: [{ id: 'TASK-1', description: 'One', files: ['team1.json'] }, { id: 'TASK-2', description: 'Many', files }] }) });
  await runLineAt(systemClock, session.root, 'multi-implement', 'TASK-1', 'TASK-2', '--teams', '2', '--replace');
  const edit = await recorded('PreToolUse.in-subagent', session, { tool_input: { file_path: `${session.root}/many/f1199.ts` } });
  expect(JSON.stringify(await answerIn(edit, { cwd: session.root }))).toContain('many/f1199.ts belongs to team2');
});

test('a row of the ledger that cannot be read takes no other with it', async () => {
  await edits('team1_implementer');
  const ledger = path.join(session.root, '.claude/workflows/hook_agents.json');
  const { agents } = JSON.parse(await readFile(ledger, 'utf8')) as { agents: Record<string, unknown> };
  await writeFile(ledger, JSON.stringify({ agents: { zz: { role: null }, ...agents } }));
  await edits('team2_implementer', 'team2.json');
  expect(Object.keys((JSON.parse(await readFile(ledger, 'utf8')) as { agents: object }).agents)).toEqual(['team1_implementer', 'team2_implementer']);
});

test('a session that ends takes nothing from a team that another one has at work', async () => {
  for (const id of ['A', 'B']) await answerIn(await recorded('SubagentStart', session, { session_id: id, agent_id: id, agent_type: 'team1_implementer' }), { cwd: session.root });
  await runLineAt(systemClock, session.root, 'lock', 'acquire', 'src/types.ts', '--team', 'team1');
  const end = async (id: string): Promise<string> => {
    await answerIn(await recorded('SessionEnd', session, { session_id: id }), { cwd: session.root });
    return (await runLineAt(systemClock, session.root, 'lock', 'list')).stdout;
  };
  expect(await end('B')).toContain('src/types.ts');
  await answerIn(await recorded('SubagentStart', session, { session_id: 'A', agent_id: 'A2', agent_type: 'team1_quality' }), { cwd: session.root });
  expect(await end('A')).not.toContain('src/types.ts');
});

/** By command, while no hook has seen an agent of the team. */
async function completeUntil(phase: string): Promise<void> {
  for (const before of ['implementation', 'quality', 'testing', 'review']) {
    if (before === phase) return;
    await phaseComplete(before);
    await runLineAt(systemClock, session.root, 'phase', 'complete', 'team2', before);
  }
}

function phaseComplete(phase: string): ReturnType<typeof runLineAt> {
  return runLineAt(systemClock, session.root, 'phase', 'complete', 'team1', phase);
}

/** A hook has seen it. */
async function edits(agent: string, file = 'team1.json'): Promise<void> {
  for (const event of ['PreToolUse.in-subagent', 'PostToolUse']) {
    await answerIn(await recorded(event, session, { agent_type: agent, agent_id: agent, tool_input: { file_path: path.join(session.root, file) } }), { cwd: session.root });
  }
}

async function shellChanged(file: string, team = 'team1'): Promise<void> {
  await answerIn(await recorded('PostToolUse.bash-edit-diff', session, { cwd: session.root, agent_id: 'a1', agent_type: `${team}_implementer`, tool_response: { bashEditDiff: { changedFiles: [path.join(session.root, file)] } } }), { cwd: session.root });
}

async function stop(agent: string, more: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
  return (await answerIn(await recorded('SubagentStop', session, { agent_type: agent, agent_id: agent, ...more }), { cwd: session.root })) as Record<string, unknown>;
}

async function rowOf(id: string): Promise<Coordination['tasks'][string] | undefined> {
  return (JSON.parse(await readFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), 'utf8')) as Coordination).tasks[id];
}
