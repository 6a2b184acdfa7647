import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FileWatch } from '../../src/system/watch-file.ts';
import { runCli } from '../rig/cli.ts';
import { makeProject } from '../rig/project.ts';
import { runLine } from './run-program.ts';

// The clock of `runLine` stands still at 1970, so tokens are small and instants exact.

test('acquire, check, renew, list and release answer in one line each', async () => {
  await using project = await makeProject({ 'src/types.ts': '' }, { git: true });
  const src = path.join(project.root, 'src');
  expect(await runLine(src, 'lock', 'acquire', 'types.ts', '../new.ts', '--team', 'team1')).toEqual({
    exitCode: 0, stdout: 'locked new.ts token 1 until 1970-01-01T00:00:30.000Z\nlocked src/types.ts token 2 until 1970-01-01T00:00:30.000Z\n', stderr: '',
  });
  expect(await runLine(project.root, 'lock', 'check', 'src/types.ts', '--team', 'team1', '--token', '2')).toEqual({ exitCode: 0, stdout: 'valid src/types.ts token 2 until 1970-01-01T00:00:30.000Z\n', stderr: '' });
  expect(await runLine(project.root, 'lock', 'renew', 'src/types.ts', '--team', 'team1', '--token', '2', '--duration', '5m')).toEqual({ exitCode: 0, stdout: 'renewed src/types.ts token 2 until 1970-01-01T00:05:00.000Z\n', stderr: '' });
  expect(await runLine(project.root, 'lock', 'renew', '--all', '--team', 'team1')).toEqual({ exitCode: 0, stdout: 'renewed new.ts token 1 until 1970-01-01T00:00:30.000Z\nrenewed src/types.ts token 2 until 1970-01-01T00:05:00.000Z\n', stderr: '' });
  expect(await runLine(project.root, 'lock', 'list')).toEqual({ exitCode: 0, stdout: 'new.ts team1 token 1 until 1970-01-01T00:00:30.000Z\nsrc/types.ts team1 token 2 until 1970-01-01T00:05:00.000Z\n', stderr: '' });
  expect(await runLine(project.root, 'lock', 'release', 'src/types.ts', '--team', 'team1', '--token', '2')).toEqual({ exitCode: 0, stdout: 'released src/types.ts of team1\n', stderr: '' });
  expect(await runLine(project.root, 'lock', 'release', '--all', '--team', 'team1')).toEqual({ exitCode: 0, stdout: 'released new.ts of team1\n', stderr: '' });
  expect(await runLine(project.root, 'lock', 'list')).toEqual({ exitCode: 0, stdout: 'nothing is locked\n', stderr: '' });
});

