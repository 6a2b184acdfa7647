import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { renderLauncher } from '../../agents/render.ts';
import { LAUNCHER } from '../../agents/wiring.ts';
import { teamOf } from '../../src/hooks/identity.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';

/** What the launcher starts: says what it was given, and what came on its stdin. */
const PROGRAM = `import { readFileSync } from 'node:fs';
const [first] = process.argv.slice(2);
if (first === 'crash') throw new Error('broken');
if (first === 'refuse') { process.stderr.write('spark-gates: no\\n'); process.exit(2); }
process.stdout.write(JSON.stringify({ args: process.argv.slice(2), input: first === 'hook' ? readFileSync(0, 'utf8') : '' }) + '\\n');
`;

const INSTALLED = { 'package.json': '{ "name": "spark-gates", "version": "9.9.9", "type": "module", "bin": { "spark-gates": "cli.js" } }\n', 'cli.js': PROGRAM };

function makeWith(type: 'module' | 'commonjs', files: Readonly<Record<string, string>> = {}): Promise<Project> {
  return makeProject({ 'package.json': `{ "type": "${type}" }\n`, [LAUNCHER]: renderLauncher(), ...files });
}

function installedAt(folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(INSTALLED).map(([file, content]) => [`${folder}/${file}`, content]));
}

async function launch(project: Project, args: readonly string[], { input = '', cwd = '.', environment = {} }: { input?: string; cwd?: string; environment?: Record<string, string> } = {}): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [path.join(project.root, LAUNCHER), ...args], { cwd: path.join(project.root, cwd), env: { ...systemTestEnvironment(), TMPDIR: project.root, ...environment }, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
  child.stdin.on('error', () => undefined).end(input);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout, stderr };
}

describe.each(['module', 'commonjs'] as const)('in a package of type %s', (type) => {
  test('it is the installed program, with its words and its stdin', async () => {
    await using project = await makeWith(type, installedAt('node_modules/spark-gates'));
    expect(await launch(project, ['hook', '--agent', 'codex'], { input: '{"a":1}' })).toEqual({ exitCode: 0, stdout: '{"args":["hook","--agent","codex"],"input":"{\\"a\\":1}"}\n', stderr: '' });
  });

  test('a team that ends is not let through without gates: kept once, then the user is told', async () => {
    await using project = await makeWith(type);
    const stop = (payload: object) => launch(project, ['hook'], { input: JSON.stringify({ hook_event_name: 'SubagentStop', ...payload }) });
    const kept = await stop({ agent_type: 'team1_quality', stop_hook_active: false });
    expect([kept.exitCode, kept.stderr, JSON.parse(kept.stdout)]).toEqual([0, '', { decision: 'block', reason: expect.stringMatching(/^spark-gates: no gate has run: it is not installed here; run npm install .*Restate your full report when you end\.$/) as unknown }]);
    expect(JSON.parse((await stop({ agent_type: 'spark-gates:team1_quality', stop_hook_active: true })).stdout)).toEqual({ systemMessage: expect.stringContaining('no gate has run') as unknown });
    expect((await stop({ agent_type: 'Explore' })).stdout).toBe('{}\n');
    expect((await stop({ agent_type: '' })).stdout).toBe('{}\n');
  });
});

/** What is said of a team that ends, at first and afterwards. */
const KEPT = { decision: 'block', reason: 'spark-gates: no gate has run: it is not installed here; run npm install in the root of the main worktree. Mend that and end again; if you cannot, end again and say in your report that no gate has run. Restate your full report when you end.' };
const TOLD = { systemMessage: 'spark-gates: no gate has run: it is not installed here; run npm install in the root of the main worktree' };

