import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { CheckOutcome } from '../../src/model/check.ts';
import type { Failure } from '../../src/model/failure.ts';
import { runGate, type GateRun } from '../rig/gate.ts';
import { makeProject, type Project } from '../rig/project.ts';

const VITEST = { vitest: 'vitest', '@vitest/coverage-v8': '@vitest/coverage-v8' };
const SCRIPT = { 'package.json': JSON.stringify({ name: 'watch', type: 'module', scripts: { test: 'vitest run' } }) };
const GOOD = { 'src/tick.ts': 'export const tick = () => 1;\n', 'src/tick.test.ts': "import { expect, test } from 'vitest';\nimport { tick } from './tick.ts';\ntest('ticks', () => { expect(tick()).toBe(1); });\n" };

function error({ outcomes }: GateRun): Extract<CheckOutcome, { status: 'error' }> {
  expect(outcomes).toHaveLength(1);
  const outcome = outcomes[0]?.outcome;
  if (outcome?.status !== 'error') throw new Error(`expected an error: ${JSON.stringify(outcome)}`);
  return outcome;
}

/** Aborts with the reason as soon as the test under check says that it is running, by a file. */
async function abortWhenRunning(project: Project, reason: Failure): Promise<GateRun> {
  const controller = new AbortController();
  const started = path.join(project.root, '..', 'started');
  const watch = setInterval(() => { if (existsSync(started)) controller.abort(reason); }, 20);
  try {
    return await runGate(project, 'test_coverage', { signal: controller.signal, slots: 1 });
  } finally {
    clearInterval(watch);
  }
}

/** What has died, but was not yet reaped by whoever adopted it, is not alive. */
async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,stat=']);
  return stdout.split('\n').some((line) => line.trim().startsWith(`${String(pid)} `) && !line.includes('Z'));
}

it('names the runner that is missing and how to install it', async () => {
  await using project = await makeProject({ ...SCRIPT, ...GOOD });
  expect(error(await runGate(project, 'test_coverage')).failure).toEqual({ reason: 'engine-missing', engine: 'Vitest', install: 'npm install --save-dev vitest' });
});

it('is an error when the configuration throws', async () => {
  await using project = await makeProject({ ...SCRIPT, ...GOOD, 'vitest.config.ts': "throw new Error('no such plugin');\n" }, { packages: VITEST });
  const { failure } = error(await runGate(project, 'test_coverage'));
  expect(failure.reason).toBe('engine-crashed');
  expect(failure.reason === 'engine-crashed' && failure.detail.split('\n')[0]).toBe('Error: no such plugin');
});

it('is an error when the runner dies, with what had finished', async () => {
  await using project = await makeProject({
    'package.json': JSON.stringify({ name: 'watch', scripts: { test: 'mocha' } }),
    'test/tick.js': "it('fails first', () => { throw new Error('early'); });\nit('dies', () => { process.kill(process.pid, 'SIGKILL'); });\n",
  }, { packages: { mocha: 'mocha' } });
  const outcome = error(await runGate(project, 'test_coverage'));
  expect(outcome.failure).toEqual({ reason: 'engine-crashed', engine: 'mocha', detail: 'it was ended by SIGKILL' });
  expect(outcome.findings?.map(({ rule, message }) => `${rule} ${message}`)).toEqual(['test fails first: early']);
});

it('is never a pass when the runner ends badly without a failed test', async () => {
  await using project = await makeProject({
    'package.json': JSON.stringify({ name: 'watch', scripts: { test: 'mocha' } }),
    'test/tick.js': "it('ticks', () => {});\nprocess.on('exit', () => { console.error('bad end'); process.reallyExit(7); });\n",
  }, { packages: { mocha: 'mocha' } });
  expect(error(await runGate(project, 'test_coverage')).failure).toEqual({ reason: 'engine-crashed', engine: 'mocha', detail: 'every test that it reported passed, and yet it ended with exit code 7\nbad end' });
});

/** With one worker the larger file runs first, and is reported before the next is begun. */
const HANGING = {
  ...SCRIPT,
  'src/first.test.ts': `// ${'first '.repeat(1_000)}\nimport { expect, test } from 'vitest';\ntest('fails', () => { expect(1).toBe(2); });\n`,
  'src/hang.test.ts': `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
test('hangs', { timeout: 600_000 }, async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  writeFileSync('../child', String(child.pid));
  writeFileSync('../started', '');
  await new Promise(() => {});
});
`,
};

it('ends a hanging test run at its time limit, children and all, and keeps what had finished', async () => {
  await using project = await makeProject(HANGING, { packages: VITEST });
  const outcome = error(await abortWhenRunning(project, { reason: 'time-limit', limitMs: 500 }));
  expect(outcome.failure).toEqual({ reason: 'time-limit', limitMs: 500 });
  expect(outcome.findings?.map(({ rule, file, line }) => ({ rule, file, line }))).toEqual([{ rule: 'test', file: 'src/first.test.ts', line: 3 }]);
  const child = Number(await readFile(path.join(project.root, '..', 'child'), 'utf8'));
  await expect.poll(() => isAlive(child)).toBe(false);
});

it('stops when it is cancelled', async () => {
  await using project = await makeProject(HANGING, { packages: VITEST });
  expect(error(await abortWhenRunning(project, { reason: 'cancelled', by: 'user' })).failure).toEqual({ reason: 'cancelled', by: 'user' });
});

it('leaves no child of a finished run behind, and is not drowned by its output', async () => {
  await using project = await makeProject({
    ...SCRIPT,
    'src/noisy.test.ts': `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
test('is noisy', () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit', detached: true });
  child.unref();
  writeFileSync('../child', String(child.pid));
  for (let line = 0; line < 40_000; line += 1) process.stdout.write('x'.repeat(500) + '\\n');
});
`,
  }, { packages: VITEST });
  const { outcomes } = await runGate(project, 'test_coverage');
  expect(outcomes.map(({ outcome }) => (outcome.status === 'done' ? outcome.inspected.tests?.map(({ name, status }) => `${name}: ${status}`) : outcome))).toEqual([['is noisy: passed']]);
  const child = Number(await readFile(path.join(project.root, '..', 'child'), 'utf8'));
  await expect.poll(() => isAlive(child)).toBe(false);
});

it('skips where there is nothing to run, and says why', async () => {
  await using none = await makeProject({ 'package.json': '{ "name": "none" }', 'src/tick.ts': GOOD['src/tick.ts'] });
  expect((await runGate(none, 'test_coverage')).plan.cells[0]?.notes).toEqual([{ status: 'skipped', reason: 'no tests found' }]);

  await using docs = await makeProject({ ...SCRIPT, ...GOOD, 'docs/guide.md': '# Guide\n' }, { packages: VITEST });
  const { outcomes } = await runGate(docs, 'test_coverage', { teams: { docs: ['docs/**'] } });
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([{ status: 'skipped', reason: "no test is related to the teams' files" }]);
});

it('notes a test that passed only after a retry', async () => {
  await using project = await makeProject({ ...SCRIPT, 'src/flaky.test.ts': "import { expect, test } from 'vitest';\nlet tries = 0;\ntest('flaky', { retry: 2 }, () => { tries += 1; expect(tries).toBe(2); });\n" }, { packages: VITEST });
  const { outcomes } = await runGate(project, 'test_coverage');
  expect(outcomes.map(({ outcome }) => (outcome.status === 'done' ? outcome.notes : outcome))).toEqual([['flaky: "flaky" passed only after a retry']]);
});
