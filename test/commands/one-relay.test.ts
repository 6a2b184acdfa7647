import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, type Project } from '../rig/project.ts';
import { runLine } from './run-program.ts';

const TASKS = '- [ ] A: one (files: a/**, package.json)\n- [ ] B: two (files: b/**, package.json)\n';
const OFF = Object.fromEntries(['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'integration_test'].map((gate) => [gate, { level: 'off' }]));

function makeSession(config: Readonly<Record<string, unknown>> = {}): Promise<Project> {
  return makeProject({ 'tasks.md': TASKS, 'package.json': '{}\n', 'a/a.json': '{}\n', 'spark-gates.config.json': JSON.stringify({ ...config, gates: OFF }) }, { git: true });
}

interface Started {
  readonly invocations: readonly { readonly prompt: string }[];
}

/** The prompt of the first agent, and the command lines in it as words. */
async function start(cwd: string, ...options: string[]): Promise<{ prompt: string; commands: string[][] }> {
  const { stdout } = await runLine(cwd, 'multi-implement', 'A', 'B', '--json', ...options);
  const prompt = (JSON.parse(stdout) as Started).invocations[0]?.prompt ?? '';
  const lines = [...prompt.matchAll(/spark-gates ([^;,]+?)(?=;|, and|\. Do)/g)].map(([, line = '']) => line);
  return { prompt, commands: lines.map((line) => [...line.replace('<file>', 'package.json').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')) };
}

test('the folder that the configuration names holds the leases, too, and is what agents are told', async () => {
  await using project = await makeSession({ relay: 'state' });
  const { prompt, commands } = await start(project.root);
  expect(prompt).toContain('Your task is in state/team1_current_task.json;');
  expect(commands.map((words) => words.join(' '))).toEqual(['lock wait package.json --team team1', 'lock release package.json --team team1', 'phase alive team1 --assignment 1', 'phase complete team1 implementation --assignment 1 --retry 0']);
  expect(await runLine(project.root, ...(commands[0] ?? []))).toMatchObject({ exitCode: 0 });
  expect(Object.keys(JSON.parse(await readFile(path.join(project.root, 'state', 'file_locks.json'), 'utf8')) as object)).toContain('package.json');
  expect(existsSync(path.join(project.root, '.claude'))).toBe(false);
  expect((await runLine(project.root, 'status')).stdout).toContain('package.json  team1 until');
});

test('what was typed to get to a relay is told to the agents, so that their commands reach the same one from anywhere', async () => {
  await using project = await makeSession();
  await project.write({ 'other.json': JSON.stringify({ gates: OFF }) });
  const { root } = project;
  const elsewhere = path.dirname(root);
  const folder = path.join(root, "it's here");
  await mkdir(path.join(root, 'a'), { recursive: true });
  const { prompt } = await start(elsewhere, '--cwd', path.join(root, 'a'), '--relay', "../it's here", '--config', '../other.json');
  const options = `--cwd '${root}' --config '${root}/other.json' --relay '${folder.replace("'", "'\\''")}'`;
  expect(prompt).toContain(`Your task is in ${folder}/team1_current_task.json;`);
  expect(prompt).toContain(`spark-gates lock wait <file> --team team1 ${options};`);
  expect(prompt).toContain(`spark-gates phase complete team1 implementation --assignment 1 --retry 0 ${options},`);
});

test('a relative --relay is taken from --cwd by every command', async () => {
  await using project = await makeSession();
  const { root } = project;
  const elsewhere = path.dirname(root);
  const { commands } = await start(elsewhere, '--cwd', root, '--relay', 'state');
  expect(await runLine(elsewhere, ...(commands[0] ?? []))).toMatchObject({ exitCode: 0 });
  expect((await runLine(elsewhere, 'lock', 'list', '--cwd', root, '--relay', 'state')).stdout).toMatch(/^package\.json team1 /);
  expect((await runLine(elsewhere, 'status', '--cwd', root, '--relay', 'state')).stdout).toContain('package.json  team1 until');
  expect(existsSync(path.join(elsewhere, 'state'))).toBe(false);
  expect(await runLine(elsewhere, ...(commands[2] ?? []))).toMatchObject({ exitCode: 0, stderr: '' });
});

test('no gate looks at a relay that lies elsewhere in the tree', async () => {
  await using project = await makeProject({ 'tasks.md': '- [ ] A: one (files: a/**, state/**)\n', 'package.json': '{}\n', 'a/a.json': '{}\n', 'spark-gates.config.json': JSON.stringify({ gates: OFF }) }, { git: true });
  const { root } = project;
  await runLine(root, 'multi-implement', 'A', '--relay', 'state');
  await runLine(root, 'phase', 'complete', 'team1', 'implementation', '--relay', 'state');
  const { stdout } = await runLine(root, 'phase', 'complete', 'team1', 'quality', '--relay', 'state', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  const { tasks } = JSON.parse((await runLine(root, 'report', '--relay', 'state', '--json')).stdout) as { tasks: { files_changed: string[] }[] };
  expect(tasks[0]?.files_changed).toEqual([]);
});

test('from a linked worktree the relay is told by its whole path', async () => {
  await using project = await makeSession();
  const linked = path.join(project.root, '..', 'linked');
  await project.git('worktree', 'add', '--quiet', '--detach', linked);
  const { prompt, commands } = await start(linked);
  expect(prompt).toContain(`Your task is in ${project.root}/.claude/workflows/team1_current_task.json;`);
  expect(commands[0]?.join(' ')).toBe('lock wait package.json --team team1');
});
