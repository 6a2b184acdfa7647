import fc from 'fast-check';
import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Coordination } from '../../src/model/documents.ts';
import { runCli } from '../rig/cli.ts';
import { makeDaemonHome, until } from '../rig/daemon.ts';
import { answerIn, goodPart, makeHookShop, recorded, runHook, startSession, type HookOptions } from '../rig/hooks.ts';
import { makeHookSession } from '../rig/hook-session.ts';
import { isProcessAlive } from '../../src/system/process-tree.ts';
import { REPOSITORY, type Project } from '../rig/project.ts';
import { rounds } from '../rig/rounds.ts';

const NOTHING_CHECKED = { systemMessage: 'spark-gates: what the client sent is no JSON object; nothing was checked' };

test('whatever bytes come on stdin, stdout is one JSON object and the exit code 0', async () => {
  await using session = await makeHookSession();
  const { root: cwd } = session;
  for (const input of [new Uint8Array(), new Uint8Array(20 * 1024 * 1024).fill(0xff), '['.repeat(2_000_000), '\uFEFF', '{"hook_event_name":"PreToolUse"']) {
    expect(await runHook(input, { cwd })).toMatchObject({ exitCode: 0, answer: NOTHING_CHECKED });
  }
  const large = await recorded('PreToolUse.in-subagent', session, { tool_input: { content: 'x'.repeat(20 * 1024 * 1024), file_path: `${cwd}/team2.json` } });
  expect(await runHook(large, { cwd })).toMatchObject({ exitCode: 0, answer: { hookSpecificOutput: { permissionDecision: 'deny' } } });
  const whole = Buffer.from(JSON.stringify(await recorded('SubagentStop', session)));
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)), fc.nat(whole.length - 1).map((at) => { const copy = Buffer.from(whole); copy[at] = 0; return copy; }));
  await fc.assert(fc.asyncProperty(bytes, async (input) => { expect((await runHook(input, { cwd })).exitCode).toBe(0); }), { numRuns: 40 });
});

/** A session of an agent's, event by event, as recorded: what each loads first it loads in the built program. */
const EVENTS = ['SessionStart', 'UserPromptSubmit', 'SubagentStart', 'PreToolUse.in-subagent', 'PostToolUse', 'PostToolBatch', 'PostToolUse.agent-foreground', 'PostToolUseFailure.agent-api-error', 'TaskCompleted', 'TeammateIdle', 'SubagentStop', 'Stop', 'PreToolUse.in-subagent', 'SessionEnd'] as const;

test('what is built answers every event as the sources do, and the end of a session gives its leases back', async () => {
  await using session = await makeHookSession();
  const { root: cwd } = session;
  const shared = { session_id: 's1', agent_type: 'team1_implementer', agent_id: 'one', tool_input: { file_path: `${cwd}/src/types.ts` } };
  const built: unknown[] = [];
  const sources: unknown[] = [];
  for (const event of EVENTS) built.push((await runHook(await recorded(event, session, shared), { cwd })).answer);
  expect(await heldIn(session)).toEqual([]);
  await session.reset();
  for (const event of EVENTS) {
    sources.push(await answerIn(await recorded(event, session, shared), { cwd }));
    if (event === 'PreToolUse.in-subagent') expect(await heldIn(session)).toEqual(['src/types.ts']);
  }
  expect(built).toEqual(sources);
  expect(JSON.stringify(built)).not.toContain('broke');
});

