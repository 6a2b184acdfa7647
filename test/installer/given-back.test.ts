import { createHash } from 'node:crypto';
import { readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runLine } from '../commands/run-program.ts';
import { makeProject } from '../rig/project.ts';
import { treeOf } from './tree-of.ts';

const SETTINGS = '.claude/settings.json';
const BARE = { 'package.json': '{}\n', 'node_modules/spark-gates/package.json': '{}\n' };
const ANEW = 'A client that is running keeps its hooks, and finds nothing there any more: start it anew.';
const OWN_HOOK = '{ "type": "command", "command": "node", "args": ["${CLAUDE_PROJECT_DIR}/.claude/spark-gates/launch", "hook"], "timeout": 9 }';

describe('settings that named spark-gates before init are had back, byte for byte', () => {
  test.each<[string, string[], string, boolean]>([
    ['the plugin switched off', [], '{\n  "enabledPlugins": {"spark-gates@spark-gates":false , "x@y": true},\n  "model": "opus"\n}\n', false],
    ['a marketplace of that name', [], '{ "extraKnownMarketplaces": { "spark-gates": { "source": { "source": "github", "repo": "acme/gates" } } } }', false],
    ['the plugin enabled', ['--plugin'], '{\n    "enabledPlugins": {   "spark-gates@spark-gates": true }\n}\n', true],
    ['the plugin switched off, then enabled', ['--plugin'], '{ "enabledPlugins": { "spark-gates@spark-gates": false }, "extraKnownMarketplaces": { "spark-gates": {} } }\n', false],
  ])('%s', async (_, options, text, isLeft) => {
    await using project = await makeProject({ ...BARE, [SETTINGS]: text });
    const before = await treeOf(project);
    expect(await runLine(project.root, 'init', ...options)).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await runLine(project.root, 'init', ...options)).stdout).toBe('Everything is set up already; nothing changed.\n');
    const { exitCode, stdout } = await runLine(project.root, 'uninstall');
    expect([exitCode, stdout.split('\n').filter((line) => !/^(?:removed|changed) /.test(line))]).toEqual([0, [...(isLeft ? [`${SETTINGS} named spark-gates before init, and does so again; to take that out, too, run spark-gates uninstall once more`] : []), ANEW, '']]);
    expect(await treeOf(project)).toEqual(before);
    await runLine(project.root, 'uninstall');
    expect((await runLine(project.root, 'doctor')).stdout).toContain('not set up (spark-gates init)');
  });
});

test('what starts the launcher goes with it, whoever wrote it', async () => {
  await using project = await makeProject({ ...BARE, [SETTINGS]: `{\r\n\t"hooks": { "Stop": [\r\n\t\t{ "matcher": "", "hooks": [ ${OWN_HOOK}, { "type": "command", "command": "say done" } ] }\r\n\t] }\r\n}` });
  await runLine(project.root, 'init');
  expect((await runLine(project.root, 'uninstall')).exitCode).toBe(0);
  expect(await readFile(path.join(project.root, SETTINGS), 'utf8')).toMatch(/^\{\r\n\t"hooks": \{ "Stop": \[\r\n\t\t\{ "matcher": "", "hooks": \[\s*\{ "type": "command", "command": "say done" \} \] \}\r\n\t\] \}\r\n\}$/);
  expect((await runLine(project.root, 'doctor')).stdout).toContain('not set up (spark-gates init)');
});

test('hooks of the other form that nobody has a record of are not doubled', async () => {
  await using project = await makeProject({ ...BARE, [SETTINGS]: '{ "enabledPlugins": { "spark-gates@spark-gates": true } }\n' });
  const before = await treeOf(project);
  expect(await runLine(project.root, 'init')).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${SETTINGS}: spark-gates is set up there as a plugin already, and its hooks would run twice; run spark-gates uninstall first\n` });
  expect(await treeOf(project)).toEqual(before);
});

test('a record that cannot be read, as after a merge, does not make hooks of ours somebody else\'s', async () => {
  await using project = await makeProject(BARE);
  const before = await treeOf(project);
  await runLine(project.root, 'init');
  await project.write({ '.claude/spark-gates/installed.json': '<<<<<<< ours\n' });
  await runLine(project.root, 'init');
  await runLine(project.root, 'uninstall');
  await project.remove('.claude');
  expect(await treeOf(project)).toEqual(before);
});

test('a record that names a file which init never writes is not believed', async () => {
  await using project = await makeProject(BARE);
  await runLine(project.root, 'init');
  const record = '.claude/spark-gates/installed.json';
  const text = await readFile(path.join(project.root, record), 'utf8');
  const theirs = createHash('sha256').update(BARE['package.json']).digest('hex');
  await project.write({ [record]: text.replace('"files": {', `"files": {\n    ".claude/agents/../../package.json": "${theirs}",\n    "package.json": "${theirs}",`) });
  await runLine(project.root, 'uninstall');
  expect(Object.entries(await treeOf(project)).filter(([, content]) => content !== 'folder').map(([file]) => file).sort()).toEqual([SETTINGS, ...Object.keys(BARE)].sort());
});

describe('a link that leads nowhere', () => {
  test.each([[SETTINGS, '../gone/settings.json'], ['.claude', 'gone'], ['.claude/agents', '/gone/agents'], ['.claude/commands/multi_implement.md', 'multi_implement.md.gone']])('%s: named, and nothing is written', async (file, target) => {
    await using project = await makeProject({ ...BARE, ...(file === '.claude' ? {} : { '.claude/commands/x.md': '' }) });
    await symlink(target, path.join(project.root, file));
    const before = await treeOf(project);
    expect(await runLine(project.root, 'init')).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${file} is a link to ${target}, where nothing is; make that, or remove the link\n` });
    expect(await runLine(project.root, 'uninstall')).toEqual({ exitCode: 0, stdout: 'Nothing of spark-gates was set up here.\n', stderr: '' });
    expect(await treeOf(project)).toEqual(before);
  });

  test('settings that led somewhere at init: what else was set up goes', async () => {
    await using project = await makeProject({ ...BARE, 'dotfiles/settings.json': '{}\n', '.claude/x': '' });
    await symlink('../dotfiles/settings.json', path.join(project.root, SETTINGS));
    await runLine(project.root, 'init');
    await project.remove('dotfiles');
    expect(await runLine(project.root, 'uninstall')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await treeOf(project)).toMatchObject({ [SETTINGS]: 'link to ../dotfiles/settings.json', '.claude/x': '' });
    expect(Object.keys(await treeOf(project)).filter((file) => file.startsWith('.claude/'))).toHaveLength(2);
  });

  test('settings that are a link to themselves', async () => {
    await using project = await makeProject({ ...BARE, '.claude/x': '' });
    await symlink('settings.json', path.join(project.root, SETTINGS));
    expect(await runLine(project.root, 'init')).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${project.root}/${SETTINGS} cannot be used (ELOOP: too many symbolic links encountered): mend the link\n` });
  });
});
