import { execFile } from 'node:child_process';
import { utimesSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Coordination } from '../../src/model/documents.ts';
import { systemClock } from '../../src/system/clock.ts';
import { runLineAt } from '../commands/run-program.ts';
import { answerIn, recorded } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';

let session: HookSession;

beforeAll(async () => { session = await makeHookSession(); });
beforeEach(async () => { await session.reset(); });
afterAll(async () => { await session[Symbol.asyncDispose](); });

const broken = (number: number): Record<string, string> => ({ 'team1.json': `{ "a": ${'['.repeat(number)} }\n` });

test('a team with sound files has completed its phase; ended once more it has still completed only that', async () => {
  expect(await stop()).toEqual({});
  expect(await phaseOf('TASK-1')).toBe('implementation_completed');
  expect(await stop()).toEqual({});
  expect(await stop({ agent_type: 'team2', agent_id: 'b' })).toEqual({});
  expect(await phaseOf('TASK-1')).toBe('quality');
  expect(await stop()).toEqual({});
  expect(await phaseOf('TASK-1')).toBe('quality');
});

test('a team with a broken file is sent back with what is wrong, and goes when it is mended', async () => {
  await session.write(broken(1));
  const answer = await stop();
  expect(answer).toEqual({ decision: 'block', reason: [
    'team1 has not completed implementation (sent back 1 of 3): syntax_validation failed. Mend what follows in your own files, without weakening a rule, a threshold or a test.',
    '## syntax_validation',
    'team1.json:1:10 value expected (syntax/json)',
    'team1.json:2:1 close bracket expected (syntax/json)',
    'Run again: spark-gates run --only team1 --gate syntax_validation',
    `All findings: ${session.root}/.claude/workflows/agent-output/team1-gates.md`,
    'When this is mended, end again and repeat your final report in full: it replaces the one before.',
  ].join('\n') });
  expect(await phaseOf('TASK-1')).toBe('pending');
  await session.write({ 'team1.json': '{}\n' });
  expect(await stop({ stop_hook_active: true })).toEqual({});
  expect(await phaseOf('TASK-1')).toBe('implementation_completed');
});

test('it is sent back three times at most; then the task goes to another agent, and to a third one, and has failed', async () => {
  const said = 'team1 may end implementation of TASK-1 without having completed it (syntax_validation): it was sent back 3 times';
  for (const [agent, next] of [['a', 'the task goes to another agent, with what was done'], ['b', 'the task goes to another agent, with what was done'], ['c', 'the task has failed, tell a person']] as const) {
    for (const round of [1, 2, 3]) {
      await session.write({ [`lib/${agent}${String(round)}.json`]: '{ "x" }\n' });
      expect(await stop({ agent_id: agent, stop_hook_active: round > 1 })).toMatchObject({ decision: 'block' });
    }
    await session.write({ [`lib/${agent}4.json`]: '{ "x" }\n' });
    expect(await stop({ agent_id: agent, stop_hook_active: true })).toEqual({ systemMessage: `spark-gates: ${said}; ${next}` });
  }
  const { tasks } = JSON.parse(await readFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), 'utf8')) as Coordination;
  expect([tasks['TASK-1']?.status, tasks['TASK-1']?.predecessor?.reason]).toEqual(['failed', said]);
  expect(await stop({ agent_id: 'd' })).toEqual({});
});

test('when the second verdict is the first one, it is let go: it does not get on', async () => {
  await session.write(broken(1));
  expect((await stop()).decision).toBe('block');
  await session.write({ 'team1.json': `\n\n${broken(1)['team1.json'] ?? ''}` });
  expect(await stop({ stop_hook_active: true })).toEqual({ systemMessage: 'spark-gates: team1 may end implementation of TASK-1 without having completed it (syntax_validation): nothing was mended since it was sent back the last time; the task goes to another agent, with what was done' });
});

test('two hooks for one end of one agent with a broken file: both say the same, and it is sent back once', async () => {
  await session.write(broken(1));
  const [first, second] = await Promise.all([stop(), stop()]);
  expect([first.decision, second.reason]).toEqual(['block', first.reason]);
  const { tasks } = JSON.parse(await readFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), 'utf8')) as Coordination;
  expect([tasks['TASK-1']?.status, tasks['TASK-1']?.attempts]).toEqual(['active', 1]);
});

test('an agent that was let go ends again: the task that is another agent\'s now is not judged by that', async () => {
  await session.write(broken(1));
  await stop();
  expect((await stop({ stop_hook_active: true })).systemMessage).toContain('the task goes to another agent');
  expect(await stop()).toEqual({ systemMessage: "spark-gates: this agent was let go from TASK-1 before; it is another agent's now, which team1 is to start" });
  const { tasks } = JSON.parse(await readFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), 'utf8')) as Coordination;
  expect([tasks['TASK-1']?.status, tasks['TASK-1']?.attempts]).toEqual(['active', 2]);
});

