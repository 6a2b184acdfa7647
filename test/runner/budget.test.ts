import path from 'node:path';
import { expect, test } from 'vitest';
import { readdir } from 'node:fs/promises';
import type { UserConfig } from '../../src/model/config.ts';
import type { RunEvent } from '../../src/model/event.ts';
import { budgetRowsIn } from '../rig/budget-rows.ts';
import { statusesOf } from '../rig/cli.ts';
import { SHARED } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { runHere } from '../rig/run.ts';

const GIBIBYTE = 1024 ** 3;
const PAUSE = 'node -e "setTimeout(() => {}, 50)"';
const THREE: UserConfig['gates'] = { type_verification: { command: PAUSE }, lint_enforcement: { command: PAUSE }, documentation_check: { command: PAUSE } };
const THREE_GATES = ['type_verification', 'lint_enforcement', 'documentation_check'] as const;

function oneFile(more: Record<string, string> = {}): Promise<Project> {
  return makeProject({ 'a.js': 'export const a = 1;\n', ...more });
}

function cacheOf(project: Project): string {
  return path.join(path.dirname(project.root), 'cache');
}

test('two runs at once on a machine with one core run one check at a time, between them', async () => {
  await using one = await oneFile();
  await using other = await oneFile();
  const environment = { ...SHARED, XDG_CACHE_HOME: cacheOf(one) };
  let atWork = 0;
  let most = 0;
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'check-started') most = Math.max(most, ++atWork);
    if (event.type === 'check-finished') atWork -= 1;
  };
  const start = (project: Project) => runHere(project, { gates: THREE_GATES, config: { gates: THREE }, environment, machine: { cores: 1, memoryBytes: 8 * GIBIBYTE }, onEvent });
  const reports = await Promise.all([start(one), start(other)]);
  expect(reports.map((report) => [report.ok, report.notes])).toEqual([[true, []], [true, []]]);
  expect(most).toBe(1);
  expect(await budgetRowsIn(environment.XDG_CACHE_HOME)).toEqual([]);
});

test('a check that waits long for what another run has says so, once, and then runs', async () => {
  await using one = await oneFile();
  await using other = await oneFile();
  const environment = { ...SHARED, XDG_CACHE_HOME: cacheOf(one) };
  const told: string[] = [];
  const start = (project: Project, command: string, onEvent: (event: RunEvent) => void) => runHere(project, {
    gates: ['lint_enforcement'], config: { gates: { lint_enforcement: { command } } }, environment, machine: { cores: 1, memoryBytes: 8 * GIBIBYTE }, onEvent,
  });
  const later: ReturnType<typeof start>[] = [];
  const first = await start(one, 'node -e "setTimeout(() => {}, 4000)"', (event) => {
    if (event.type === 'check-waiting') told.push('the first');
    if (event.type === 'check-started') later.push(start(other, PAUSE, ({ type }) => { if (type.startsWith('check-')) told.push(type); }));
  });
  const [second] = await Promise.all(later);
  expect([first.ok, second?.ok]).toEqual([true, true]);
  expect(told).toEqual(['check-waiting', 'check-started', 'check-finished']);
});

/** A command that says as a finding how many cores it was granted. */
const SAY_CORES = `node -e "console.log('a.js:1:1: warning cores ' + process.env.SPARK_GATES_CORES); process.exit(1)"`;

test.each([
  { jobs: undefined, cores: 3, said: 'cores 3' },
  { jobs: 2, cores: 3, said: 'cores 2' },
  { jobs: 1, cores: 3, said: 'cores 1' },
])('a tool may use what is free of $cores cores, with --jobs $jobs: $said', async ({ jobs, cores, said }) => {
  await using project = await oneFile();
  const report = await runHere(project, {
    gates: ['lint_enforcement'],
    config: { gates: { lint_enforcement: { command: SAY_CORES } } },
    environment: { ...SHARED, XDG_CACHE_HOME: cacheOf(project) },
    machine: { cores, memoryBytes: 8 * GIBIBYTE },
    ...(jobs === undefined ? {} : { jobs }),
  });
  expect(report.teams.workspace?.gates.lint_enforcement?.findings.map((finding) => finding.message)).toContain(said);
});

test('a run inside of a check uses the cores of the check, and does not wait for the machine', async () => {
  await using project = await oneFile();
  const report = await runHere(project, {
    gates: ['lint_enforcement'],
    config: { gates: { lint_enforcement: { command: SAY_CORES } } },
    environment: { XDG_CACHE_HOME: cacheOf(project), SPARK_GATES_CORES: '2' },
    machine: { cores: 4, memoryBytes: 8 * GIBIBYTE },
  });
  expect(report.teams.workspace?.gates.lint_enforcement?.findings.map((finding) => finding.message)).toContain('cores 2');
  expect(await readdir(path.join(cacheOf(project), 'spark-gates'))).toEqual(['durations']);
});

