import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { compare } from '../../gates/performance-check/compare.ts';
import { readFigures } from '../../gates/performance-check/benchmark-figures.ts';
import { runGate } from '../rig/gate.ts';
import { makeProject, type Project } from '../rig/project.ts';
import type { CheckOutcome } from '../../src/model/check.ts';
import type { UserConfig } from '../../src/model/config.ts';

type Benchmarks = NonNullable<NonNullable<NonNullable<UserConfig['gates']>['performance_check']>['benchmarks']>;

async function planAndRun(project: Project, benchmarks: Benchmarks, signal?: AbortSignal) {
  const run = await runGate(project, 'performance_check', { config: { gates: { performance_check: { hazards: 'off', benchmarks } } }, ...(signal === undefined ? {} : { signal }) });
  return { outcome: run.outcomes[0]?.outcome, checks: run.outcomes.length, notes: run.plan.cells.flatMap((cell) => cell.notes) };
}

async function outcomeOf(project: Project, benchmarks: Benchmarks, signal?: AbortSignal): Promise<CheckOutcome> {
  const { outcome, checks } = await planAndRun(project, benchmarks, signal);
  if (outcome === undefined || checks !== 1) throw new Error(`${String(checks)} checks instead of one`);
  return outcome;
}

/** The number in a file of the project, as soon as somebody has written one. */
async function written(project: Project, file: string): Promise<number> {
  const target = path.join(project.root, file);
  for (const endMs = Date.now() + 60_000; Date.now() < endMs;) {
    const text = existsSync(target) ? await readFile(target, 'utf8') : '';
    if (text !== '') return Number(text);
    await sleep(20);
  }
  throw new Error(`nobody has written ${file}`);
}

const workOf = (turns: number): string => `export function work() {\n  let sum = 0;\n  for (let i = 0; i < ${String(turns)}; i += 1) sum += Math.sqrt(i);\n  return sum;\n}\n`;
const QUICK = workOf(400_000);
const SLOW = workOf(1_200_000);

// A benchmark script as a project may have it: no library, one line of figures at the end. Processor time, which other processes hardly change.
const SCRIPT = [
  "import { work } from './work.mjs';",
  'const times = [];',
  'for (let i = 0; i < 15; i += 1) { const start = process.cpuUsage(); work(); const spent = process.cpuUsage(start); times.push((spent.user + spent.system) / 1000); }',
  'times.sort((a, b) => a - b);',
  "console.log('measured');",
  "console.log(JSON.stringify({ version: 1, benchmarks: [{ name: 'work', medianMs: times[7] }] }));",
  '',
].join('\n');
const COMMAND: Benchmarks = { command: 'node bench.mjs', maxSlowdown: 2 };
const SCRIPTED = { 'package.json': '{"type":"module"}\n', 'bench.mjs': SCRIPT, 'work.mjs': QUICK };

