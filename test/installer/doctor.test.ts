import { readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runLine, runLineWith } from '../commands/run-program.ts';
import { makeProject, REPOSITORY, type Project } from '../rig/project.ts';

const SETTINGS = '.claude/settings.json';

/** Stands in for the program that hooks start: the answer is what is under test. */
function program(body: string): Record<string, string> {
  return {
    'node_modules/spark-gates/package.json': '{ "name": "spark-gates", "version": "0.1.0", "type": "module", "bin": { "spark-gates": "cli.js" } }\n',
    'node_modules/spark-gates/cli.js': body,
  };
}

const ANSWERS = program("process.stdout.write('{}\\n');\n");

async function setUp(files: Readonly<Record<string, string>> = ANSWERS, options: readonly string[] = []): Promise<Project> {
  const project = await makeProject({ 'package.json': '{ "private": true }\n', 'package-lock.json': '{ "lockfileVersion": 3, "packages": {} }\n', ...files });
  await runLine(project.root, 'init', ...options);
  return project;
}

async function wiringOf(project: Project): Promise<{ agents: string; blocking: string[]; advice: string[] }> {
  const { stdout } = await runLine(project.root, 'doctor', '--json');
  const { found, blocking, advice } = JSON.parse(stdout) as { found: { agents: string }; blocking: string[]; advice: string[] };
  return { agents: found.agents, blocking, advice: advice.filter((text) => !/^no(?:t)? /.test(text)) };
}

test('set up: nothing to mend', async () => {
  await using project = await setUp();
  expect(await wiringOf(project)).toEqual({ agents: 'hooks, agents and /multi_implement of the project', blocking: [], advice: [] });
});

test('not set up: said, and no fault; nor are broken settings that are none of our business', async () => {
  await using project = await makeProject({ 'package.json': '{ "private": true }\n' });
  expect(await wiringOf(project)).toEqual({ agents: 'not set up (spark-gates init)', blocking: [], advice: [] });
  await project.write({ [SETTINGS]: '{ // mine\n}\n' });
  expect(await wiringOf(project)).toEqual({ agents: 'not set up (spark-gates init)', blocking: [], advice: [] });
});

describe('what keeps hooks from doing what they should', () => {
  const edit = async (project: Project, change: (text: string) => string): Promise<void> => {
    await project.write({ [SETTINGS]: change(await readFile(path.join(project.root, SETTINGS), 'utf8')) });
  };
  test.each<[string, (project: Project) => Promise<void>, RegExp]>([
    ['a comment in the settings', (project) => edit(project, (text) => text.replace('{', '{ // x')), /^\.claude\/settings\.json: it is not valid JSON \(.*\): the client drops the whole file/],
    ['a wrong value in the settings', (project) => edit(project, (text) => text.replace('{', '{ "permissions": [],')), /^\.claude\/settings\.json: permissions is not what the client takes/],
    ['hooks switched off here', (project) => edit(project, (text) => text.replace('{', '{ "disableAllHooks": true,')), /^\.claude\/settings\.json: disableAllHooks is true, so that no hook runs: take it out$/],
    ['hooks switched off by one person', (project) => project.write({ '.claude/settings.local.json': '{ "disableAllHooks": true }\n' }), /^\.claude\/settings\.local\.json: disableAllHooks is true/],
    ['a hook taken out', (project) => edit(project, (text) => text.replace('"SubagentStop"', '"SubagentStopped"')), /^\.claude\/settings\.json has no hook of SubagentStop: run spark-gates init$/],
    ['all hooks taken out', (project) => project.write({ [SETTINGS]: '{}\n' }), /^\.claude\/settings\.json has no hooks of spark-gates any more: run spark-gates init, or spark-gates uninstall$/],
    ['an agent removed', (project) => project.remove('.claude/agents/team3_tester.md'), /^\.claude\/agents\/team3_tester\.md not there: run spark-gates init$/],
    ['an agent by another name', (project) => project.write({ '.claude/agents/team1_quality.md': '---\nname: qa\ndescription: x\n---\n' }), /^\.claude\/agents\/team1_quality\.md: its name is qa, not team1_quality, so the client does not know the agent: mend it$/],
    ['an agent without a head', (project) => project.write({ '.claude/agents/team1_quality.md': 'x\n' }), /^\.claude\/agents\/team1_quality\.md: it has no frontmatter/],
    ['the launcher removed', (project) => project.remove('.claude/spark-gates/launch'), /^\.claude\/spark-gates\/launch not there: run spark-gates init$/],
    ['spark-gates removed', (project) => project.remove('node_modules'), /^what hooks start ended with exit code 2: spark-gates: no gate has run: it is not installed here; .*; run npm install --save-dev spark-gates$/],
    ['a hook that answers what is no JSON', (project) => project.write(program("console.log(process.argv[2] === 'hook' ? 'hello' : '0.1.0');\n")), /^the hook command, given a recorded SubagentStop, answered what is no JSON object, which the client takes for consent: "hello\\n"/],
    ['a hook that falls over', (project) => project.write(program("if (process.argv[2] !== 'hook') process.exit(0);\nprocess.stderr.write('spark-gates: unknown command\\n'); process.exit(2);\n")), /^the hook command, given a recorded SubagentStop, ended with exit code 2: spark-gates: unknown command; mend/],
  ])('%s', async (_, spoil, sentence) => {
    await using project = await setUp();
    await spoil(project);
    const { blocking } = await wiringOf(project);
    expect(blocking).toEqual([expect.stringMatching(sentence)]);
    expect((await runLine(project.root, 'doctor')).exitCode).toBe(1);
  });
});

