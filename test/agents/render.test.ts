import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { renderMarketplace, renderPlugin } from '../../agents/plugin.ts';
import { renderAgents, renderCommand } from '../../agents/render.ts';
import { HOOKED_EVENTS } from '../../agents/wiring.ts';
import { runLine } from '../commands/run-program.ts';
import { agentFault } from '../../src/installer/agent-file.ts';
import { makeProject } from '../rig/project.ts';

const FACTS = { version: '1.2.3', description: 'Gates', license: 'MIT' };
/** The client itself; where it is, it says more about these files than we can. */
const CLIENT = process.env.SPARK_GATES_CLIENT;

test('each role of each team has an agent that the client knows by the name of its file', () => {
  const agents = renderAgents(2, 'launcher');
  expect(agents.map(({ file }) => file)).toEqual([1, 2].flatMap((team) => ['implementer', 'quality', 'tester', 'reviewer', 'reporter'].map((role) => `team${String(team)}_${role}.md`)));
  for (const { file, content } of agents) {
    expect(agentFault(path.basename(file, '.md'), content)).toBeNull();
    // Nobody else's team is named, nothing is left to be filled in, and the first argument of a command's line is nowhere.
    expect([...new Set(content.match(/team\d+/g))]).toEqual([file.slice(0, 5)]);
    expect(content).not.toMatch(/\{\{|\$\d/);
  }
});

test.each([['launcher', 'node .claude/spark-gates/launch'], ['npx', 'npx --no spark-gates']] as const)('what agents are told to run is understood (%s)', async (run, words) => {
  await using project = await makeProject({ 'package.json': '{}\n', 'tasks.md': '- [ ] A: one (files: a/**)\n- [ ] B: two (files: b/**)\n', 'a/a.json': '{}\n', 'b/b.json': '{}\n' }, { git: true });
  await runLine(project.root, 'multi-implement', 'A', 'B');
  const told = renderAgents(1, run).flatMap(({ content }) => [...content.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => (code.startsWith(`${words} `) && !code.includes('…') ? [code.slice(words.length + 1)] : [])));
  const lines = [...new Set(told)].filter((line) => !line.startsWith('run ') && !line.startsWith('phase complete'));
  expect(lines.map((line) => line.split(' ').slice(0, 2).join(' ')).sort()).toEqual(['lock release', 'lock renew', 'lock wait', 'message team1', 'message team1', 'phase alive', 'status']);
  for (const line of lines.sort((a, b) => Number(a.startsWith('lock release')) - Number(b.startsWith('lock release')))) {
    const args = [...line.replace('<file>', 'package.json').replace('<team>', 'team2').matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    expect({ line, ...(await runLine(project.root, ...args)) }).toMatchObject({ line, exitCode: expect.toSatisfy((code: number) => code === 0 || (code === 1 && line.startsWith('lock renew'))) as unknown, stderr: expect.not.stringContaining('unknown') as unknown });
  }
});

describe('the command', () => {
  test('as the project\'s, and as the plugin\'s', () => {
    const [project, plugin] = [renderCommand('project').content, renderCommand('plugin').content];
    expect(lineOf(project)).toBe('!`node "${CLAUDE_PROJECT_DIR}/.claude/spark-gates/launch" --say multi-implement $ARGUMENTS`');
    expect(lineOf(plugin)).toBe('!`node "${CLAUDE_PLUGIN_ROOT}/launch" --say multi-implement --agent-prefix spark-gates: $ARGUMENTS`');
    for (const text of [project, plugin]) expect(text).not.toMatch(/\{\{|\$\d/);
  });

  function lineOf(text: string): string | undefined {
    return text.split('\n').find((line) => line.startsWith('!`'));
  }
});

test('the plugin: hooks for each event once, agents of four teams, and no name twice', () => {
  const files = Object.fromEntries(renderPlugin(FACTS).map(({ file, content }) => [file, content]));
  expect(JSON.parse(files['.claude-plugin/plugin.json'] ?? '')).toMatchObject({ name: 'spark-gates', version: '1.2.3', license: 'MIT' });
  const { hooks } = JSON.parse(files['hooks/hooks.json'] ?? '') as { hooks: Record<string, { hooks: { command: string; args: string[]; timeout: number }[] }[]> };
  expect(Object.keys(hooks)).toEqual(HOOKED_EVENTS.map(({ event }) => event));
  for (const [group] of Object.values(hooks)) expect(group?.hooks).toEqual([{ type: 'command', command: 'node', args: ['${CLAUDE_PLUGIN_ROOT}/launch', 'hook'], timeout: expect.toSatisfy((seconds: number) => seconds >= 15 && seconds < 600) as unknown }]);
  expect(Object.keys(files).filter((file) => file.startsWith('agents/'))).toHaveLength(20);
});

test.runIf(CLIENT !== undefined)('the client accepts plugin, marketplace and project files', async () => {
  await using project = await makeProject({ 'package.json': '{}\n' });
  await project.write(Object.fromEntries(renderPlugin(FACTS).map(({ file, content }) => [`plugin/${file}`, content])));
  await project.write({ [renderMarketplace(FACTS, './plugin').file]: renderMarketplace(FACTS, './plugin').content });
  for (const folder of ['plugin', '.']) {
    const { stdout } = await promisify(execFile)(CLIENT ?? '', ['plugin', 'validate', folder, '--strict'], { cwd: project.root, env: { ...process.env, HOME: project.root } });
    expect(stdout).toContain('Validation passed');
  }
});

test('agents render: written, then nothing to do, then not over what is another\'s', async () => {
  await using project = await makeProject({ 'package.json': '{}\n' });
  const first = await runLine(project.root, 'agents', 'render', '--teams', '1', '--out', 'mine');
  expect(first).toEqual({ exitCode: 0, stdout: ['implementer', 'quality', 'tester', 'reviewer', 'reporter'].map((role) => `created team1_${role}.md\n`).join(''), stderr: '' });
  expect(await runLine(project.root, 'agents', 'render', '--teams', '1', '--out', 'mine')).toEqual({ exitCode: 0, stdout: 'All agents are there already; nothing changed.\n', stderr: '' });
  await project.write({ 'mine/team1_tester.md': 'mine' });
  const file = path.join(project.root, 'mine', 'team1_tester.md');
  expect(await runLine(project.root, 'agents', 'render', '--teams', '2', '--out', 'mine')).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${file} says something else; move it away, or replace it with --force\n` });
  expect(await readdir(path.dirname(file))).toHaveLength(5);
  expect((await runLine(project.root, 'agents', 'render', '--teams', '1', '--out', 'mine', '--force')).stdout).toBe('changed team1_tester.md\n');
  expect(await readFile(file, 'utf8')).toBe(renderAgents(1, 'npx')[2]?.content);
});

