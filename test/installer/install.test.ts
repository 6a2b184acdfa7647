import { chmod, lstat, readdir, readFile, rename, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOOKED_EVENTS } from '../../agents/wiring.ts';
import { runLine, runLineWith } from '../commands/run-program.ts';
import { makeProject } from '../rig/project.ts';
import { DROPPED_SETTINGS, SETTINGS_SHAPES } from './settings-shapes.ts';
import { treeOf } from './tree-of.ts';

const SETTINGS = '.claude/settings.json';
const FORMS = ['project', 'plugin'] as const;
const optionsOf = (form: (typeof FORMS)[number]): string[] => (form === 'plugin' ? ['--plugin'] : []);

const BARE = { 'package.json': '{}\n', 'node_modules/spark-gates/package.json': '{}\n' };

describe.each(FORMS)('init and uninstall, %s', (form) => {
  test.each(Object.entries(SETTINGS_SHAPES))('settings: %s', async (_, text) => {
    await using project = await makeProject({ ...BARE, [SETTINGS]: text });
    const before = await treeOf(project);
    const first = await runLine(project.root, 'init', ...optionsOf(form));
    expect([first.exitCode, first.stderr]).toEqual([0, '']);
    const written = await readFile(path.join(project.root, SETTINGS), 'utf8');
    expectOnlyMore(JSON.parse(text.replace(/^\uFEFF/, '')), JSON.parse(written.replace(/^\uFEFF/, '')), form);
    expect(isSubsequence(text, written)).toBe(true);
    expect([written.includes('\r\n'), /[^\r]\n/.test(written)]).toEqual([text.includes('\r\n'), /[^\r]\n/.test(text) || text === '{}']);
    const installed = await treeOf(project);
    expect(await runLine(project.root, 'init', ...optionsOf(form))).toEqual({ exitCode: 0, stdout: 'Everything is set up already; nothing changed.\n', stderr: '' });
    expect(await treeOf(project)).toEqual(installed);
    const last = await runLine(project.root, 'uninstall');
    expect([last.exitCode, last.stderr]).toEqual([0, '']);
    expect(await treeOf(project)).toEqual(before);
  });

  test.each(Object.entries(DROPPED_SETTINGS))('settings that would not be read: %s', async (_, [text, problem]) => {
    await using project = await makeProject({ ...BARE, [SETTINGS]: text });
    const before = await treeOf(project);
    const { exitCode, stdout, stderr } = await runLine(project.root, 'init', ...optionsOf(form));
    expect([exitCode, stdout, stderr.startsWith(`spark-gates: ${SETTINGS}: ${problem}`)]).toEqual([2, '', true]);
    expect(await runLine(project.root, 'uninstall')).toEqual({ exitCode: 0, stdout: 'Nothing of spark-gates was set up here.\n', stderr: '' });
    expect(await treeOf(project)).toEqual(before);
  });

  test('without settings, and with nothing at all: gone again', async () => {
    await using project = await makeProject(BARE);
    const before = await treeOf(project);
    await runLine(project.root, 'init', ...optionsOf(form));
    expect(Object.keys(await treeOf(project))).toContain('.claude/settings.json');
    await runLine(project.root, 'uninstall');
    expect(await treeOf(project)).toEqual(before);
  });

  test('a dry run says what would be done, and does nothing', async () => {
    await using project = await makeProject({ ...BARE, [SETTINGS]: '{}\n' });
    const before = await treeOf(project);
    const dry = await runLine(project.root, 'init', '--dry-run', ...optionsOf(form));
    expect(dry.stdout.split('\n').slice(-4)).toEqual(['would create .claude/spark-gates/installed.json', `would change ${SETTINGS}`, 'Nothing was written: this was a dry run.', '']);
    expect(await treeOf(project)).toEqual(before);
    await runLine(project.root, 'init', ...optionsOf(form));
    const installed = await treeOf(project);
    expect((await runLine(project.root, 'uninstall', '--dry-run')).stdout.split('\n')[0]).toBe(`would change ${SETTINGS}`);
    expect(await treeOf(project)).toEqual(installed);
  });

  test('at a terminal it is said first what would be done, and done only after a yes', async () => {
    await using project = await makeProject({ ...BARE, [SETTINGS]: '{}\n' });
    const before = await treeOf(project);
    const ask = (answer: boolean, ...more: string[]) => runLineWith({ confirm: () => Promise.resolve(answer) }, project.root, 'init', ...optionsOf(form), ...more);
    const refused = await ask(false);
    expect(refused).toMatchObject({ exitCode: 0, stdout: 'Nothing was written.\n' });
    expect(refused.stderr.split('\n').slice(-3)).toEqual(['would create .claude/spark-gates/installed.json', `would change ${SETTINGS}`, '']);
    expect(await treeOf(project)).toEqual(before);
    expect((await ask(false, '--yes')).stderr).toBe('');
    expect(await treeOf(project)).not.toEqual(before);
    await runLine(project.root, 'uninstall');
    expect((await ask(true)).stdout).toContain(`changed ${SETTINGS}`);
    expect((await ask(false)).stdout).toBe('Everything is set up already; nothing changed.\n');
  });

  test.each(Object.entries(SETTINGS_SHAPES))('settings edited in between keep what is not ours: %s', async (_, text) => {
    await using project = await makeProject({ ...BARE, [SETTINGS]: text });
    await runLine(project.root, 'init', ...optionsOf(form));
    const file = path.join(project.root, SETTINGS);
    const edited = (await readFile(file, 'utf8')).replace(/\}(\s*)$/, ', "editedSince": {"yes": [true]}\n}$1').replace(/\{\s*,/, '{');
    await project.write({ [SETTINGS]: edited });
    expect(await runLine(project.root, 'init', ...optionsOf(form))).toMatchObject({ exitCode: 0, stderr: '' });
    await runLine(project.root, 'uninstall');
    const left = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, '')) as Record<string, unknown>;
    const original = JSON.parse(text.replace(/^\uFEFF/, '')) as Record<string, unknown>;
    expect(withoutEmpty(left)).toEqual(withoutEmpty({ ...original, editedSince: { yes: [true] } }));
  });
});