test('a refusal is an answer with exit code 1, trouble is said on stderr with exit code 2', async () => {
  await using project = await makeProject({ 'a.ts': '' }, { git: true });
  await runLine(project.root, 'lock', 'acquire', 'a.ts', '--team', 'team1');
  expect(await runLine(project.root, 'lock', 'acquire', 'a.ts', '--team', 'team2')).toEqual({ exitCode: 1, stdout: 'refused: a.ts is locked by team1 until 1970-01-01T00:00:30.000Z: wait for it with "lock wait", or go on with something else\n', stderr: '' });
  expect(await runLine(project.root, 'lock', 'check', 'a.ts', '--team', 'team1', '--token', '9')).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^refused: token 9 of team1 for a\.ts is stale/) as string });
  expect(await runLine(project.root, 'lock', 'acquire', '../a.ts', '--team', 'team2')).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${project.root}/../a.ts is outside ${project.root}: only files of the repository can be locked\n` });
  expect(await runLine(project.root, 'lock', 'acquire', 'b.ts')).toEqual({ exitCode: 2, stdout: '', stderr: "spark-gates: required option '--team <name>' not specified\n" });
  expect(await runLine(project.root, 'lock', 'wait', 'a.ts', '--team', 'team2', '--timeout', '60')).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/Give a whole number and its unit: 500ms, 30s, 5m\./) as string });
  expect(await runLine(project.root, 'lock', 'release', '--team', 'team1')).toMatchObject({ exitCode: 2, stderr: 'spark-gates: give the files, or --all\n' });
  expect(await runLine(project.root, 'lock', 'acquire', 'b.ts', '--team', 'team1', '--duration', '90m')).toMatchObject({ exitCode: 2, stderr: 'spark-gates: the duration of a lease must be 1 to 3600000 ms, not 5400000\n' });
});

test('--json prints one document, for success, refusal and a table that was mended', async () => {
  await using project = await makeProject({ '.claude/workflows/file_locks.json': 'broken' }, { git: true });
  const first = await runLine(project.root, 'lock', 'acquire', 'a.ts', '--team', 'team1', '--json');
  const table = path.join(project.root, '.claude/workflows/file_locks.json');
  expect(JSON.parse(first.stdout)).toMatchObject({
    version: 1, ok: true, refusal: null, message: null,
    leases: [{ file: 'a.ts', team: 'team1', token: 1, until: '1970-01-01T00:00:30.000Z' }],
    faults: [{ table, detail: 'it is not a JSON object', setAside: `${table}.broken-1` }],
  });
  const second = await runLine(project.root, 'lock', 'wait', 'a.ts', '--team', 'team2', '--timeout', '0ms', '--json');
  expect(second.exitCode).toBe(1);
  expect(JSON.parse(second.stdout)).toMatchObject({ ok: false, refusal: { reason: 'timeout', file: 'a.ts', holder: { team: 'team1', token: 1 } }, faults: [] });
});

test('an override needs a reason, and says whose lease it ended', async () => {
  await using project = await makeProject({}, { git: false });
  await project.write({ 'package.json': '{}' });
  await runLine(project.root, 'lock', 'acquire', 'a.ts', '--team', 'team1');
  expect(await runLine(project.root, 'lock', 'force-release', 'a.ts')).toMatchObject({ exitCode: 2 });
  expect(await runLine(project.root, 'lock', 'force-release', 'a.ts', '--by', 'ann', '--reason', 'team1 hangs')).toEqual({ exitCode: 0, stdout: 'released a.ts of team1\n', stderr: '' });
  expect(await readFile(path.join(project.root, '.claude/workflows/file_locks.overrides.ndjson'), 'utf8')).toBe('{"at":"1970-01-01T00:00:00.000Z","by":"ann","reason":"team1 hangs","file":"a.ts","team":"team1","token":1}\n');
});

test('a file of a linked worktree is the same file as in the main one, also from a subfolder', async () => {
  await using project = await makeProject({ 'src/a.ts': '' }, { git: true });
  const linked = path.join(project.root, '..', 'linked');
  await project.git('worktree', 'add', '--quiet', '--detach', linked);
  expect((await runLine(path.join(linked, 'src'), 'lock', 'acquire', 'a.ts', '--team', 'team1')).stdout).toBe('locked src/a.ts token 1 until 1970-01-01T00:00:30.000Z\n');
  expect(await runLine(project.root, 'lock', 'acquire', 'src/a.ts', path.join(linked, 'b.ts'), '--team', 'team2')).toMatchObject({ exitCode: 1 });
  expect((await runLine(project.root, 'lock', 'list')).stdout).toBe('src/a.ts team1 token 1 until 1970-01-01T00:00:30.000Z\n');
});

test('Ctrl-C ends a wait and leaves nobody in line', async () => {
  await using project = await makeProject({ 'a.ts': '' }, { git: true });
  const table = path.join(project.root, '.claude/workflows/file_locks.json');
  expect((await runCli(['lock', 'acquire', 'a.ts', '--team', 'team1'], { cwd: project.root })).exitCode).toBe(0);
  const result = await runCli(['lock', 'wait', 'a.ts', '--team', 'team2'], {
    cwd: project.root,
    onStart: (child) => {
      void (async () => {
        const watch = new FileWatch(table);
        while (!(await readFile(table, 'utf8')).includes('team2')) await watch.next(100);
        watch.close();
        child.kill('SIGINT');
      })();
    },
  });
  expect(result).toEqual({ exitCode: 130, stdout: '', stderr: 'spark-gates: cancelled\n' });
  expect(await readFile(table, 'utf8')).not.toContain('team2');
});