describe('a command against the base commit', () => {
  test('the same tree passes, one three times slower fails with both medians', async () => {
    await using project = await makeProject(SCRIPTED, { git: true });
    const same = await outcomeOf(project, { ...COMMAND, baseline: 'base' });
    expect(same).toMatchObject({ status: 'done', findings: [], inspected: { files: ['.gitignore', 'bench.mjs', 'package.json', 'work.mjs'] } });

    await project.write({ 'work.mjs': SLOW });
    const slow = await outcomeOf(project, { ...COMMAND, baseline: 'base' });
    if (slow.status !== 'done') throw new Error(JSON.stringify(slow));
    expect(slow.findings.map(({ rule, file, severity }) => [rule, file, severity])).toEqual([['benchmark', null, 'error']]);
    expect(slow.findings[0]?.message).toMatch(/^work: [\d.]+ ms, the baseline [\d.]+ ms: \d+\.\d\d times as long \(limit 2, noise ±\d+ %\)$/);
  });

  test('neither the index nor the list of worktrees is touched', async () => {
    await using project = await makeProject(SCRIPTED, { git: true });
    await project.write({ 'work.mjs': workOf(1), 'staged.mjs': '' });
    await project.git('add', 'staged.mjs');
    const before = [await project.git('status', '--porcelain'), await project.git('worktree', 'list')];
    await outcomeOf(project, { ...COMMAND, baseline: 'base' });
    expect([await project.git('status', '--porcelain'), await project.git('worktree', 'list')]).toEqual(before);
  });

  test('what the repository keeps from releases is measured, and packages of the workspace are those of the base', async () => {
    const files = {
      'package.json': '{"type":"module","workspaces":["packages/*"]}\n',
      '.gitattributes': 'bench.mjs export-ignore\n',
      'bench.mjs': SCRIPT.replace('./work.mjs', '@shop/work'),
      'packages/work/package.json': '{"name":"@shop/work","type":"module","exports":"./work.mjs"}\n',
      'packages/work/work.mjs': QUICK,
    };
    await using project = await makeProject(files, { git: true });
    await mkdir(path.join(project.root, 'node_modules/@shop'), { recursive: true });
    await symlink('../../packages/work', `${project.root}/node_modules/@shop/work`, 'dir');
    await project.write({ 'packages/work/work.mjs': SLOW });
    expect(await outcomeOf(project, { ...COMMAND, baseline: 'base' })).toMatchObject({ status: 'done', findings: [{ rule: 'benchmark' }] });
  });

  test('a command that breaks, prints no figures, or fails on the base only', async () => {
    await using project = await makeProject({ ...SCRIPTED, 'broken.mjs': "console.error('no luck'); process.exit(3);\n" }, { git: true });
    expect(await outcomeOf(project, { command: 'node broken.mjs', baseline: 'base' })).toMatchObject({ status: 'error', failure: { reason: 'engine-crashed', engine: 'node broken.mjs', detail: expect.stringMatching(/^on the base commit [0-9a-f]{9}: exit code 3\nno luck$/) as string } });
    expect(await outcomeOf(project, { command: 'echo done', baseline: 'base' })).toMatchObject({ status: 'error', failure: { detail: expect.stringContaining('found "done"') as string } });
    await project.write({ 'new.mjs': SCRIPT });
    expect(await outcomeOf(project, { command: 'node new.mjs', baseline: 'base' })).toMatchObject({ status: 'error', failure: { detail: expect.stringMatching(/^on the base commit [0-9a-f]{9}: exit code 1\n/) as string } });
  });

  test('cancelled or out of time in the middle of a round: an error of that reason, and no process is left', async () => {
    for (const reason of [{ reason: 'cancelled', by: 'user' }, { reason: 'time-limit', limitMs: 100 }] as const) {
      await using project = await makeProject({ ...SCRIPTED, 'hang.mjs': "import { writeFileSync } from 'node:fs';\nwriteFileSync('started', String(process.pid));\nsetInterval(() => {}, 1000);\n" }, { git: true });
      const controller = new AbortController();
      const running = outcomeOf(project, { command: `cd ${JSON.stringify(project.root)} && node hang.mjs`, baseline: 'base' }, controller.signal);
      const pid = await written(project, 'started');
      controller.abort(reason);
      expect(await running).toEqual({ status: 'error', failure: reason, findings: [] });
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    }
  });

  test('without a commit there is nothing to compare with', async () => {
    await using bare = await makeProject(SCRIPTED);
    expect((await planAndRun(bare, { ...COMMAND, baseline: 'base' })).notes).toEqual([{ status: 'error', reason: 'benchmarks.baseline is "base", but there is no commit to compare with: commit first, or name a file of stored figures' }]);
  });
});