describe('without an installation', () => {
  test.each<[string, object]>([
    ['{"hook_event_name":"PreToolUse","agent_type":"team1"}', {}],
    ['{"hook_event_name":5,"agent_type":{}}', {}],
    ['{"hook_event_name":"SubagentStop","agent_type":"steam1"}', {}],
    ['{"hook_event_name":"TaskCompleted","task_id":"2"}', {}],
    ['', TOLD],
    ['[1]', TOLD],
    ['null', TOLD],
    ['{"hook_event_name":"SubagentStop"', TOLD],
    ['{"hook_event_name":"SubagentStop","agent_type":"Explore"', TOLD],
    ['{"agent_type":"team1","stop_hook_active":true,"hook_event_name":"SubagentStop","last_assistant_message":"Do', TOLD],
  ])('stdin %j', async (input, expected) => {
    await using project = await makeWith('module');
    const { exitCode, stdout, stderr } = await launch(project, ['hook'], { input });
    expect([exitCode, JSON.parse(stdout), stderr]).toEqual([0, expected, '']);
  });

  test.each<[string, string]>([
    ['a subagent', '{"hook_event_name":"SubagentStop","agent_type":"team1-quality"}'],
    ['a task of a teammate', '{"hook_event_name":"TaskCompleted","teammate_name":"team2","session_id":"s"}'],
    ['a teammate', '{"hook_event_name":"TeammateIdle","agent_type":"team1","teammate_name":"team1","session_id":"s"}'],
    ['a plugin\'s agent whose payload is cut off', '{"session_id":"s","agent_type":"spark:team1_tester","hook_event_name":"SubagentStop","stop_hook_active":false,"last_assistant_message":"Do'],
    ['one whose payload is cut off before it says whether it was kept', '{"session_id":"s","agent_type":"team1","hook_event_name":"SubagentStop","stop_'],
  ])('the end of %s is kept', async (_, input) => {
    await using project = await makeWith('module');
    expect(JSON.parse((await launch(project, ['hook'], { input })).stdout)).toEqual(KEPT);
  });

  test.each(['TaskCompleted', 'TeammateIdle'])('%s does not say that it was kept: it is once, for each agent', async (event) => {
    await using project = await makeWith('module');
    const end = async (teammate: string): Promise<unknown> => JSON.parse((await launch(project, ['hook'], { input: JSON.stringify({ hook_event_name: event, session_id: 's', teammate_name: teammate }) })).stdout);
    expect([await end('team1'), await end('team2'), await end('team1'), await end('team1')]).toEqual([KEPT, KEPT, TOLD, TOLD]);
  });

  test('where it cannot be remembered that a team was kept, it is let go, and the user is told', async () => {
    await using project = await makeWith('module');
    const input = '{"hook_event_name":"TeammateIdle","teammate_name":"team1"}';
    expect(JSON.parse((await launch(project, ['hook'], { input, environment: { TMPDIR: path.join(project.root, 'gone') } })).stdout)).toEqual(TOLD);
  });

  test('a stdin that cannot be read is no consent', async () => {
    await using project = await makeWith('module');
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', `exec "$0" "$1" hook < .`, process.execPath, path.join(project.root, LAUNCHER)], { cwd: project.root });
    expect(JSON.parse(stdout)).toEqual(TOLD);
  });

  test.each(['team1', 'team12_implementer', 'team2-quality', 'a:b:team3', 'spark:team1_x-y', 'team0', 'team1x', 'team1_', 'my team1', 'team1:x'])('it takes the same names for those of teams as the hook: %s', async (name) => {
    await using project = await makeWith('module');
    const { stdout } = await launch(project, ['hook'], { input: JSON.stringify({ hook_event_name: 'SubagentStop', agent_type: name, stop_hook_active: false }) });
    expect(JSON.parse(stdout)).toEqual(teamOf(name) === null ? {} : KEPT);
  });

  test('a session that begins is told of it', async () => {
    await using project = await makeWith('module');
    expect(JSON.parse((await launch(project, ['hook'], { input: '{"hook_event_name":"SessionStart"}' })).stdout)).toEqual({ systemMessage: 'spark-gates: no gate has run: it is not installed here; run npm install in the root of the main worktree' });
  });

  test('a command is refused, and one for a prompt says so on stdout, with exit code 0', async () => {
    await using project = await makeWith('module');
    expect(await launch(project, ['status'])).toEqual({ exitCode: 2, stdout: '', stderr: 'spark-gates: no gate has run: it is not installed here; run npm install in the root of the main worktree\n' });
    expect(await launch(project, ['--say', 'multi-implement'])).toEqual({ exitCode: 0, stdout: `spark-gates is not installed in ${project.root}: run npm install there.\n`, stderr: '' });
  });
});

test('an installation that cannot be loaded keeps a team, with what it says', async () => {
  await using project = await makeWith('module', { ...installedAt('node_modules/spark-gates'), 'node_modules/spark-gates/cli.js': "import 'not-there';\n" });
  const { exitCode, stdout } = await launch(project, ['hook'], { input: '{"hook_event_name":"SubagentStop","agent_type":"team2"}' });
  expect([exitCode, JSON.parse(stdout)]).toEqual([0, { decision: 'block', reason: expect.stringMatching(/^spark-gates: no gate has run: it cannot be started \(Cannot find package 'not-there'/) as unknown }]);
});

test('--say: what the program says, refusals too, is for a prompt', async () => {
  await using project = await makeWith('module', installedAt('node_modules/spark-gates'));
  expect(await launch(project, ['--say', 'multi-implement', 'A', 'B C'])).toEqual({ exitCode: 0, stdout: '{"args":["multi-implement","A","B C"],"input":""}\n', stderr: '' });
  expect(await launch(project, ['--say', 'refuse'])).toEqual({ exitCode: 0, stdout: 'spark-gates: no\nExit code 2: nothing was started.\n', stderr: '' });
});

describe('where it finds the program', () => {
  test.each<[string, Record<string, string>, { cwd?: string; environment?: Record<string, string> }]>([
    ['above the folder that it is started in', { ...installedAt('node_modules/spark-gates'), 'packages/a/package.json': '{}' }, { cwd: 'packages/a' }],
    ['in the project of the client, whatever folder that is in', { ...installedAt('project/node_modules/spark-gates') }, { environment: { CLAUDE_PROJECT_DIR: 'project' } }],
    ['in the repository of spark-gates itself', INSTALLED, {}],
    ['in the main worktree, from one inside it', { ...installedAt('node_modules/spark-gates'), '.claude/worktrees/agent-1/package.json': '{}' }, { cwd: '.claude/worktrees/agent-1' }],
  ])('%s', async (_, files, options) => {
    await using project = await makeWith('module', files);
    const environment = Object.fromEntries(Object.entries(options.environment ?? {}).map(([name, folder]) => [name, path.join(project.root, folder)]));
    expect(await launch(project, ['status'], { ...options, environment })).toEqual({ exitCode: 0, stdout: '{"args":["status"],"input":""}\n', stderr: '' });
  });

  test('on the PATH, through the link that npm makes there', async () => {
    await using project = await makeWith('module', { ...installedAt('global/spark-gates'), 'bin/x': '' });
    await symlink(path.join(project.root, 'global/spark-gates/cli.js'), path.join(project.root, 'bin/spark-gates'));
    expect((await launch(project, ['status'], { environment: { PATH: `${path.join(project.root, 'nothing')}${path.delimiter}${path.join(project.root, 'bin')}` } })).stdout).toBe('{"args":["status"],"input":""}\n');
  });
});
