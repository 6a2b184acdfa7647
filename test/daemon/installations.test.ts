import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeDaemonHome, until, untilGone } from '../rig/daemon.ts';
import { makeProject, REPOSITORY } from '../rig/project.ts';
import { expected, makeWaiting, startsOf, SYNTAX, timeless, WAITING } from './waiting.ts';

interface Installation extends AsyncDisposable {
  /** Its `cli.js`. */
  readonly program: string;
  remove(): Promise<void>;
}

const DEBUG = { SPARK_GATES_DEBUG: '1' };

/** Another one of the same build, with links to our packages but for one that has a version of its own. */
async function install(other?: string): Promise<Installation> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sg-installation-')));
  const ours = path.join(REPOSITORY, 'node_modules');
  const packages = path.join(folder, 'node_modules');
  await cp(path.join(REPOSITORY, 'dist'), path.join(folder, 'dist'), { recursive: true });
  await cp(path.join(REPOSITORY, 'package.json'), path.join(folder, 'package.json'));
  await mkdir(packages);
  for (const name of await readdir(ours)) if (name !== other) await symlink(path.join(ours, name), path.join(packages, name));
  if (other !== undefined) {
    await cp(path.join(ours, other), path.join(packages, other), { recursive: true, dereference: true });
    const manifest = path.join(packages, other, 'package.json');
    await writeFile(manifest, JSON.stringify({ ...JSON.parse(await readFile(manifest, 'utf8')) as object, version: '99.0.0' }));
  }
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { program: path.join(folder, 'dist', 'src', 'cli.js'), remove, [Symbol.asyncDispose]: remove };
}

test('installations that are alike share a daemon, and when the one that it was started from is removed another takes its place', async () => {
  await using home = await makeDaemonHome();
  await using one = await install();
  await using other = await install();
  await using project = await makeProject({ 'a.json': '{}' }, { git: true });
  const run = (program: string) => home.cli(['run', '--daemon', '--no-cache', ...SYNTAX], { cwd: project.root, environment: DEBUG, program });
  await run(one.program);
  await run(other.program);
  const { pid, requests } = await home.status();
  expect(requests).toBe(2);
  await one.remove();
  const { exitCode, stderr } = await run(other.program);
  expect({ exitCode, isBy: stderr.includes('run by the daemon') }).toEqual({ exitCode: 0, isBy: true });
  const now = await home.status();
  expect({ requests: now.requests, isSame: now.pid === pid }).toEqual({ requests: 1, isSame: false });
});

test('one whose packages have other versions has a daemon of its own', async () => {
  await using home = await makeDaemonHome();
  await using one = await install();
  await using other = await install('eslint-plugin-regexp');
  await using project = await makeProject({ 'a.json': '{}' }, { git: true });
  await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root, program: one.program });
  const { pid } = await home.status();
  expect((await home.cli(['daemon', 'status'], { cwd: project.root, program: other.program })).stdout).toBe('a daemon of another version runs; the next run by the daemon replaces it\n');
  const { exitCode, stderr } = await home.cli(['run', '--daemon', ...SYNTAX], { cwd: project.root, environment: DEBUG, program: other.program });
  expect({ exitCode, isBy: stderr.includes('run by the daemon') }).toEqual({ exitCode: 0, isBy: true });
  await untilGone(pid);
  expect((await home.cli(['daemon', 'status', '--json'], { cwd: project.root, program: other.program })).stdout).toContain('"requests": 1,');
  await home.cli(['daemon', 'stop'], { cwd: project.root, program: other.program });
});

test('a daemon whose installation is removed ends by itself', async () => {
  await using home = await makeDaemonHome();
  await using one = await install();
  await home.cli(['daemon', 'start'], { cwd: REPOSITORY, program: one.program });
  const { pid } = await home.status();
  await one.remove();
  await untilGone(pid);
});

test('what it answers counts for nothing when its installation was removed meanwhile', async () => {
  await using home = await makeDaemonHome();
  await using one = await install();
  await using project = await makeWaiting();
  await home.cli(['daemon', 'start'], { cwd: project.root, program: one.program });
  const running = home.cli(['run', '--daemon', ...WAITING], { cwd: project.root, environment: DEBUG });
  await until('the tool runs', async () => (await startsOf(project)).length === 1);
  await one.remove();
  const without = await expected(project, home);
  const { exitCode, stdout, stderr } = await running;
  expect({ exitCode, stdout: timeless(stdout) }).toEqual(without);
  expect(stderr).toContain('run without the daemon: what the daemon was started from is gone, or another version');
});
