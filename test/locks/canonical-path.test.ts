import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CanonicalPaths } from '../../src/locks/canonical-path.ts';
import { describeRefusal } from '../../src/model/lock-refusal.ts';
import { systemTree, type TreeReader } from '../../src/system/tree-reader.ts';
import { makeProject } from '../rig/project.ts';

async function keyOf(paths: CanonicalPaths, given: string): Promise<string> {
  const result = await paths.resolve(given);
  return result.ok ? result.value.key : describeRefusal(result.refusal);
}

test('every way to write a name gives one key, before the file exists and after', async () => {
  await using project = await makeProject({ 'src/a.ts': '', 'lib/deep/b.ts': '' });
  const { root } = project;
  await symlink('src', path.join(root, 'link'));
  await symlink(path.join(root, 'lib/deep'), path.join(root, 'src/deep'));
  await symlink('a.ts', path.join(root, 'src/alias.ts'));
  await symlink('missing.ts', path.join(root, 'src/dangling.ts'));
  const paths = new CanonicalPaths([root], systemTree);
  for (const given of ['src/a.ts', './src/a.ts', 'src//a.ts', 'src/x/../a.ts', 'lib/../src/a.ts', path.join(root, 'src/a.ts'), 'link/a.ts', 'src/alias.ts', 'link/alias.ts']) {
    expect(await keyOf(paths, given), given).toBe('src/a.ts');
  }
  expect(await keyOf(paths, 'src/deep/new/file.ts')).toBe('lib/deep/new/file.ts');
  // The system follows the link before it goes up.
  expect(await keyOf(paths, 'src/deep/../c.ts')).toBe('lib/c.ts');
  expect(await keyOf(paths, 'src/dangling.ts')).toBe('src/missing.ts');
  expect(await keyOf(paths, 'Src/a.ts')).toBe('Src/a.ts');
});

test('what is no file of the repository has no key', async () => {
  await using project = await makeProject({ 'repository/src/a.ts': '', 'outside.ts': '' });
  const root = path.join(project.root, 'repository');
  await symlink('../outside.ts', path.join(root, 'out.ts'));
  await symlink('loop', path.join(root, 'loop'));
  const paths = new CanonicalPaths([root], systemTree);
  for (const given of ['../outside.ts', 'out.ts', '/etc/passwd', `${root}-other/a.ts`, 'src/../../x']) {
    expect(await keyOf(paths, given)).toBe(`${given} is outside ${root}: only files of the repository can be locked`);
  }
  expect(await keyOf(paths, 'loop')).toBe('loop cannot be locked: it leads through more than 40 symbolic links');
  expect(await keyOf(paths, 'src')).toBe('src cannot be locked: it is a folder, and locks are on files');
  expect(await keyOf(paths, '.')).toBe('. cannot be locked: it is a folder, and locks are on files');
  expect(await keyOf(paths, '')).toBe(' cannot be locked: it is not a path');
});

test('a file has the same key in every worktree, also in one inside another', async () => {
  await using project = await makeProject({ 'src/a.ts': '', 'trees/one/src/a.ts': '' });
  const paths = new CanonicalPaths([project.root, path.join(project.root, 'trees/one')], systemTree);
  expect(await keyOf(paths, 'src/a.ts')).toBe('src/a.ts');
  expect(await keyOf(paths, 'trees/one/src/a.ts')).toBe('src/a.ts');
});

/** Real files, found whatever their capitals, as on the usual disks of Windows and macOS. */
const insensitiveTree: TreeReader = {
  ...systemTree,
  look: async (file) => systemTree.look(await asOnDisk(file)),
  realPath: async (file) => systemTree.realPath(await asOnDisk(file)),
  someNames: async (folder, max) => systemTree.someNames(await asOnDisk(folder), max),
};

async function asOnDisk(file: string): Promise<string> {
  const parent = path.dirname(file);
  if (parent === file) return file;
  const folder = await asOnDisk(parent);
  const name = path.basename(file);
  const same = (await systemTree.someNames(folder, 10_000)).find((other) => other.toLowerCase() === name.toLowerCase());
  return path.join(folder, same ?? name);
}

test('where capitals do not count, they do not count in keys, before the file exists and after', async () => {
  await using project = await makeProject({ 'Src/Main.ts': '' });
  const paths = new CanonicalPaths([project.root], insensitiveTree);
  expect(await keyOf(paths, 'src/main.TS')).toBe('src/main.ts');
  expect(await keyOf(paths, 'SRC/New.ts')).toBe('src/new.ts');
  expect(await keyOf(paths, 'Src/Deep/New.ts')).toBe('src/deep/new.ts');
  await mkdir(path.join(project.root, 'Src/Deep'));
  await project.write({ 'Src/New.ts': '' });
  expect(await keyOf(paths, 'src/NEW.ts')).toBe('src/new.ts');
  expect(await keyOf(paths, 'src/deep/NEW.ts')).toBe('src/deep/new.ts');
});

test('where capitals do not count, a name is as the disk has it: patterns of files are compared with that', async () => {
  await using project = await makeProject({ 'Src/Main.ts': '' });
  const paths = new CanonicalPaths([project.root], insensitiveTree);
  for (const [given, name] of [['src/main.TS', 'Src/Main.ts'], ['SRC/NewOne.ts', 'Src/NewOne.ts'], [path.join(project.root, 'src/MAIN.ts'), 'Src/Main.ts']] as const) {
    const found = await paths.resolve(given);
    expect(found.ok && found.value.name).toBe(name);
  }
});
