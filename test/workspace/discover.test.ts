import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Workspace } from '../../src/model/workspace.ts';
import { discoverWorkspace, type DiscoverOptions } from '../../src/workspace/discover.ts';
import { WorkspaceError } from '../../src/workspace/workspace-error.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject } from '../rig/project.ts';

function discover(cwd: string, options: Partial<DiscoverOptions> = {}): Promise<Workspace> {
  return discoverWorkspace({ cwd, base: 'HEAD', exclude: [], environment: systemTestEnvironment(), ...options });
}

async function refusal(work: Promise<Workspace>): Promise<[WorkspaceError['reason'], string]> {
  const error: unknown = await work.then(() => null, (reason: unknown) => reason);
  if (!(error instanceof WorkspaceError)) throw new Error('expected a WorkspaceError', { cause: error });
  return [error.reason, error.message];
}

describe('root and files', () => {
  test('lists tracked and untracked files that exist, whatever their names', async () => {
    await using project = await makeProject(
      { 'src/a b.ts': '', 'src/héllo/日本.ts': '', '-dash.ts': '', 'gone.ts': '', 'src/[id]/page.ts': '', 'Z.ts': '', 'a.ts': '' },
      { git: true, name: 'my project é' },
    );
    await project.remove('gone.ts');
    await project.write({ 'new.ts': '', 'node_modules/x/index.js': '', 'sub/ignored.log': '', 'sub/.gitignore': '*.log\n' });
    await symlink('src', path.join(project.root, 'linked-folder'));
    await symlink('a.ts', path.join(project.root, 'linked.ts'));
    await symlink('nothing.ts', path.join(project.root, 'dangling.ts'));
    await mkdir(path.join(project.root, 'inner'));
    await project.git('init', '--quiet', 'inner');
    await project.write({ 'inner/theirs.ts': '' });
    const workspace = await discover(path.join(project.root, 'src'));
    expect(workspace.root).toBe(project.root);
    expect(workspace.mainRoot).toBe(project.root);
    expect(workspace.head).toBe(await project.git('rev-parse', 'HEAD'));
    expect(workspace.files).toEqual(['-dash.ts', '.gitignore', 'Z.ts', 'a.ts', 'linked.ts', 'new.ts', 'src/[id]/page.ts', 'src/a b.ts', 'src/héllo/日本.ts', 'sub/.gitignore']);
    expect(workspace.changed).toEqual(['linked.ts', 'new.ts', 'sub/.gitignore']);
  });

  test('leaves out submodules and excluded globs, dot files included', async () => {
    await using library = await makeProject({ 'lib.ts': '' }, { git: true });
    await using project = await makeProject({ 'a.ts': '', '.hidden/b.ts': '', 'gen/c.ts': '' }, { git: true });
    await project.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'vendor');
    const workspace = await discover(project.root, { exclude: ['gen/**', '**/b.ts'] });
    expect(workspace.files).toEqual(['.gitignore', '.gitmodules', 'a.ts']);
  });

  test("leaves out the relay's own files, tracked or not, but not what else lies there", async () => {
    const own = ['team1_current_task.json', 'multi_task_coordination.json', 'file_locks.json', 'file_locks.json.broken-2', 'events.ndjson', 'events-000001.ndjson', '.staging/x', 'file_locks.json.lock/x'];
    const others = ['tasks.md', 'notes.json', 'team1_notes.json', 'sub/events.ndjson'];
    const all = (folder: string): Record<string, string> => Object.fromEntries([...own, ...others].map((name) => [`${folder}/${name}`, '']));
    await using project = await makeProject({ ...all('.claude/workflows'), ...all('state') }, { git: true });
    await project.write({ '.claude/workflows/team2_current_task.json': '' });
    const listed = async (options: Partial<DiscoverOptions>, folder: string): Promise<string[]> => (await discover(project.root, options)).files.filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length + 1));
    expect(await listed({}, '.claude/workflows')).toEqual([...others].sort());
    expect(await listed({ relay: './state/' }, 'state')).toEqual([...others].sort());
    expect((await listed({}, 'state')).length).toBe(own.length + others.length);
  });

  test('outside git rules apply to names with a line break, too', async () => {
    await using project = await makeProject({ '.gitignore': 'gen/**\n*.log\n', 'gen/a\nb.ts': '', 'c\nd.log': '', 'e\nf.ts': '' });
    expect((await discover(project.root)).files).toEqual(['.gitignore', 'e\nf.ts']);
    expect((await discover(project.root, { exclude: ['e*'] })).files).toEqual(['.gitignore']);
  });

  test('a linked worktree is its own root and knows the main one', async () => {
    await using project = await makeProject({ 'a.ts': '' }, { git: true });
    const linked = path.join(project.root, 'worktrees', 'team one');
    await project.git('worktree', 'add', '--quiet', '-b', 'team', linked);
    await project.write({ 'worktrees/team one/b.ts': '' });
    const workspace = await discover(linked);
    expect(workspace.root).toBe(linked);
    expect(workspace.mainRoot).toBe(project.root);
    expect(workspace.files).toEqual(['.gitignore', 'a.ts', 'b.ts']);
    expect(workspace.changed).toEqual(['b.ts']);
  });

  test("a git hook's own repository is not taken for the one asked about", async () => {
    await using hooked = await makeProject({ 'hooked.ts': '' }, { git: true });
    await using project = await makeProject({ 'a.ts': '' }, { git: true });
    const environment = { ...systemTestEnvironment(), GIT_DIR: path.join(hooked.root, '.git'), GIT_INDEX_FILE: path.join(hooked.root, '.git/index') };
    const workspace = await discover(project.root, { environment });
    expect([workspace.root, workspace.files]).toEqual([project.root, ['.gitignore', 'a.ts']]);
  });

  test('a root whose path holds a line break is refused, since its coverage would come out wrong', async () => {
    await using project = await makeProject({ 'a.ts': '' }, { git: true, name: 'two\nlines' });
    await using plain = await makeProject({ 'package.json': '{}' }, { name: 'two\nlines' });
    for (const { root } of [project, plain]) {
      expect(await refusal(discover(root))).toEqual(['line-break', `the path of the repository holds a line break, which test runners cannot handle: ${JSON.stringify(root)}; rename the folder`]);
    }
  });

  test('without git: the nearest package.json upward, .gitignore files respected', async () => {
    await using project = await makeProject({
      'package.json': '{}', '.gitignore': 'dist/\n*.log\n/only-root.ts\n', 'dist/out.js': '', 'src/a.ts': '', 'src/x.log': '', 'only-root.ts': '', 'src/only-root.ts': '',
      'src/keep/.gitignore': '!*.log\n', 'src/keep/y.log': '', 'node_modules/p/index.js': '', 'deep/.gitignore': '!dist/\n', 'deep/dist/kept.ts': '',
    });
    const workspace = await discover(path.join(project.root, 'src'));
    expect(workspace.root).toBe(project.root);
    expect(workspace.files).toEqual(['.gitignore', 'deep/.gitignore', 'deep/dist/kept.ts', 'package.json', 'src/a.ts', 'src/keep/.gitignore', 'src/keep/y.log', 'src/only-root.ts']);
    expect([workspace.changed, workspace.head]).toEqual([null, null]);
  });

  test('git and the walk without it agree on what is ignored', async () => {
    const files = { '.gitignore': 'build/\n*.tmp\n!important.tmp\ndocs/**/draft.md\n', 'build/x.js': '', 'a.tmp': '', 'important.tmp': '', 'docs/1/2/draft.md': '', 'docs/final.md': '', 'pkg/.gitignore': '/local\n', 'pkg/local/x.ts': '', 'pkg/deep/local/x.ts': '', 'package.json': '{}' };
    await using plain = await makeProject(files);
    await using tracked = await makeProject(files);
    await tracked.git('init', '--quiet');
    expect((await discover(plain.root)).files).toEqual((await discover(tracked.root)).files);
  });

  test('without git and package.json, the folder itself', async () => {
    await using project = await makeProject({ 'only/a.ts': '' });
    const workspace = await discover(path.join(project.root, 'only'));
    expect([workspace.root, workspace.files, workspace.packages, workspace.packageManager]).toEqual([path.join(project.root, 'only'), ['a.ts'], [], null]);
  });

  test('an empty repository, and one before its first commit', async () => {
    await using project = await makeProject({});
    await project.git('init', '--quiet');
    const empty = await discover(project.root);
    expect([empty.files, empty.changed, empty.head]).toEqual([[], [], null]);
    await project.write({ 'a.ts': '' });
    await project.git('add', 'a.ts');
    expect((await discover(project.root)).changed).toEqual(['a.ts']);
  });

  test('a thousand files', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `src/file-${String(index).padStart(4, '0')}.ts`);
    await using project = await makeProject(Object.fromEntries(names.map((name) => [name, 'export {};\n'])), { git: true });
    expect((await discover(project.root)).files).toEqual(['.gitignore', ...names]);
  });
});