test('a hook that was changed by hand, and one of another version, are advice', async () => {
  await using project = await setUp();
  const file = path.join(project.root, SETTINGS);
  await project.write({ [SETTINGS]: (await readFile(file, 'utf8')).replace('"timeout": 60', '"timeout": 61') });
  const record = path.join(project.root, '.claude/spark-gates/installed.json');
  await project.write({ '.claude/spark-gates/installed.json': (await readFile(record, 'utf8')).replace('"by": "0.1.0"', '"by": "0.0.9"') });
  expect(await wiringOf(project)).toMatchObject({ blocking: [], advice: [
    '.claude/settings.json: the hook of UserPromptExpansion is not as this version sets it up: run spark-gates init, unless you want it so',
    'set up by spark-gates 0.0.9, and this is 0.1.0: run spark-gates init',
  ] });
  await runLine(project.root, 'init');
  expect(await wiringOf(project)).toMatchObject({ blocking: [], advice: [] });
});

test.each([
  ['for one kind of agents', (text: string) => text.replace(/("SubagentStop": \[\s*\{)/, '$1 "matcher": "Explore",')],
  ['for too short a time', (text: string) => text.replace(/("SubagentStop"[\s\S]*?"timeout": )590/, '$160')],
])('the end of an agent that is heard only %s keeps gates from working', async (_, spoil) => {
  await using project = await setUp();
  const file = path.join(project.root, SETTINGS);
  const text = await readFile(file, 'utf8');
  expect(spoil(text)).not.toBe(text);
  await project.write({ [SETTINGS]: spoil(text) });
  expect((await wiringOf(project)).blocking).toEqual([expect.stringContaining('the hook of SubagentStop is called for less than it must be') as string]);
});

test('as a plugin: its folder must be there, and must not be switched off', async () => {
  await using project = await setUp({}, ['--plugin']);
  expect((await wiringOf(project)).blocking).toEqual(['the plugin is enabled, and ./node_modules/spark-gates/dist is not there: run npm install --save-dev spark-gates']);
  await project.write({ '.claude/settings.local.json': '{ "enabledPlugins": { "spark-gates@spark-gates": false } }\n', 'node_modules/x/y': '' });
  await symlink(REPOSITORY, path.join(project.root, 'node_modules/spark-gates'), 'dir');
  expect((await wiringOf(project)).blocking).toContain('.claude/settings.local.json: the plugin spark-gates@spark-gates is switched off: take that out');
});

test('as a plugin: the client must know where it is', async () => {
  await using project = await setUp({}, ['--plugin']);
  vi.stubEnv('HOME', project.root);
  onTestFinished(() => { vi.unstubAllEnvs(); });
  await project.write({ 'node_modules/spark-gates/dist/.claude-plugin/marketplace.json': '{}\n' });
  const add = 'so that no hook runs: run claude plugin marketplace add ./node_modules/spark-gates/dist (not needed with --plugin-dir)';
  expect((await wiringOf(project)).blocking).toEqual([`the client does not know the plugin yet, ${add}`]);
  const known = '.claude/plugins/known_marketplaces.json';
  await project.write({ [known]: JSON.stringify({ 'spark-gates': { installLocation: '/gone/dist' } }) });
  expect((await wiringOf(project)).blocking).toEqual([`the client looks for the plugin in /gone/dist, where it is no more, ${add}`]);
  await project.write({ [known]: JSON.stringify({ 'spark-gates': { installLocation: path.join(project.root, 'node_modules/spark-gates/dist') } }) });
  expect((await wiringOf(project)).blocking).not.toContainEqual(expect.stringContaining('marketplace'));
});

describe('hooks that one person has switched off for all repositories', () => {
  const line = (project: Project, ...args: string[]) => runLineWith({ environment: { PATH: process.env.PATH, HOME: path.join(project.root, 'home') } }, project.root, ...args);
  const user = { 'home/.claude/settings.json': '{ "disableAllHooks": true }\n' };

  test('doctor names the file as a fault, and init says so when it sets up', async () => {
    await using project = await makeProject({ 'package.json': '{ "private": true }\n', ...ANSWERS, ...user });
    const sentence = `${project.root}/home/.claude/settings.json: disableAllHooks is true, so that no hook runs: take it out`;
    expect(await line(project, 'init')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`\n${sentence}\n`) as unknown });
    const { exitCode, stdout } = await line(project, 'doctor', '--json');
    expect([exitCode, (JSON.parse(stdout) as { blocking: string[] }).blocking]).toEqual([1, [sentence]]);
  });

  // As seen on the client, 2.1.330.
  test.each([SETTINGS, '.claude/settings.local.json'])('nothing is wrong where %s switches them on again', async (file) => {
    await using project = await makeProject({ 'package.json': '{ "private": true }\n', ...ANSWERS, ...user, [file]: '{ "disableAllHooks": false }\n' });
    expect((await line(project, 'init')).stdout).not.toContain('disableAllHooks');
    expect(JSON.parse((await line(project, 'doctor', '--json')).stdout)).toMatchObject({ blocking: [] });
  });

  test('a repository that is the home is named once', async () => {
    await using project = await setUp();
    await project.write({ [SETTINGS]: (await readFile(path.join(project.root, SETTINGS), 'utf8')).replace('{', '{ "disableAllHooks": true,') });
    const { stdout } = await runLineWith({ environment: { PATH: process.env.PATH, HOME: project.root } }, project.root, 'doctor', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ blocking: [`${SETTINGS}: disableAllHooks is true, so that no hook runs: take it out`] });
  });
});

test('a plugin that is switched off is no fault of the hooks of the project', async () => {
  await using project = await makeProject({ 'package.json': '{ "private": true }\n', ...ANSWERS, [SETTINGS]: '{ "enabledPlugins": { "spark-gates@spark-gates": false } }\n' });
  await runLine(project.root, 'init');
  expect(await wiringOf(project)).toMatchObject({ blocking: [] });
});