test('where others keep the relay busy there is no verdict: the team is kept, and nothing is completed', async () => {
  const lock = path.join(session.root, '.claude/workflows/.staging/transaction.lock');
  await mkdir(lock, { recursive: true });
  const alive = setInterval(() => { utimesSync(lock, new Date(), new Date()); }, 200);
  try {
    const { decision, reason } = await stop({ agent_id: 'busy' });
    expect(decision).toBe('block');
    expect(reason).toContain('NOT RUN: the gates of team1 have no verdict');
  } finally {
    clearInterval(alive);
    await rm(lock, { recursive: true });
  }
  expect(await phaseOf('TASK-1')).toBe('pending');
  const { agents } = JSON.parse(await readFile(path.join(session.root, '.claude/workflows/hook_agents.json'), 'utf8').catch(() => '{ "agents": {} }')) as { agents: Record<string, { outcome: string }> };
  expect(agents.busy?.outcome).not.toBe('completed');
});

test('two hooks for one end of one agent: the phase is completed once', async () => {
  expect(await Promise.all([stop(), stop()])).toHaveLength(2);
  expect(await phaseOf('TASK-1')).toBe('implementation_completed');
  const events = (await readFile(path.join(session.root, '.claude/workflows/events.ndjson'), 'utf8')).split('\n').filter((line) => line.includes('team_phase_complete'));
  expect(events).toHaveLength(1);
});

test("an agent that is not at its team's phase, or has another job and changed nothing, goes; so does one of a team without a task", async () => {
  await session.write(broken(1));
  expect(await stop({ agent_type: 'team1_reviewer' })).toEqual({});
  expect(await stop({ agent_type: 'team1_explorer' })).toEqual({});
  expect(await stop({ agent_type: 'team9_implementer' })).toEqual({});
  expect(await stop({ agent_type: '' })).toEqual({});
  expect(await phaseOf('TASK-1')).toBe('pending');
});

test('a team that wrote nothing is told so', async () => {
  await runLineAt(systemClock, session.root, 'multi-implement', 'TASK-3', '--replace');
  const { decision, reason } = await stop();
  expect(decision).toBe('block');
  expect(reason).toContain('none of the files that it was given is there (team3.json): write them, or correct the files of the task');
});

test('gate configuration that it was seen changing is named, and to be taken back', async () => {
  await answerIn(await recorded('PreToolUse.in-subagent', session, { tool_input: { file_path: `${session.root}/spark-gates.config.json` } }), { cwd: session.root });
  await session.write({ 'spark-gates.config.json': '{ "gates": { "syntax_validation": { "level": "off" } } }\n' });
  const { decision, reason } = await stop();
  expect(decision).toBe('block');
  expect(reason).toContain("spark-gates.config.json says what the gates look for, it is not team1's, and team1 has changed it: take the change back (git checkout -- spark-gates.config.json), or have the file assigned.");
  await session.git('checkout', '--quiet', '--', 'spark-gates.config.json');
  expect(await stop({ stop_hook_active: true })).toEqual({});
});

test('so is what it has committed, with the commit to take it back from', async () => {
  const config = 'spark-gates.config.json';
  const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: session.root });
  const before = stdout.trim().slice(0, 12);
  await answerIn(await recorded('PreToolUse.in-subagent', session, { tool_input: { file_path: `${session.root}/${config}` } }), { cwd: session.root });
  await session.write({ [config]: '{ "gates": { "syntax_validation": { "level": "off" } } }\n' });
  await promisify(execFile)('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '--all', '--message', 'Off'], { cwd: session.root, env: { ...process.env, GIT_COMMITTER_DATE: `@${String(Math.floor(Date.now() / 1000) + 60)} +0000` } });
  expect((await stop()).reason).toContain(`take the change back (git checkout ${before} -- ${config}), or have the file assigned.`);
  await session.git('checkout', '--quiet', before, '--', config);
  expect(await stop({ stop_hook_active: true })).toEqual({});
});

test('so is what a package.json says of gates and scripts; a package more is nothing', async () => {
  const edit = await recorded('PreToolUse.in-subagent', session, { tool_input: { file_path: `${session.root}/package.json` } });
  await answerIn(edit, { cwd: session.root });
  await session.write({ 'package.json': '{ "name": "lab", "private": true, "scripts": { "test": "node --test" }, "dependencies": { "left": "1.0.0" } }\n' });
  expect(await stop({ agent_type: 'team1_implementer' })).toEqual({});
  await session.reset();
  await answerIn(edit, { cwd: session.root });
  await session.write({ 'package.json': '{ "name": "lab", "private": true, "jest": { "testMatch": [] } }\n' });
  const { decision, reason } = await stop();
  expect(decision).toBe('block');
  expect(reason).toContain("package.json says in jest what the gates look for and run, that is not team1's, and team1 has changed the file: put it back as it was (git show HEAD:package.json), or have the file assigned.");
});

