import { availableParallelism } from 'node:os';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { endProcessTree, TREE_VARIABLE } from '../../src/system/process-tree.ts';
import { budgetRowsIn } from '../rig/budget-rows.ts';
import { eventOf, runCli, runReport } from '../rig/cli.ts';
import { SHARED } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';

const GATES = ['type_verification', 'lint_enforcement', 'performance_check', 'documentation_check'];
const FLAGS = GATES.flatMap((gate) => ['--gate', gate]);

/** Says which tree it is of, and hangs. */
const HANG = `node -e "console.error('tree ' + process.pid + ' ' + process.env.${TREE_VARIABLE}); setInterval(() => {}, 1000)"`;
const PAUSE = 'node -e "setTimeout(() => {}, 150)"';
/** Writes down beside the worktrees from when to when it was at work, by a clock that all processes have. */
const SPAN = `const from = Number(process.hrtime.bigint());
setTimeout(() => { require('node:fs').appendFileSync('../spans.ndjson', JSON.stringify({ from, to: Number(process.hrtime.bigint()) }) + '\\n'); }, 150);
`;

function configOf(command: string): string {
  return JSON.stringify({ gates: Object.fromEntries(GATES.map((gate) => [gate, { command }])) });
}

function cacheOf(project: Project): string {
  return path.join(path.dirname(project.root), 'cache');
}

function environmentOf(project: Project): Record<string, string | undefined> {
  return { ...SHARED, XDG_CACHE_HOME: cacheOf(project) };
}

test('a run that is killed takes nothing with it: the next one has the whole machine', async () => {
  await using project = await makeProject({ 'a.js': 'export const a = 1;\n', 'spark-gates.config.json': configOf(HANG) });
  const environment = environmentOf(project);
  const cores = Math.min(availableParallelism(), GATES.length);
  let started = 0;
  const killed = await runCli(['run', '--reporter', 'ndjson', ...FLAGS], {
    cwd: project.root,
    environment,
    onLine: (line, child) => { if (eventOf(line).type === 'check-started' && ++started === cores) child.kill('SIGKILL'); },
  });
  expect(killed.exitCode).toBe(null);
  expect((await budgetRowsIn(cacheOf(project))).filter((row) => row.state === 'held').length).toBe(cores);
  await endHanging(project);

  await project.write({ 'spark-gates.config.json': configOf(PAUSE) });
  const { report, exitCode } = await runReport(FLAGS, { cwd: project.root, environment });
  expect([exitCode, report.notes]).toEqual([0, []]);
  expect(await budgetRowsIn(cacheOf(project))).toEqual([]);
});

/** What the killed run could not end itself. */
async function endHanging(project: Project): Promise<void> {
  for (const name of (await readdir('/proc').catch(() => [])).filter((entry) => /^\d+$/.test(entry))) {
    const environment = (await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '')).split('\0');
    const marker = environment.find((word) => word.startsWith(`${TREE_VARIABLE}=`))?.slice(TREE_VARIABLE.length + 1);
    if (marker === undefined || !environment.includes(`XDG_CACHE_HOME=${environmentOf(project).XDG_CACHE_HOME ?? ''}`)) continue;
    await endProcessTree({ pid: Number(name), marker }, 1_000);
  }
}

test('runs in two worktrees at once never have more checks under way than there are cores, and doctor says who has what', async () => {
  await using project = await makeProject({ 'span.cjs': SPAN, 'spark-gates.config.json': configOf('node span.cjs') }, { git: true });
  await project.git('worktree', 'add', '--quiet', '../other');
  const environment = environmentOf(project);
  let doctor: Promise<{ readonly stdout: string }> | null = null;
  const run = async (cwd: string) => runCli(['run', '--reporter', 'ndjson', ...FLAGS], {
    cwd,
    environment,
    onLine: (line) => {
      if (eventOf(line).type === 'check-started') doctor ??= runCli(['doctor'], { cwd: project.root, environment });
    },
  });
  const results = await Promise.all([run(project.root), run(path.join(project.root, '../other'))]);
  expect(results.map((result) => result.exitCode)).toEqual([0, 0]);
  const spans = (await readFile(path.join(project.root, '../spans.ndjson'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { from: number; to: number });
  expect(spans.length).toBe(2 * GATES.length);
  const most = Math.max(...spans.map(({ from }) => spans.filter((other) => other.from <= from && from < other.to).length));
  expect(most).toBeLessThanOrEqual(availableParallelism());
  expect((await (doctor as Promise<{ readonly stdout: string }> | null))?.stdout).toMatch(/^ {2}budget +\d+ cores? and \d+ MB for all runs; (?:nobody holds any|process \d+ (?:has \d+ cores? and \d+ MB|waits) since \d+ s for )/m);
  expect(await budgetRowsIn(cacheOf(project))).toEqual([]);
});