describe('stored figures', () => {
  test('slower than stored fails; names on one side only are told; a missing file says how it is made', async () => {
    await using project = await makeProject({ ...SCRIPTED, 'quick.json': '{"version":1,"benchmarks":[{"name":"work","medianMs":0.0001},{"name":"gone","medianMs":1}]}\n', 'other.json': '{"benchmarks":[{"name":"other","medianMs":1}]}\n', 'bad.json': '{"benchmarks":[{"name":"a","medianMs":0}]}\n' });
    expect(await outcomeOf(project, { ...COMMAND, baseline: './quick.json' })).toMatchObject({
      status: 'done', findings: [{ rule: 'benchmark', file: null }], notes: ['1 of 1 benchmarks compared with the baseline in 5 rounds', 'in the baseline, but not measured: gone'],
    });
    expect(await outcomeOf(project, { ...COMMAND, baseline: 'other.json' })).toMatchObject({
      status: 'done', findings: [], notes: ['0 of 1 benchmarks compared with the baseline in 3 rounds', 'not in the baseline: work', 'in the baseline, but not measured: other'],
    });
    expect(await outcomeOf(project, { ...COMMAND, baseline: 'none.json' })).toEqual({
      status: 'error', failure: { reason: 'project-config', file: 'none.json', detail: 'the baseline of the benchmarks does not exist: save the last line that node bench.mjs prints there' },
    });
    expect(await outcomeOf(project, { ...COMMAND, baseline: 'bad.json' })).toMatchObject({ status: 'error', failure: { reason: 'project-config', file: 'bad.json' } });
  });
});

const BENCH = "import { bench, describe } from 'vitest';\nimport { work } from '../src/work.mjs';\ndescribe('sums', () => { bench('work', () => { work(); }, { time: 80, warmupTime: 10 }); });\n";
const VITEST = { 'package.json': '{"type":"module"}\n', 'src/work.mjs': QUICK, 'bench/a b.bench.ts': BENCH };

describe('Vitest benchmarks', () => {
  test('three times slower than the base fails at its file', async () => {
    await using project = await makeProject(VITEST, { git: true, packages: { vitest: 'vitest' } });
    await project.write({ 'src/work.mjs': SLOW });
    const outcome = await outcomeOf(project, { baseline: 'base', maxSlowdown: 2 });
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
    expect(outcome.findings.map(({ rule, file }) => [rule, file])).toEqual([['benchmark', 'bench/a b.bench.ts']]);
    expect(outcome.findings[0]?.message).toMatch(/^bench\/a b\.bench\.ts > sums > work: /);
    expect(outcome.inspected).toEqual({ files: ['bench/a b.bench.ts'] });
  }, 60_000);

  test('a benchmark that throws is an error; a baseline that is not there says how it is made', async () => {
    await using project = await makeProject({ ...VITEST, 'src/work.mjs': "export function work() { throw new Error('no luck'); }\n", 'figures.json': '{"benchmarks":[]}\n' }, { git: true, packages: { vitest: 'vitest' } });
    expect(await outcomeOf(project, { baseline: 'figures.json' })).toEqual({
      status: 'error', failure: { reason: 'engine-crashed', engine: 'vitest bench', detail: 'on this tree: bench/a b.bench.ts > sums > work gave no figures: it threw, or is too quick to be timed' },
    });
    expect(await outcomeOf(project, { baseline: 'none.json' })).toEqual({
      status: 'error', failure: { reason: 'project-config', file: 'none.json', detail: 'the baseline of the benchmarks does not exist: make it with npx vitest bench --run --outputJson none.json' },
    });
  }, 60_000);

  test('without a baseline nothing is measured, and it says so; without Vitest or files a baseline is an error', async () => {
    await using project = await makeProject(VITEST, { packages: { vitest: 'vitest' } });
    expect((await planAndRun(project, {})).notes).toEqual([{ status: 'skipped', reason: '1 benchmark file is not measured: set performance_check.benchmarks.baseline to "base" or to a file of stored figures' }]);
    await using bare = await makeProject(VITEST);
    expect((await planAndRun(bare, { baseline: 'figures.json' })).notes).toEqual([{ status: 'error', reason: 'bench/a b.bench.ts needs Vitest, which is not installed: run npm install --save-dev vitest' }]);
    await using none = await makeProject({ 'a.js': '' });
    expect((await planAndRun(none, { baseline: 'figures.json' })).notes).toEqual([{ status: 'error', reason: 'benchmarks.baseline is configured, but there is no *.bench.* file and no benchmarks.command' }]);
  });
});

