import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { RunReport } from '../../src/model/report.ts';
import { runCli, runReport } from '../rig/cli.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { makeShop } from '../rig/shop.ts';

const QUICK = ['--gate', 'syntax_validation', 'documentation_check', 'integration_test'];

async function library(): Promise<Project> {
  return makeProject({ 'package.json': '{ "name": "library", "private": true }\n', 'README.md': '# Library\n\n[none](none.md)\n', 'src/a.js': 'export const a = 1;\n' }, { git: true });
}

const keeping = (project: Project, more: Readonly<Record<string, string>> = {}) => ({ cwd: project.root, environment: { XDG_CACHE_HOME: path.join(path.dirname(project.root), 'cache'), ...more } });

/** All but how long it took, and whether it was kept. */
function said(report: RunReport): unknown {
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (key === 'durationMs' || key === 'cached' || key === 'why' ? undefined : value)));
}

const cachedOf = (report: RunReport): (boolean | undefined)[] => [...new Set(report.checks.map((check) => check.cached))];
const whyOf = (report: RunReport): Record<string, string | undefined> => Object.fromEntries(report.checks.map((check) => [check.id, check.why]));

test('eight gates and four teams: run, kept and planned anew, shown again, and run without keeping say the same', async () => {
  await using shop = await makeShop();
  const first = await runReport([], keeping(shop));
  const planned = await runReport(['--why'], keeping(shop));
  const again = await runReport([], keeping(shop));
  const fresh = await runReport(['--no-cache'], keeping(shop));
  expect([cachedOf(first.report), cachedOf(planned.report), cachedOf(again.report), cachedOf(fresh.report)]).toEqual([[undefined], [true], [true], [undefined]]);
  expect([...new Set(Object.values(whyOf(planned.report)))]).toEqual(['kept']);
  for (const other of [planned, again, fresh]) {
    expect(said(other.report)).toEqual(said(first.report));
    expect([other.exitCode, other.stderr]).toEqual([first.exitCode, first.stderr]);
  }
  expect(first.report.ok).toBe(true);
  // The bytes of a check's and a verdict's durations are those of the run that took them.
  expect(again.report.checks.map((check) => check.durationMs)).toEqual(first.report.checks.map((check) => check.durationMs));
});

test('shown again, a run fails as it did, in every format; a change makes it run', async () => {
  await using project = await library();
  const first = await runCli(['run', ...QUICK], keeping(project));
  const again = await runCli(['run', ...QUICK], keeping(project));
  const timeless = (text: string): string => text.replaceAll(/\d+(?:\.\d+)? ?m?s\b/g, 'T').replaceAll(/ +/g, ' ').replace(', all kept from before', '');
  expect([again.exitCode, again.stderr]).toEqual([1, '']);
  expect(again.stdout).toContain('all kept from before');
  expect(timeless(again.stdout)).toBe(timeless(first.stdout));
  const lines = await runCli(['run', '--reporter', 'ndjson', ...QUICK], keeping(project));
  expect(JSON.parse(lines.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'run-finished', report: { ok: false } });
  await project.write({ 'none.md': '# None\n' });
  const mended = await runReport(QUICK, keeping(project));
  expect([mended.exitCode, mended.report.ok]).toEqual([0, true]);
  await project.remove('none.md');
  expect((await runReport(QUICK, keeping(project))).exitCode).toBe(1);
});

test('a configuration among what tools write is read again, whatever else is kept', async () => {
  await using project = await library();
  await project.write({ '.gitignore': 'tmp/\n', 'tmp/gates.json': '{ "gates": { "integration_test": { "command": "exit 0" } } }\n' });
  const words = ['run', '--config', 'tmp/gates.json', '--gate', 'integration_test'];
  expect((await runCli(words, keeping(project))).exitCode).toBe(0);
  await project.write({ 'tmp/gates.json': '{ "gates": { "integration_test": { "command": "exit 1" } } }\n' });
  expect((await runCli(words, keeping(project))).exitCode).toBe(1);
});