describe('changed', () => {
  test('is relative to where HEAD left the base', async () => {
    await using project = await makeProject({ 'a.ts': '1', 'b.ts': '1', 'gone.ts': '1' }, { git: true });
    await project.git('checkout', '--quiet', '-b', 'feature');
    await project.write({ 'a.ts': '2', 'ü.ts': '' });
    await project.git('rm', '--quiet', 'gone.ts');
    await project.git('add', '--all');
    await project.git('commit', '--quiet', '--message', 'Ours');
    await project.git('checkout', '--quiet', 'main');
    await project.write({ 'b.ts': 'theirs' });
    await project.git('commit', '--quiet', '--all', '--message', 'Theirs');
    await project.git('checkout', '--quiet', 'feature');
    await project.write({ 'new.ts': '' });
    expect((await discover(project.root, { base: 'main' })).changed).toEqual(['a.ts', 'new.ts', 'ü.ts']);
    expect((await discover(project.root)).changed).toEqual(['new.ts']);
  });

  test('names what is gone, by a rename too, but not what is excluded or only left out of the index', async () => {
    await using project = await makeProject({ 'a.ts': '1', 'b.ts': '1', 'c.ts': '1', 'gen/d.ts': '1', 'kept.ts': '' }, { git: true });
    await project.git('mv', 'a.ts', 'renamed.ts');
    await project.git('rm', '--quiet', '--cached', 'kept.ts');
    await project.git('rm', '--quiet', 'gen/d.ts');
    await project.remove('b.ts');
    const workspace = await discover(project.root, { exclude: ['gen/**'] });
    expect([workspace.changed, workspace.removed]).toEqual([['kept.ts', 'renamed.ts'], ['a.ts', 'b.ts']]);
  });

  test('refuses a base that is not there or has nothing in common', async () => {
    await using project = await makeProject({ 'a.ts': '' }, { git: true });
    expect(await refusal(discover(project.root, { base: 'origin/nope' }))).toEqual(['unknown-base', 'base "origin/nope" is no commit of this repository; give a branch, tag or commit that was fetched']);
    expect((await refusal(discover(project.root, { base: '--all' })))[0]).toBe('unknown-base');
    await project.git('checkout', '--quiet', '--orphan', 'other');
    await project.git('commit', '--quiet', '--message', 'Other');
    expect((await refusal(discover(project.root, { base: 'main' })))[0]).toBe('no-common-ancestor');
  });
});

test('refuses a folder that is not there, and a file', async () => {
  await using project = await makeProject({ 'a.ts': '' });
  const nowhere = path.join(project.root, 'nope');
  const file = path.join(project.root, 'a.ts');
  expect(await refusal(discover(nowhere))).toEqual(['no-such-folder', `${nowhere}: there is no such folder; give the folder of the repository to check`]);
  expect(await refusal(discover(file))).toEqual(['not-a-folder', `${file} is a file; give the folder of the repository to check`]);
});

test('refuses a repository that git cannot read', async () => {
  await using project = await makeProject({ 'a.ts': '' }, { git: true });
  await project.write({ '.git/config': '[broken' });
  const [reason, message] = await refusal(discover(project.root));
  expect(reason).toBe('git-refused');
  expect(message.startsWith(`${project.root}: git cannot read this repository: `)).toBe(true);
});