test('the record lost: what is ours is known by what it says', async () => {
  await using project = await makeProject({ ...BARE, [SETTINGS]: SETTINGS_SHAPES.tabs ?? '' });
  const before = await treeOf(project);
  await runLine(project.root, 'init');
  await project.remove('.claude/spark-gates/installed.json');
  expect(await runLine(project.root, 'uninstall')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(withoutFolders(await treeOf(project))).toEqual(withoutFolders(before));
});

test('what it sets up: hooks for each event once, twenty agents, the command', async () => {
  await using project = await makeProject(BARE);
  const { stdout } = await runLine(project.root, 'init', '--json');
  const { changes } = JSON.parse(stdout) as { changes: { file: string; action: string }[] };
  expect(changes.map(({ file }) => file)).toEqual([
    '.claude/spark-gates/launch',
    ...[1, 2, 3, 4].flatMap((team) => ['implementer', 'quality', 'tester', 'reviewer', 'reporter'].map((role) => `.claude/agents/team${String(team)}_${role}.md`)),
    '.claude/commands/multi_implement.md', '.claude/spark-gates/installed.json', SETTINGS,
  ]);
  const { hooks } = JSON.parse(await readFile(path.join(project.root, SETTINGS), 'utf8')) as { hooks: Record<string, unknown> };
  expect(Object.keys(hooks)).toEqual(HOOKED_EVENTS.map(({ event }) => event));
  expect(hooks.SubagentStop).toEqual([{ hooks: [{ type: 'command', command: 'node', args: ['${CLAUDE_PROJECT_DIR}/.claude/spark-gates/launch', 'hook'], timeout: 590 }] }]);
  // An agent that an error of the API ends is told by these alone.
  expect([hooks.StopFailure, hooks.PostToolUseFailure].map((groups) => (groups as { matcher?: string }[]).map(({ matcher }) => matcher))).toEqual([[undefined], ['Agent|Task']]);
});

test('fewer teams take the agents of the others away; an edited agent stays, and is named', async () => {
  await using project = await makeProject(BARE);
  const before = await treeOf(project);
  await runLine(project.root, 'init', '--teams', '6');
  await project.write({ '.claude/agents/team2_tester.md': 'mine\n' });
  const again = await runLine(project.root, 'init', '--teams', '2');
  expect(again.stdout).toContain('\n.claude/agents/team2_tester.md was edited since it was installed, and is left as it is\n');
  expect((await readdir(path.join(project.root, '.claude/agents'))).sort()).toEqual([1, 2].flatMap((team) => ['implementer', 'quality', 'reporter', 'reviewer', 'tester'].map((role) => `team${String(team)}_${role}.md`)));
  expect((await runLine(project.root, 'init')).stdout).toContain('Everything is set up already; nothing changed.');
  const gone = await runLine(project.root, 'uninstall');
  expect(gone.stdout).toContain('.claude/agents/team2_tester.md was edited since it was installed, and is left; remove it by hand\n');
  await project.remove('.claude');
  expect(await treeOf(project)).toEqual(before);
});

describe('what is in the way is named, and nothing is written', () => {
  test.each<[string, Record<string, string>, string[], RegExp]>([
    ['an agent of theirs', { '.claude/agents/team1_quality.md': '---\nname: mine\n---\n' }, [], /^spark-gates: \.claude\/agents\/team1_quality\.md is there already and is not of spark-gates; move it away, or remove it\n$/],
    ['a command of theirs', { '.claude/commands/multi_implement.md': 'x' }, [], /^spark-gates: \.claude\/commands\/multi_implement\.md is there already/],
    ['a folder where a file should be', { '.claude/settings.json/x': 'x' }, [], /^spark-gates: \.claude\/settings\.json is a folder; move it away\n$/],
    ['a file where a folder should be', { '.claude': 'x' }, [], /^spark-gates: \.claude is a file; move it away\n$/],
    ['no number of teams', {}, ['--teams', '0'], /^spark-gates: option '--teams <n>' argument '0' is invalid\. It must be a whole number from 1 to 16\.\n$/],
  ])('%s', async (_, files, options, sentence) => {
    await using project = await makeProject({ ...BARE, ...files });
    const before = await treeOf(project);
    const { exitCode, stdout, stderr } = await runLine(project.root, 'init', ...options);
    expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringMatching(sentence)]);
    expect(await treeOf(project)).toEqual(before);
  });

  test('settings that are no text', async () => {
    await using project = await makeProject({ ...BARE, [SETTINGS]: Uint8Array.of(0x7b, 0xff, 0x7d) });
    expect(await runLine(project.root, 'init')).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${SETTINGS} is not UTF-8; mend or remove it\n` });
  });

  test.each(FORMS)('the other form than %s', async (form) => {
    const other = form === 'plugin' ? 'project' : 'plugin';
    await using project = await makeProject(BARE);
    await runLine(project.root, 'init', ...optionsOf(form));
    const { exitCode, stderr } = await runLine(project.root, 'init', ...optionsOf(other));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('already, and its hooks would run twice; run spark-gates uninstall first')]);
  });
});

test('where spark-gates itself is missing, that is said', async () => {
  await using project = await makeProject({ 'package.json': '{}\n' });
  expect((await runLine(project.root, 'init')).stdout).toContain('\nspark-gates is not installed in this project: run npm install --save-dev spark-gates; until then no gate runs, and each team that ends is told so\n');
});

describe('what to do next', () => {
  const nextOf = (stdout: string): string | undefined => stdout.split('\n').find((line) => line.startsWith('Next: '));
  const next = (commit: string, where: string) => `Next: check it with spark-gates doctor,${commit} and start the client anew ${where}: it reads hooks when a session begins, and only there.`;

  test('outside git there is nothing to commit', async () => {
    await using project = await makeProject(BARE);
    expect(nextOf((await runLine(project.root, 'init')).stdout)).toBe(next('', 'in this folder'));
  });

  test('the folder in which the client reads hooks is named where it is another', async () => {
    await using project = await makeProject({ ...BARE, 'docs/a.md': '' }, { git: true });
    expect(nextOf((await runLine(path.join(project.root, 'docs'), 'init')).stdout)).toBe(next(' commit these files,', `in ${project.root}`));
  });

  test('files that git ignores cannot be committed, and that is said', async () => {
    await using project = await makeProject(BARE, { git: true });
    await project.write({ '.gitignore': 'node_modules/\n.claude/*\n!.claude/settings.json\n' });
    const { stdout } = await runLine(project.root, 'init', '--teams', '1');
    expect(stdout).toContain('\ngit ignores .claude/spark-gates/launch and 7 more of these files, so that clones and other worktrees do not get them: take the line out that git check-ignore -v .claude/spark-gates/launch names\n');
    expect(nextOf(stdout)).toBe(next('', 'in this folder'));
  });
});

test('a settings file that is a link stays one, and keeps its permissions', async () => {
  await using project = await makeProject({ ...BARE, 'dotfiles/settings.json': '{}\n', '.claude/x': '' });
  const target = path.join(project.root, 'dotfiles/settings.json');
  await chmod(target, 0o600);
  await symlink(target, path.join(project.root, SETTINGS));
  await runLine(project.root, 'init');
  expect((await lstat(path.join(project.root, SETTINGS))).isSymbolicLink()).toBe(true);
  expect((await stat(target)).mode & 0o777).toBe(0o600);
  expect(await readFile(target, 'utf8')).toContain('SubagentStop');
  await runLine(project.root, 'uninstall');
  expect(await readFile(target, 'utf8')).toBe('{}\n');
});

test('with broken settings nothing is taken away: hooks would start what is gone', async () => {
  await using project = await makeProject({ 'package.json': '{}\n' });
  await runLine(project.root, 'init');
  await rename(path.join(project.root, SETTINGS), path.join(project.root, 'kept.json'));
  await project.write({ [SETTINGS]: '{ "hooks": ' });
  const before = await treeOf(project);
  expect(await runLine(project.root, 'uninstall')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('then run this again') as unknown });
  expect(await treeOf(project)).toEqual(before);
});

/** All of `less` is in `more`, in its order; what is more is what we put in. */
function expectOnlyMore(less: unknown, more: unknown, form: (typeof FORMS)[number]): void {
  if (Array.isArray(less) && Array.isArray(more)) expect(more.slice(0, less.length)).toEqual(less);
  else if (typeof less === 'object' && less !== null && typeof more === 'object' && more !== null) {
    expect(Object.keys(more).slice(0, Object.keys(less).length)).toEqual(Object.keys(less));
    for (const [key, value] of Object.entries(less)) expectOnlyMore(value, (more as Record<string, unknown>)[key], form);
  } else expect(more).toBe(less);
}

function isSubsequence(less: string, more: string): boolean {
  let at = 0;
  for (const character of less.replaceAll(/\s/g, '')) {
    at = more.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Lists and objects that were empty are not told from those that became so. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)]).filter(([, item]) => typeof item !== 'object' || item === null || Object.keys(item).length > 0));
}

function withoutFolders(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).filter(([, content]) => content !== 'folder'));
}
