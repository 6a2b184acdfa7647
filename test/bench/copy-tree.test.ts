import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { addWorktree, copyTree } from '../../bench/suite/copy-tree.ts';
import { runGit } from '../../src/system/git.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';

const environment = systemTestEnvironment();
const options = { environment, signal: new AbortController().signal };

async function copyOf(project: Project): Promise<{ to: string; files: string[] }> {
  const to = path.join(path.dirname(project.root), 'copy');
  await copyTree(project.root, to, options);
  const listed = await runGit(['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: to, environment });
  return { to, files: listed.kind === 'done' ? listed.stdout.split('\n').filter((line) => line !== '') : [] };
}

test('a copy has the same files, ignored ones too, in one commit, and the packages linked as a whole', async () => {
  await using project = await makeProject({ 'src/a.ts': 'a', 'made/b.js': 'b', '.gitignore': 'node_modules/\nmade/\n' }, { packages: { zod: 'zod' } });
  const { to, files } = await copyOf(project);
  expect(files).toEqual(['.gitignore', 'src/a.ts']);
  expect(await readFile(path.join(to, 'made/b.js'), 'utf8')).toBe('b');
  expect(await readlink(path.join(to, 'node_modules'))).toBe(path.join(project.root, 'node_modules'));
  const status = await runGit(['status', '--porcelain'], { cwd: to, environment });
  expect(status).toEqual({ kind: 'done', stdout: '' });
});

test('a package of the workspace is linked to its copy, all others to what is installed', async () => {
  await using project = await makeProject({ 'packages/own/index.js': 'export {};' }, { packages: { zod: 'zod' } });
  await mkdir(path.join(project.root, 'node_modules/@shop'));
  await symlink('../../packages/own', path.join(project.root, 'node_modules/@shop/own'));
  const { to, files } = await copyOf(project);
  expect(files).toEqual(['packages/own/index.js']);
  expect(await realpath(path.join(to, 'node_modules/@shop/own'))).toBe(path.join(to, 'packages/own'));
  expect(await realpath(path.join(to, 'node_modules/zod'))).toBe(await realpath(path.join(project.root, 'node_modules/zod')));
});

test('the original is not touched by what is done to its copy', async () => {
  await using project = await makeProject({ 'src/a.ts': 'a' }, { git: true });
  const { to } = await copyOf(project);
  await writeFile(path.join(to, 'src/a.ts'), 'edited');
  expect({ text: await readFile(path.join(project.root, 'src/a.ts'), 'utf8'), status: await project.git('status', '--porcelain') }).toEqual({ text: 'a', status: '' });
});

test('another worktree of the copy has the same files and packages, ignored ones too', async () => {
  await using project = await makeProject({ 'src/a.ts': 'a', 'made/b.js': 'b', '.gitignore': 'node_modules/\nmade/\n' }, { packages: { zod: 'zod' } });
  const { to } = await copyOf(project);
  const other = path.join(path.dirname(project.root), 'other');
  await addWorktree(project.root, to, other, options);
  const status = await runGit(['status', '--porcelain'], { cwd: other, environment });
  const common = await runGit(['rev-parse', '--path-format=absolute', '--git-common-dir'], { cwd: other, environment });
  expect({ status, common }).toEqual({ status: { kind: 'done', stdout: '' }, common: { kind: 'done', stdout: `${path.join(to, '.git')}\n` } });
  expect([await readFile(path.join(other, 'made/b.js'), 'utf8'), await readlink(path.join(other, 'node_modules'))]).toEqual(['b', path.join(project.root, 'node_modules')]);
});

test('a pipe in the tree is left out', async () => {
  await using project = await makeProject({ 'src/a.ts': 'a' });
  await promisify(execFile)('mkfifo', [path.join(project.root, 'src/pipe')]);
  const { to } = await copyOf(project);
  expect(await readdir(path.join(to, 'src'))).toEqual(['a.ts']);
});

test('a copy ends when it is cancelled', async () => {
  await using project = await makeProject({ 'src/a.ts': 'a' });
  const to = path.join(path.dirname(project.root), 'copy');
  await expect(copyTree(project.root, to, { environment, signal: AbortSignal.abort(130) })).rejects.toBe(130);
  expect(existsSync(to)).toBe(false);
});