test('who is no team is answered by one file without any package', async () => {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sg-thin-')));
  await using session = await makeHookSession();
  try {
    await copyFile(path.join(REPOSITORY, 'dist', 'src', 'cli.js'), path.join(folder, 'cli.mjs'));
    const alone = (payload: unknown): unknown => JSON.parse(spawnSync(process.execPath, [path.join(folder, 'cli.mjs'), 'hook'], { cwd: session.root, input: JSON.stringify(payload), encoding: 'utf8' }).stdout);
    for (const name of ['PreToolUse', 'PostToolUse.bash', 'UserPromptSubmit', 'SubagentStop.compact', 'SubagentStop.teammate', 'Stop']) expect(alone(await recorded(name, session)), name).toEqual({});
    // And so are a team's own files, and another's.
    expect(alone(await recorded('PreToolUse.in-subagent', session, { tool_input: { file_path: `${session.root}/lib/a.ts` } }))).toEqual({});
    expect(alone(await recorded('PreToolUse.in-subagent', session, { tool_input: { file_path: `${session.root}/team2.json` } }))).toMatchObject({ hookSpecificOutput: { permissionDecision: 'deny' } });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('of many hooks at once for one shared file, those of one team pass, and the others are told whose it is', async () => {
  await using session = await makeHookSession();
  const answers = await Promise.all(Array.from({ length: rounds(60, 200) }, async (_, index) => {
    const team = `team${String(1 + (index % 2))}`;
    const payload = await recorded('PreToolUse.in-subagent', session, { agent_id: `agent-${String(index)}`, agent_type: `${team}_implementer`, tool_input: { file_path: `${session.root}/src/types.ts` } });
    return { team, result: await runHook(payload, { cwd: session.root }) };
  }));
  const passed = new Set(answers.flatMap(({ team, result }) => (Object.keys(result.answer).length === 0 ? [team] : [])));
  expect(answers.map(({ result }) => result.exitCode)).toEqual(answers.map(() => 0));
  // A busy machine may need longer than a lease lasts.
  const table = JSON.parse(await readFile(path.join(session.root, '.claude/workflows/file_locks.json'), 'utf8')) as { '/': { contention: { taken_over: number } } };
  expect(passed.size).toBeGreaterThanOrEqual(1);
  expect(passed.size).toBeLessThanOrEqual(1 + table['/'].contention.taken_over);
  const others = answers.filter(({ result }) => Object.keys(result.answer).length > 0).map(({ team, result }) => [team, JSON.stringify(result.answer)] as const);
  expect(others.filter(([team, text]) => !text.includes(`src/types.ts is locked by ${team === 'team1' ? 'team2' : 'team1'} until `) && !text.includes('No lease for '))).toEqual([]);
});

test('a daemon that is killed, stopped or away changes no verdict', async () => {
  await using shop = await makeHookShop(1);
  await using home = await makeDaemonHome();
  await startSession(shop, 1);
  await shop.write({ ...goodPart('billing'), 'src/billing/total.ts': '/** No number. */\nexport const total: number = "none";\n' });
  const warm: HookOptions = { cwd: shop.root, environment: { ...home.environment, SPARK_GATES_DAEMON: '1' } };
  const stop = async (id: string, more: Partial<HookOptions> = {}): Promise<string> => {
    const { exitCode, answer } = await runHook(await recorded('SubagentStop', shop, { agent_id: id }), { ...warm, ...more });
    expect([exitCode, answer.decision]).toEqual([0, 'block']);
    return String(answer.reason).split('\n').filter((line) => line.startsWith('src/')).join('\n');
  };
  const found = await stop('first');
  expect(found).toContain("src/billing/total.ts:2:14 Type 'string' is not assignable to type 'number'. (TS2322)");
  const { pid } = await home.status();
  // In the middle of its work, with its host.
  const host = (await home.status()).hosts[0]?.pid ?? 0;
  expect(await stop('host-killed', { onStart: () => { setTimeout(() => { process.kill(host, 'SIGKILL'); }, 150); } })).toBe(found);
  process.kill(pid, 'SIGSTOP');
  try {
    expect(await stop('wedged')).toBe(found);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  process.kill(pid, 'SIGKILL');
  expect(await stop('killed')).toBe(found);
  expect(await stop('none', { environment: { ...home.environment, SPARK_GATES_DAEMON: '0' } })).toBe(found);
});

test('a test that hangs is answered for in time, and nothing of it is left', async () => {
  await using shop = await makeHookShop(1);
  await startSession(shop, 1);
  await shop.write({ ...goodPart('billing'), 'src/billing/hang.test.ts': `// @ts-nocheck\nimport { test } from 'vitest';\nimport { writeFileSync } from 'node:fs';\n\ntest('hangs', async () => {\n  writeFileSync('hanging.pid', String(process.pid));\n  await new Promise(() => undefined);\n}, 600_000);\n` });
  const stop = async (role: string, more: Partial<HookOptions> = {}) => runHook(await recorded('SubagentStop', shop, { agent_type: `team1_${role}` }), { cwd: shop.root, ...more });
  expect((await stop('implementer')).answer).toEqual({});
  expect(await phaseOf(shop)).toBe('quality');
  const { exitCode, answer } = await stop('quality', { args: ['--deadline', '20'] });
  expect([exitCode, answer.decision]).toEqual([0, 'block']);
  expect(answer.reason).toContain('NOT RUN: the gates of team1 have no verdict: not finished within 20 s.');
  expect(await phaseOf(shop)).toBe('quality');
  const pid = Number(await readFile(path.join(shop.root, 'hanging.pid'), 'utf8'));
  await until('the hanging test is gone', () => !isProcessAlive(pid));
});

test('a hook that is ended answers first; one that is killed has completed nothing, and the leader is told', async () => {
  await using shop = await makeHookShop(1);
  await startSession(shop, 1);
  await shop.write({ ...goodPart('billing'), 'src/billing/total.ts': '/** No number. */\nexport const total: number = "none";\n' });
  await runHook(await recorded('SubagentStart', shop), { cwd: shop.root });
  const payload = await recorded('SubagentStop', shop);
  const after = (ms: number, signal: NodeJS.Signals) => (child: ChildProcess): void => { setTimeout(() => { child.kill(signal); }, ms); };
  const ended = await runHook(payload, { cwd: shop.root, onStart: after(700, 'SIGTERM') });
  expect([ended.exitCode, ended.answer.decision]).toEqual([0, 'block']);
  expect(ended.answer.reason).toContain('NOT RUN: the gates of team1 have no verdict: the hook was told to end.');
  await expect(runHook(payload, { cwd: shop.root, onStart: after(700, 'SIGKILL') })).rejects.toThrow();
  expect(await phaseOf(shop)).toBe('implementation');
  const leader = await runHook(await recorded('Stop', shop), { cwd: shop.root });
  expect(leader.answer.decision).toBe('block');
  expect(leader.answer.reason).toContain(': team1 implementation - TASK-billing');
});

test('packages that are not installed are a fault of the tree, and said to be', async () => {
  await using shop = await makeHookShop(1);
  await startSession(shop, 1);
  await shop.write(goodPart('billing'));
  await shop.remove('node_modules');
  const { answer } = await runHook(await recorded('SubagentStop', shop), { cwd: shop.root });
  expect(answer.decision).toBe('block');
  expect(answer.reason).toContain('node_modules is missing: run npm install');
});

test('the help is for people, and comes as text', async () => {
  const { exitCode, stdout } = await runCli(['hook', '--help'], { cwd: REPOSITORY });
  expect([exitCode, stdout.split('\n')[0]]).toEqual([0, 'Usage: spark-gates hook [options]']);
});

async function phaseOf({ root }: Project): Promise<string | undefined> {
  const text = await readFile(path.join(root, '.claude/workflows/multi_task_coordination.json'), 'utf8');
  return (JSON.parse(text) as Coordination).tasks['TASK-billing']?.phase;
}

async function heldIn({ root }: Pick<Project, 'root'>): Promise<readonly string[]> {
  const table = JSON.parse(await readFile(path.join(root, '.claude/workflows/file_locks.json'), 'utf8')) as Record<string, { locked_by?: string | null }>;
  return Object.keys(table).filter((file) => (table[file]?.locked_by ?? null) !== null);
}
