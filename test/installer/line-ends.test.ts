import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runLine } from '../commands/run-program.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { SETTINGS_SHAPES } from './settings-shapes.ts';
import { treeOf } from './tree-of.ts';

const SETTINGS = '.claude/settings.json';
const PROGRAM = {
  'node_modules/spark-gates/package.json': '{ "name": "spark-gates", "version": "0.1.0", "type": "module", "bin": { "spark-gates": "cli.js" } }\n',
  'node_modules/spark-gates/cli.js': "process.stdout.write('{}\\n');\n",
};
const FILES = { 'package.json': '{ "private": true }\n', [SETTINGS]: SETTINGS_SHAPES['hooks of their own, of the same events'] ?? '' };

/** A clone beside the project, of one of its commits, in which lines end as Windows ends them. */
async function cloneForWindows(project: Project, name: string, commit: string): Promise<{ readonly root: string }> {
  const root = path.join(path.dirname(project.root), name);
  await project.git('clone', '--quiet', '--no-checkout', '-c', 'core.autocrlf=true', project.root, root);
  await project.git('-C', root, 'checkout', '--quiet', '--detach', commit);
  return { root };
}

test('in a clone in which lines end otherwise all is set up, nothing is to be written, and everything can be taken away', async () => {
  await using project = await makeProject(FILES, { git: true });
  await runLine(project.root, 'init');
  await project.git('add', '--all');
  await project.git('commit', '--quiet', '--message', 'Set up');
  const before = await cloneForWindows(project, 'before', 'HEAD~1');
  const clone = await cloneForWindows(project, 'clone', 'HEAD');
  expect(await readFile(path.join(clone.root, '.claude/spark-gates/launch'), 'utf8')).toContain('\r\n');
  for (const [file, text] of Object.entries(PROGRAM)) await project.write({ [path.join('../clone', file)]: text });
  const doctor = JSON.parse((await runLine(clone.root, 'doctor', '--json')).stdout) as { blocking: string[]; advice: string[] };
  expect([doctor.blocking, doctor.advice.filter((text) => text.includes('.claude'))]).toEqual([[], []]);
  expect(await runLine(clone.root, 'init')).toEqual({ exitCode: 0, stdout: 'Everything is set up already; nothing changed.\n', stderr: '' });
  expect(await project.git('-C', clone.root, 'status', '--porcelain')).toBe('');
  const { exitCode, stdout } = await runLine(clone.root, 'uninstall');
  expect([exitCode, stdout.split('\n').filter((line) => !/^(?:removed|changed) /.test(line))]).toEqual([0, ['A client that is running keeps its hooks, and finds nothing there any more: start it anew.', '']]);
  await project.remove('../clone/node_modules');
  expect(await treeOf(clone)).toEqual(await treeOf(before));
});

const toUnix = (text: string): string => text.replaceAll('\r\n', '\n');
const toWindows = (text: string): string => toUnix(text).replaceAll('\n', '\r\n');

describe.each([['as Unix ends them', toUnix, toWindows], ['as Windows ends them', toWindows, toUnix]])('settings with lines %s that got the others', (_, as, other) => {
  test.each(Object.entries(SETTINGS_SHAPES))('%s', async (_shape, text) => {
    await using project = await makeProject({ ...FILES, ...PROGRAM, [SETTINGS]: as(text) });
    await runLine(project.root, 'init', '--teams', '1');
    for (const entry of await readdir(path.join(project.root, '.claude'), { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      if (entry.isFile()) await writeFile(file, other(await readFile(file, 'utf8')));
    }
    expect((await runLine(project.root, 'init')).stdout).toBe('Everything is set up already; nothing changed.\n');
    await runLine(project.root, 'uninstall');
    expect(await readdir(path.join(project.root, '.claude'))).toEqual(['settings.json']);
    expect(await readFile(path.join(project.root, SETTINGS), 'utf8')).toBe(other(as(text)));
  });
});

test('agents that are there with other line ends are there', async () => {
  await using project = await makeProject(FILES);
  await runLine(project.root, 'agents', 'render', '--teams', '1');
  const file = path.join(project.root, '.claude/agents/team1_tester.md');
  await writeFile(file, toWindows(await readFile(file, 'utf8')));
  expect(await runLine(project.root, 'agents', 'render', '--teams', '1')).toEqual({ exitCode: 0, stdout: 'All agents are there already; nothing changed.\n', stderr: '' });
});