test('so is what it changed by a shell command; not what its task names', async () => {
  const config = `${session.root}/spark-gates.config.json`;
  const shell = await recorded('PostToolUse.bash-edit-diff', session, { cwd: session.root, agent_id: 'a1', agent_type: 'team1_implementer', tool_response: { bashEditDiff: { changedFiles: [config] } } });
  const { tasks } = JSON.parse(await readFile(path.join(session.root, 'tasks.json'), 'utf8')) as { tasks: { id: string; files: string[] }[] };
  const off = '{ "gates": { "syntax_validation": { "level": "off" } } }\n';
  await session.write({ 'spark-gates.config.json': off });
  expect(await answerIn(shell, { cwd: session.root })).toEqual({});
  expect((await stop()).reason).toContain('spark-gates.config.json says what the gates look for');
  await session.write({ 'tasks.json': JSON.stringify({ tasks: tasks.map((task) => (task.id === 'TASK-1' ? { ...task, files: [...task.files, 'spark-gates.config.json'] } : task)) }) });
  await runLineAt(systemClock, session.root, 'multi-implement', 'TASK-1', '--replace');
  expect(await answerIn(shell, { cwd: session.root })).toEqual({});
  const { reason } = await stop();
  expect(typeof reason === 'string' ? reason : '').not.toContain('says what the gates look for');
});

test('a subagent in its own worktree is judged by what is there', async () => {
  await session.git('worktree', 'add', '--quiet', '.claude/worktrees/agent-1');
  const cwd = path.join(session.root, '.claude', 'worktrees', 'agent-1');
  await writeFile(path.join(cwd, 'team1.json'), '{ "only here" }\n');
  const { decision, reason } = await stop({ cwd });
  expect(decision).toBe('block');
  expect(reason).toContain('team1.json:1:');
  await writeFile(path.join(cwd, 'team1.json'), '{ "now": "sound" }\n');
  await session.write(broken(1));
  expect(await stop({ cwd })).toEqual({});
  expect(await phaseOf('TASK-1')).toBe('implementation_completed');
  await session.git('worktree', 'remove', '--force', '.claude/worktrees/agent-1');
});

test('an agent that has gone elsewhere is judged where its session is', async () => {
  await session.write(broken(1));
  const payload = await recorded('SubagentStop', session, { cwd: path.dirname(session.root) });
  expect(await answerIn(payload, { cwd: path.dirname(session.root), projectFolder: session.root })).toMatchObject({ decision: 'block' });
});

test('broken documents do not open the gate: the log has them', async () => {
  await session.write(broken(1));
  await writeFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), 'no JSON');
  await writeFile(path.join(session.root, '.claude/workflows/team1_current_task.json'), '');
  await writeFile(path.join(session.root, '.claude/workflows/hook_agents.json'), '{ "agents": 1 }');
  expect(await stop()).toMatchObject({ decision: 'block' });
});

test('the names of the specification can be sent by themselves', async () => {
  await session.write(broken(1));
  expect(await answerIn({ agent_type: 'team1', cwd: session.root }, { cwd: session.root, args: ['--event', 'team_phase_complete'] })).toMatchObject({ decision: 'block' });
  await runLineAt(systemClock, session.root, 'end-session');
  expect(await answerIn({ cwd: session.root, command_args: 'TASK-3', session_id: 's' }, { cwd: session.root, args: ['--event', 'multi_implement_start'] })).toMatchObject({ hookSpecificOutput: { hookEventName: 'multi_implement_start' } });
  expect(await phaseOf('TASK-3')).toBe('pending');
  expect(await answerIn({ cwd: session.root, command_args: 'TASK-9', session_id: 's' }, { cwd: session.root, args: ['--event', 'multi_implement_start'] })).toMatchObject({ decision: 'block' });
  expect(await answerIn({ cwd: session.root, session_id: 's' }, { cwd: session.root, args: ['--event', 'all_teams_complete'] })).toMatchObject({ decision: 'block' });
});

async function stop(more: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
  return (await answerIn(await recorded('SubagentStop', session, more), { cwd: session.root, projectFolder: session.root })) as Record<string, unknown>;
}

async function phaseOf(task: string): Promise<string | undefined> {
  const text = await readFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), 'utf8');
  return (JSON.parse(text) as Coordination).tasks[task]?.phase;
}
