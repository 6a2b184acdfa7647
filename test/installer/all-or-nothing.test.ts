import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemDisk } from '../../src/system/disk.ts';
import { runLine, runLineWith } from '../commands/run-program.ts';
import { faultyDisk, type DiskStep } from '../rig/faulty-disk.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { treeOf } from './tree-of.ts';

const SETTINGS = '.claude/settings.json';
const FILES = { 'package.json': '{}\n', 'node_modules/spark-gates/package.json': '{}\n' };

/** Runs a command line on a disk that fails at the steps which are chosen; the steps that there were. */
async function runOn(project: Project, fails: (step: DiskStep) => boolean, ...args: string[]): Promise<Awaited<ReturnType<typeof runLine>> & { readonly steps: number }> {
  let steps = 0;
  const disk = faultyDisk(systemDisk, (step) => {
    steps = step.number;
    return fails(step) ? { kind: 'error', code: 'ENOSPC' } : null;
  });
  return { ...(await runLineWith({ disk }, project.root, ...args)), steps };
}

describe.each([['with settings', { [SETTINGS]: '{ "model": "opus" }\n' }], ['without anything', {}]])('a disk that is full at any step leaves what was there, %s', (_, more) => {
  test.each([[['init', '--teams', '1']], [['init', '--plugin']]])('%j, and uninstall after it', async (init) => {
    await using project = await makeProject({ ...FILES, ...more });
    const before = await treeOf(project);
    const sentence = new RegExp(`^spark-gates: ${project.root}/\\.claude/\\S+ cannot be used \\(ENOSPC: made to fail\\): make room on the disk; nothing has changed\n$`);
    const failed = { exitCode: 2, stdout: '', stderr: expect.stringMatching(sentence) as unknown };
    const failAtEach = async (unchanged: Record<string, string>, ...args: string[]): Promise<number> => {
      for (let number = 1; ; number += 1) {
        const { steps, ...ran } = await runOn(project, (step) => step.number === number, ...args);
        if (steps < number) return steps;
        expect(ran).toEqual(failed);
        expect(await treeOf(project)).toEqual(unchanged);
      }
    };
    // At least two files, each by six steps.
    expect(await failAtEach(before, ...init)).toBeGreaterThanOrEqual(12);
    expect(await failAtEach(await treeOf(project), 'uninstall')).toBeGreaterThanOrEqual(2);
    expect(await treeOf(project)).toEqual(before);
  });
});

test('what cannot be taken back either is named', async () => {
  await using project = await makeProject(FILES);
  const { exitCode, stderr } = await runOn(project, ({ name, file }) => name === 'rename' && file.endsWith('team1_quality.md') || name === 'remove' && file.endsWith('launch'), 'init');
  const launcher = path.join(project.root, '.claude/spark-gates/launch');
  expect([exitCode, stderr]).toEqual([2, `spark-gates: ${project.root}/.claude/agents/team1_quality.md cannot be used (ENOSPC: made to fail): make room on the disk; what it had done to ${launcher} could not be taken back: do that by hand\n`]);
  expect(Object.keys(await treeOf(project)).filter((file) => file.startsWith('.claude'))).toEqual(['.claude', '.claude/spark-gates', '.claude/spark-gates/launch']);
});

test('the same with --json, by its reason', async () => {
  await using project = await makeProject(FILES);
  const { exitCode, stdout } = await runOn(project, ({ name }) => name === 'create', 'init', '--json');
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([2, { ok: false, refusal: { reason: 'disk' } }]);
});

test('what somebody else writes meanwhile is theirs, and the rest is taken back', async () => {
  await using project = await makeProject({ ...FILES, [SETTINGS]: '{}\n' });
  const before = await treeOf(project);
  const disk = faultyDisk(systemDisk, () => null);
  const { exitCode, stderr } = await runLineWith({ disk: { ...disk, rename: async (from, to) => {
    await disk.rename(from, to);
    if (to.endsWith('installed.json')) await project.write({ [SETTINGS]: '{ "model": "opus" }\n' });
  } } }, project.root, 'init');
  expect([exitCode, stderr]).toEqual([2, `spark-gates: ${SETTINGS} was changed by somebody else in between: run it again; nothing has changed\n`]);
  expect(await treeOf(project)).toEqual({ ...before, [SETTINGS]: Buffer.from('{ "model": "opus" }\n').toString('hex') });
});

test('of several at once each sets up all of it, or nothing', async () => {
  await using project = await makeProject({ ...FILES, [SETTINGS]: '{}\n' });
  const before = await treeOf(project);
  const ran = await Promise.all([1, 2, 3, 4].map(() => runLine(project.root, 'init')));
  expect(ran.filter(({ exitCode }) => exitCode !== 0).map(({ stderr }) => stderr.replace(/^.* was changed/, ''))).toEqual(ran.filter(({ exitCode }) => exitCode !== 0).map(() => ' by somebody else in between: run it again; nothing has changed\n'));
  expect((await runLine(project.root, 'init')).stdout).toBe('Everything is set up already; nothing changed.\n');
  await runLine(project.root, 'uninstall');
  expect(await treeOf(project)).toEqual(before);
});

// Nothing is forbidden to root.
describe.skipIf(process.getuid?.() === 0)('a folder that may not be written into is named before anything is written', () => {
  test.each([['.claude', '.claude/x'], ['.claude/agents', '.claude/agents/x'], ['.', 'x']])('%s', async (folder, file) => {
    await using project = await makeProject({ ...FILES, [file]: '' });
    const before = await treeOf(project);
    const closed = path.join(project.root, folder);
    await chmod(closed, 0o555);
    const refused = { exitCode: 2, stdout: '', stderr: `spark-gates: ${closed} cannot be written to (EACCES): make the folder writable; nothing has changed\n` };
    expect([await runLine(project.root, 'init'), await runLine(project.root, 'init', '--dry-run'), await treeOf(project)]).toEqual([refused, refused, before]);
    await chmod(closed, 0o755);
  });
});