test('run --why and plan --why name what is different', async () => {
  await using project = await library();
  expect([...new Set(Object.values(whyOf((await runReport(['--why', ...QUICK], keeping(project))).report)))]).toEqual(['never run here']);
  await project.write({ 'src/a.js': 'export const a = 2;\n' });
  const plan = await runCli(['plan', '--why', ...QUICK], keeping(project));
  expect(plan.stdout.slice(plan.stdout.indexOf('Kept results')).trimEnd().split('\n')).toEqual([
    'Kept results',
    '  syntax_validation:parse:1: would run: src/a.js changed',
    '  rules:1: would run: src/a.js changed',
    '  documentation_check:markdown: would run: src/a.js changed',
    '  documentation_check:readme: would run: src/a.js changed',
    '  integration_test:imports: would run: src/a.js changed',
    '  integration_test:installed: kept',
  ]);
  expect(whyOf((await runReport(['--why', ...QUICK], keeping(project))).report)['syntax_validation:parse:1']).toBe('src/a.js changed');
});

test('where nothing can be kept, everything runs', async () => {
  await using project = await library();
  const closed = path.join(path.dirname(project.root), 'closed');
  await writeFile(closed, 'a file, and no folder');
  for (const environment of [{ XDG_CACHE_HOME: '', HOME: '' }, { XDG_CACHE_HOME: 'relative' }, { XDG_CACHE_HOME: closed }, { XDG_CACHE_HOME: closed }]) {
    const { report, exitCode, stderr } = await runReport(QUICK, { cwd: project.root, environment });
    expect([cachedOf(report), exitCode, stderr], JSON.stringify(environment)).toEqual([[undefined], 1, '']);
  }
  await project.write({ 'spark-gates.config.json': '{ "cache": false }' });
  for (const time of [1, 2]) expect(cachedOf((await runReport(QUICK, keeping(project))).report), String(time)).toEqual([undefined]);
});

test('a broken record of anything is as good as none', async () => {
  await using project = await library();
  await runReport(QUICK, keeping(project));
  const folder = path.join(path.dirname(project.root), 'cache/spark-gates');
  const { stdout } = await runCli(['cache', 'stats', '--json'], keeping(project));
  expect(JSON.parse(stdout)).toMatchObject({ folder, kinds: { results: { files: 6 }, runs: { files: 1 }, trees: { files: 3 } } });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, -1));
  }
  const report = (await runReport(QUICK, keeping(project))).report;
  expect([report.ok, cachedOf(report)]).toEqual([false, [undefined]]);
  expect(cachedOf((await runReport(QUICK, keeping(project))).report)).toEqual([true]);
});

test('cache clean removes all that is kept', async () => {
  await using project = await library();
  await runReport(QUICK, keeping(project));
  expect((await runCli(['cache', 'clean'], keeping(project))).exitCode).toBe(0);
  expect(JSON.parse((await runCli(['cache', 'stats', '--json'], keeping(project))).stdout)).toMatchObject({ bytes: 0 });
  expect(cachedOf((await runReport(QUICK, keeping(project))).report)).toEqual([undefined]);
});

test('a folder that may be read but not written shows what is in it', async () => {
  await using project = await library();
  await runReport(QUICK, keeping(project));
  const folder = path.join(path.dirname(project.root), 'cache');
  await mkdir(path.join(folder, 'spark-gates'), { recursive: true });
  await chmod(path.join(folder, 'spark-gates', 'results'), 0o500);
  try {
    expect(cachedOf((await runReport(QUICK, keeping(project))).report)).toEqual([true]);
    await project.write({ 'src/a.js': 'export const a = 3;\n' });
    expect((await runReport(QUICK, keeping(project))).exitCode).toBe(1);
  } finally {
    await chmod(path.join(folder, 'spark-gates', 'results'), 0o700);
    await rm(folder, { recursive: true });
  }
});
