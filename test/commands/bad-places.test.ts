import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, type Project } from '../rig/project.ts';
import { runLine } from './run-program.ts';

const COMMANDS = [
  ['status'], ['report'], ['end-session'], ['multi-implement', 'A'], ['phase', 'complete', 'team1', 'quality'], ['phase', 'alive', 'team1'],
  ['lock', 'list'], ['lock', 'acquire', 'a', '--team', 'team1'], ['tasks'], ['execute', 'A', '--agent', 'true'],
];

function makeSession(): Promise<Project> {
  return makeProject({ 'tasks.md': '- [ ] A: one (files: a/**)\n', 'package.json': '{}\n' }, { git: true });
}

test.each(COMMANDS)('%s %s: a relay that is a file, or below one, is no empty relay', async (...args) => {
  await using project = await makeSession();
  for (const folder of ['tasks.md', 'tasks.md/below/it']) {
    expect(await runLine(project.root, ...args, '--relay', folder)).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${project.root}/tasks.md is a file; give a folder for the relay\n` });
  }
  expect(await project.git('status', '--porcelain')).toBe('');
});

test.each([['--relay', '<dir>'], ['--config', '<file>'], ['--cwd', '<dir>'], ['--tasks', '<file>']])('an empty %s is refused: it comes of a variable that is not set', async (option, value) => {
  await using project = await makeSession();
  expect(await runLine(project.root, 'tasks', option, '')).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: option '${option} ${value}' argument '' is invalid. It is empty; give a path, or leave the option out.\n` });
});

test('what was wrong with a file that is no JSON is one line, whatever the file holds', async () => {
  await using project = await makeSession();
  await runLine(project.root, 'multi-implement', 'A');
  await project.write({ '.claude/workflows/team1_current_task.json': 'no\n\u001b[31mJSON' });
  const { exitCode, stderr } = await runLine(project.root, 'status');
  expect(exitCode).toBe(0);
  expect([stderr.split('\n').length, stderr.includes('\u001b')]).toEqual([2, false]);
  expect(stderr).toMatch(/team1_current_task\.json: the document is not JSON .* the last good one restored\n$/);
});

// Nothing is forbidden to root.
test.skipIf(process.getuid?.() === 0)('a folder that may not be read is no bug of ours', async () => {
  await using project = await makeSession();
  const folder = path.join(project.root, '.claude', 'workflows');
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o000);
  const outcome = { exitCode: 2, stdout: '', stderr: `spark-gates: ${folder} cannot be used (EACCES: permission denied): give access to it\n` };
  expect([await runLine(project.root, 'tasks'), await runLine(project.root, 'multi-implement', 'A'), await runLine(project.root, 'plan')]).toEqual([outcome, outcome, outcome]);
  await chmod(folder, 0o700);
});
