// What hooks add to an agent's work: as processes by themselves, and, where SPARK_GATES_CLIENT names its binary, by the real client.
//   Run `npm run build` before. Arguments: a project to copy, tool calls a kind (15).
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENT, runClient } from '../test/rig/client.ts';
import { serveMessages, type Turn } from '../test/rig/messages-api.ts';
import { copyTree } from './suite/copy-tree.ts';
import { summarise } from './suite/statistics.ts';

const [from = '.', calls = '15'] = process.argv.slice(2);
const rounds = Number(calls);
const repository = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const program = path.join(repository, 'dist', 'src', 'cli.js');
const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sg-hook-times-')));
const root = path.join(folder, 'project');
const environment: Record<string, string> = { PATH: `${path.join(folder, 'bin')}:${process.env.PATH ?? ''}`, HOME: folder, TMPDIR: folder, XDG_RUNTIME_DIR: folder, XDG_CACHE_HOME: path.join(folder, 'cache'), LANG: 'C.UTF-8', NO_COLOR: '1' };
/** An answer within this is one of warm engines. */
const WARM_MS = 5_000;
const WARM_TRIES_MAX = 30;
const EDITED = 'src/spark-gates-edited.ts';

try {
  await prepare();
  const node = summarise(await repeated(() => timed(process.execPath, ['-e', '0'], '')));
  console.log(`node -e 0: ${node?.median.toFixed(0) ?? ''} ms`);
  const show = (what: string, values: readonly number[]): void => {
    const found = summarise(values);
    console.log(`${what}: ${found?.median.toFixed(0) ?? ''} ms, ${((found?.median ?? NaN) / (node?.median ?? NaN)).toFixed(2)} x (p95 ${((found?.p95 ?? NaN) / (node?.median ?? NaN)).toFixed(2)} x)`);
  };
  const events = { untouched: ['PreToolUse', null], PreToolUse: ['PreToolUse', 'team1_implementer'], PostToolUse: ['PostToolUse', 'team1_implementer'], SubagentStart: ['SubagentStart', 'team1_implementer'] } as const;
  // Engines get warm with the first, which nobody waits for to the end.
  await writeFile(path.join(root, EDITED), text(0));
  for (let tries = 0; tries < WARM_TRIES_MAX; tries += 1) if (await timed(process.execPath, [program, 'hook'], payload('PostToolUse', 'team1_implementer')) < WARM_MS) break;
  for (const [name, [event, agent]] of Object.entries(events)) {
    show(`${name}, by itself`, await repeated(async (round) => {
      await writeFile(path.join(root, EDITED), text(round + 1));
      return timed(process.execPath, [program, 'hook'], payload(event, agent));
    }));
  }
  if (CLIENT !== undefined) await byClient(show);
} finally {
  spawnSync(process.execPath, [program, 'daemon', 'stop'], { env: environment });
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** The project with a session in which all of it is one team's, wired by init. */
async function prepare(): Promise<void> {
  await mkdir(root);
  // Where the launcher finds it: nothing is put into packages that the copy shares with the original.
  await mkdir(path.join(folder, 'bin'));
  await symlink(program, path.join(folder, 'bin', 'spark-gates'));
  await copyTree(await realpath(from), root, { environment, signal: new AbortController().signal });
  await writeFile(path.join(root, 'tasks.json'), JSON.stringify({ tasks: [{ id: 'TASK-1', description: 'Everything', files: ['**'] }] }));
  for (const args of [['init'], ['multi-implement', 'TASK-1']]) {
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: root, env: environment, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }
}

async function repeated(measure: (round: number) => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let round = 0; round < rounds; round += 1) values.push(await measure(round));
  return values;
}

async function timed(file: string, args: readonly string[], input: string): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(file, args, { cwd: root, env: environment, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => undefined).end(input);
  await once(child, 'close');
  return performance.now() - startedMs;
}

function payload(event: string, agent: string | null): string {
  const tool = { tool_name: 'Write', tool_input: { file_path: path.join(root, EDITED), content: 'x' }, tool_use_id: 'toolu_1', ...(event === 'PostToolUse' ? { tool_response: { filePath: path.join(root, EDITED) } } : {}) };
  return JSON.stringify({ session_id: 'bench', transcript_path: '/dev/null', cwd: root, permission_mode: 'default', hook_event_name: event, ...(agent === null ? {} : { agent_id: 'a1', agent_type: agent }), ...(event === 'SubagentStart' ? {} : tool) });
}

/** Something else each time, so that nothing of it is known. */
function text(edit: number): string {
  return `/** Edited. */\nexport const edited = ${String(edit)} + ${String(Date.now())};\n`;
}

/** The time from one tool call to the next, with some of the hooks and without any. */
async function byClient(show: (what: string, values: readonly number[]) => void): Promise<void> {
  const settings = path.join(root, '.claude', 'settings.json');
  const wired = JSON.parse(await readFile(settings, 'utf8')) as { hooks: Record<string, unknown> };
  const withHooks = async (...events: string[]): Promise<void> => { await writeFile(settings, JSON.stringify({ ...wired, hooks: Object.fromEntries(Object.entries(wired.hooks).filter(([event]) => events.includes(event))) })); };
  for (const agent of ['general-purpose', 'team1_implementer']) {
    await withHooks();
    const without = summarise(await gaps(agent))?.median ?? NaN;
    for (const events of [['PreToolUse'], ['PostToolUse', 'PostToolBatch']]) {
      await withHooks(...events);
      show(`${events.join(' and ')} for ${agent}, added by the client to a tool call`, (await gaps(agent)).map((ms) => ms - without));
    }
  }
}

async function gaps(agent: string): Promise<number[]> {
  const asked: number[] = [];
  await using api = await serveMessages(({ system, turn }): Turn => {
    const isMain = /You are an interactive|Claude Code/.test(system) && !/\*\*implementer|general-purpose agent|agent for Claude Code/.test(system);
    if (isMain) return turn === 0 ? { tools: [{ name: 'Agent', input: { description: 'work', prompt: 'Do your work', subagent_type: agent, run_in_background: false } }] } : { text: 'Done.' };
    asked.push(performance.now());
    return turn < rounds ? { tools: [{ name: 'Write', input: { file_path: path.join(root, EDITED), content: text(turn) } }] } : { text: 'Done.' };
  });
  await runClient({ cwd: root, home: folder, url: api.url, environment });
  // The first comes with whatever the client does at its start.
  return asked.slice(2).map((ms, index) => ms - (asked[index + 1] ?? NaN));
}