describe('figures', () => {
  test('Vitest reports and plain figures are told apart; two of one name are refused', () => {
    const report = { files: [{ filepath: '/r/b/a.bench.ts', groups: [{ fullName: 'b/a.bench.ts > g', benchmarks: [{ name: 'n', median: 2 }] }] }] };
    expect(readFigures(JSON.stringify(report), '/r')).toEqual({ ok: true, figures: [{ name: 'b/a.bench.ts > g > n', medianMs: 2, file: 'b/a.bench.ts' }] });
    expect(readFigures('{"benchmarks":[{"name":"a","medianMs":1},{"name":"a","medianMs":2}]}', '/r')).toEqual({ ok: false, problem: 'two benchmarks are named "a": give each its own name' });
  });

  test('above the limit within the noise is undecided; one bad round of five hides nothing', () => {
    const verdict = (measured: number[], baseline: number[]): string => compare('n', { measured, baseline, maxSlowdown: 1.25 }).verdict;
    expect(verdict([1, 1, 1.2], [1, 1, 1])).toBe('holds');
    expect(verdict([3, 3.1, 3], [1, 1, 1.1])).toBe('slower');
    expect(verdict([1.4, 1.5, 1], [1, 1, 1])).toBe('undecided');
    expect(verdict([3, 6, 5], [1, 2, 1.5])).toBe('slower');
    expect(verdict([3, 3, 3, 3, 30], [1, 1, 1, 1, 1])).toBe('slower');
    expect(compare('n', { measured: [3, 3, 3], baseline: [1, 2, 1], maxSlowdown: 1.25 })).toEqual({ name: 'n', medianMs: 3, baselineMs: 1, ratio: 3, noise: 1, verdict: 'slower', isClear: true });
  });

  test('a verdict is clear where the noise does not reach the limit', () => {
    const isClear = (measured: number[], baseline: number[]): boolean => compare('n', { measured, baseline, maxSlowdown: 1.25 }).isClear;
    expect(isClear([1, 1, 1.2], [1, 1, 1])).toBe(true);
    expect(isClear([1.2, 1.1, 1.3], [1, 1, 1])).toBe(false);
    expect(isClear([1.3, 1.3, 1.4], [1, 1, 1.1])).toBe(false);
    expect(isClear([1.4, 1.5, 1], [1, 1, 1])).toBe(false);
    expect(isClear([3, 3.1, 3], [1, 1, 1.1])).toBe(true);
  });

  test('what is not clear may come out otherwise', async () => {
    const script = "import { appendFileSync, readFileSync } from 'node:fs';\nappendFileSync('rounds', 'x');\nconst round = readFileSync('rounds', 'utf8').length;\nconsole.log(JSON.stringify({ benchmarks: [{ name: 'a', medianMs: round % 2 === 0 ? 0.9 : 3 }, { name: 'b', medianMs: 1 }] }));\n";
    await using project = await makeProject({ 'package.json': '{"type":"module"}\n', 'bench.mjs': script, 'figures.json': '{"benchmarks":[{"name":"a","medianMs":1},{"name":"b","medianMs":1}]}\n' });
    expect(await outcomeOf(project, { command: 'node bench.mjs', baseline: 'figures.json' })).toMatchObject({ status: 'done', findings: [], validity: { kind: 'unrepeatable', reason: 'within the noise of the limit: a' } });
  });
});