test('without a folder to share in, the report says so and nothing else is different', async () => {
  await using project = await oneFile({ 'cache/spark-gates': 'a file where the folder should be\n' });
  const report = await runHere(project, { gates: THREE_GATES, config: { gates: THREE }, environment: { ...SHARED, XDG_CACHE_HOME: path.join(project.root, 'cache') } });
  expect(report.ok).toBe(true);
  expect(report.notes).toEqual([expect.stringMatching(/^cores and memory were not shared with other runs on this machine: E[A-Z]+: /)]);
});

/** Two lanes, so that each has half of the memory that one of them gets when it runs alone. */
const HALF = { gates: ['syntax_validation', 'lint_enforcement'] as const, machine: { cores: 2, memoryBytes: 0.9 * GIBIBYTE } };

test('a check that runs out of memory beside others is run again alone, and then its outcome counts', async () => {
  await using project = await makeProject({
    'a.js': 'export const a = 1;\n',
    'eslint.config.js': 'const all = [];\nfor (let i = 0; i < 800; i += 1) all.push(new Array(64 * 1024).fill(0.5 + i));\nexport default [{ rules: { "no-var": "error" } }];\nglobalThis.kept = all;\n',
  }, { packages: { eslint: 'eslint' } });
  const started: string[] = [];
  const report = await runHere(project, { ...HALF, onEvent: (event) => { if (event.type === 'check-started') started.push(event.check); } });
  expect(report.notes.filter((note) => note.includes('memory'))).toEqual(['lint by eslint.config.js: ran out of memory beside others, and was run again alone']);
  expect(statusesOf(report, 'workspace')).toEqual({ syntax_validation: 'passed', lint_enforcement: 'passed' });
  // For whoever watches, it is one check that takes long.
  expect(started.filter((check) => check.startsWith('lint')).length).toBe(1);
});

test('one that needs more than there is even alone is an error of its own, and costs the others nothing', async () => {
  await using project = await makeProject({
    'a.js': 'export const a = 1;\n',
    'eslint.config.js': 'const all = [];\nfor (;;) all.push(new Array(64 * 1024).fill(0.5 + all.length));\nexport default [];\n',
  }, { packages: { eslint: 'eslint' } });
  const report = await runHere(project, HALF);
  expect(statusesOf(report, 'workspace')).toEqual({ syntax_validation: 'passed', lint_enforcement: 'error' });
  expect(report.teams.workspace?.gates.lint_enforcement?.reason).toBe(`it needed more than its ${String(Math.floor(0.75 * 0.9 * 1024 / 2) * 2)} MB of memory, even alone; look for what grows without end in the code, the configuration and the plugins`);
});

const GROW = 'const all = [];\nfor (let i = 0; i < 400; i += 1) all.push(new Array(64 * 1024).fill(0.5 + i));\n';

test('so is one whose tool runs out of it', async () => {
  await using project = await oneFile({ 'grow.cjs': GROW });
  const report = await runHere(project, {
    gates: ['lint_enforcement'],
    config: { gates: { lint_enforcement: { command: 'node grow.cjs' } } },
    environment: { NODE_OPTIONS: '--max-old-space-size=60' },
  });
  expect(report.notes).toEqual(['node grow.cjs: ran out of memory beside others, and was run again alone']);
  expect(statusesOf(report, 'workspace')).toEqual({ lint_enforcement: 'passed' });
});

test.each([
  ['node --max-old-space-size=60 grow.cjs', 'node --max-old-space-size=60 grow.cjs ran out of memory'],
  ['kill -9 $$', 'kill -9 $$ could not run: killed by SIGKILL, as the system does when memory runs out'],
])('one that runs out of it even alone is an error: %s', async (command, seen) => {
  await using project = await oneFile({ 'grow.cjs': GROW });
  const report = await runHere(project, { gates: ['lint_enforcement'], config: { gates: { lint_enforcement: { command } } } });
  expect(report.teams.workspace?.gates.lint_enforcement).toMatchObject({
    status: 'error',
    reason: `${seen}, even alone; look for what grows without end in the code, the configuration and the plugins`,
  });
});

test.runIf(process.platform === 'linux')('what a check was seen to use is what it asks for in the next run', async () => {
  await using project = await oneFile({ 'fill.cjs': 'const filled = Buffer.alloc(150 * 1024 * 1024, 1);\nsetTimeout(() => { console.log(filled.length); }, 4_000);\n' });
  const environment = { ...SHARED, XDG_CACHE_HOME: cacheOf(project) };
  const config = { gates: { lint_enforcement: { command: 'node fill.cjs' } } };
  const asked: number[] = [];
  for (let runs = 0; runs < 2; runs += 1) {
    const rows: Promise<unknown>[] = [];
    await runHere(project, { gates: ['lint_enforcement'], config, environment, onEvent: (event) => { if (event.type === 'check-started') rows.push(budgetRowsIn(environment.XDG_CACHE_HOME).then((found) => asked.push(...found.map((row) => row.megabytes)))); } });
    await Promise.all(rows);
  }
  expect(asked.length).toBe(2);
  // Three files and no memory of it: the guess; then what was seen, with the thread that started it.
  expect(asked[0]).toBe(256 + 3);
  expect(asked[1]).toBeGreaterThan(150);
  expect(asked[1]).toBeLessThan(256);
});
