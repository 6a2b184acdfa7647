import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';
import { runLineAt } from '../commands/run-program.ts';
import { answerIn, recorded } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';

let session: HookSession;

beforeAll(async () => { session = await makeHookSession(); });
beforeEach(async () => { await session.reset(); });
afterAll(async () => { await session[Symbol.asyncDispose](); });

const FOREIGN = "team2.json belongs to team2 until its task TASK-2 is completed. Leave it as it is; if you need a change there, tell them: spark-gates message team1 team2 '<what you need>' --blocked. Then go on with your own files.";

test('a file of the team passes without a word: permission is not given, it is not taken away', async () => {
  expect(await edit('team1.json')).toEqual({});
  expect(await edit('lib/deep/new.ts')).toEqual({});
});

test.each(['team1', 'team1_implementer', 'spark:team1_reviewer'])("another team's file is refused to %s, by whichever tool and path", async (agent) => {
  expect(await edit('team2.json', agent)).toEqual(denied(FOREIGN));
  expect(await edit('./lib/../team2.json', agent)).toEqual(denied(FOREIGN));
  expect(await answer({ tool_name: 'NotebookEdit', tool_input: { notebook_path: path.join(session.root, 'team2.json') } }, agent)).toEqual(denied(FOREIGN));
  expect(await answer({ tool_name: 'MultiEdit', tool_input: { file_path: path.join(session.root, 'team2.json'), edits: [] } }, agent)).toEqual(denied(FOREIGN));
});

test('a link to the file of another team is that file', async () => {
  await mkdir(path.join(session.root, 'lib'), { recursive: true });
  await symlink('../team2.json', path.join(session.root, 'lib', 'innocent.json'));
  expect(await edit('lib/innocent.json')).toEqual(denied(FOREIGN));
  await session.remove('lib');
});

test('whoever is no team, and tools that change no file, pass', async () => {
  expect(await edit('team2.json', 'steam1')).toEqual({});
  expect(await edit('team2.json', 'general-purpose')).toEqual({});
  expect(await edit('team2.json', '')).toEqual({});
  expect(await answer({ tool_name: 'Read', tool_input: { file_path: path.join(session.root, 'team2.json') } })).toEqual({});
  expect(await answer({ tool_name: 'Bash', tool_input: { command: 'echo > team2.json' } })).toEqual({});
});

test('a shared file is leased with the first edit, and refused to the other team until the lease ends', async () => {
  expect(await edit('src/types.ts')).toEqual({});
  const list = (JSON.parse((await runLineAt(systemClock, session.root, 'lock', 'list', '--json')).stdout) as { locks: { file: string; holder: { team: string; until: string } }[] }).locks;
  expect(list.map(({ file, holder }) => [file, holder.team])).toEqual([['src/types.ts', 'team1']]);
  expect(await edit('src/types.ts')).toEqual({});
  expect(await edit('src/types.ts', 'team2_implementer')).toEqual(denied(`src/types.ts is locked by team1 until ${list[0]?.holder.until ?? ''}. Wait for it, then edit it again: spark-gates lock wait src/types.ts --team team2`));
  expect((await runLineAt(systemClock, session.root, 'lock', 'release', 'src/types.ts', '--team', 'team1')).exitCode).toBe(0);
  expect(await edit('src/types.ts', 'team2_implementer')).toEqual({});
});

test('what spark-gates writes itself is not edited by hand; the own context is, as the specification has it', async () => {
  expect(await edit('.claude/workflows/file_locks.json')).toEqual(denied('.claude/workflows/file_locks.json is not edited by hand: spark-gates writes it itself: use the commands lock, phase and message.'));
  expect(await edit('.claude/workflows/events.ndjson')).toEqual(denied('.claude/workflows/events.ndjson is not edited by hand: spark-gates writes it itself: use the commands lock, phase and message.'));
  expect(await edit('.claude/workflows/hook_agents.json')).toEqual(denied('.claude/workflows/hook_agents.json is not edited by hand: spark-gates writes it itself: use the commands lock, phase and message.'));
  expect(await edit('.claude/workflows/team2_current_task.json')).toEqual(denied('.claude/workflows/team2_current_task.json is not edited by hand: it is the context of team2: tell that team by "spark-gates message".'));
  expect(await edit('.claude/workflows/team1_current_task.json')).toEqual({});
});

test('a file of nobody may be changed, and that is written down', async () => {
  expect(await edit('notes.md')).toEqual({});
  expect(await edit('/somewhere/else.md')).toEqual({});
  expect(await edit('.claude/settings.json')).toEqual({});
  const lines = (await readFile(path.join(session.root, '.claude/workflows/hook_edits.ndjson'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ at, ...rest }) => [typeof at, rest])).toEqual([
    ['string', { team: 'team1', agent_id: 'af2ad31c10a3b37b7', file: 'notes.md', gate_config: false }],
    ['string', { team: 'team1', agent_id: 'af2ad31c10a3b37b7', file: '.claude/settings.json', gate_config: true }],
  ]);
});

test('in a linked worktree the files are the same, and so are their owners', async () => {
  await session.git('worktree', 'add', '--quiet', '.claude/worktrees/agent-1');
  const cwd = path.join(session.root, '.claude', 'worktrees', 'agent-1');
  const payload = await recorded('PreToolUse.in-subagent', session, { cwd, tool_input: { file_path: path.join(cwd, 'team2.json') } });
  expect(await answerIn(payload, { cwd })).toEqual(denied(FOREIGN));
  expect(await answerIn({ ...payload, tool_input: { file_path: path.join(cwd, 'team1.json') } }, { cwd })).toEqual({});
  await session.git('worktree', 'remove', '--force', '.claude/worktrees/agent-1');
});

test('documents that cannot be read are no licence: the relay mends them first', async () => {
  await writeFile(path.join(session.root, '.claude/workflows/multi_task_coordination.json'), '{ "tasks": ');
  expect(await edit('team2.json')).toEqual(denied(FOREIGN));
  await writeFile(path.join(session.root, '.claude/workflows/file_locks.json'), 'no JSON');
  expect(await edit('src/types.ts')).toEqual({});
});

function edit(file: string, agent = 'team1_implementer'): Promise<unknown> {
  return answer({ tool_input: { file_path: path.isAbsolute(file) ? file : `${session.root}/${file}`, content: 'x' } }, agent);
}

async function answer(more: Readonly<Record<string, unknown>>, agent = 'team1_implementer'): Promise<unknown> {
  return answerIn(await recorded('PreToolUse.in-subagent', session, { agent_type: agent, ...more }), { cwd: session.root });
}

function denied(reason: string): object {
  return { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: reason } };
}
